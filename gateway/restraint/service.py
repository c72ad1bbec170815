"""Let a look-up go or refuse it, and note afterwards whether the register knew whom it was about."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import datetime

from gateway.alarms.model import AlarmService, Occasion
from gateway.domain import Context, Verdict
from gateway.restraint.judge import HOUR, judge, windows
from gateway.restraint.model import Finding, Look, Policy
from gateway.restraint.store import RestraintStore
from gateway.sdk.errors import TooManyRequestsError

MISSES = {Verdict.NOT_FOUND, Verdict.MISMATCH}


class Restraint:
    """Rates and patterns, per officer and per client (POP-07)."""

    def __init__(
        self, store: RestraintStore, alarms: AlarmService, *, policy: Policy, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._alarms = alarms
        self._policy = policy
        self._clock = clock

    async def admit(self, look: Look, *, context: Context) -> bool:
        """Whether the same question was answered with a miss before; `TooManyRequestsError` when it may not go: who
        goes on in spite of it is counted, and nothing leaves."""
        now = self._clock()
        within = windows(look, self._policy, now=now)
        seen = await self._store.admit(look, within, now=now)
        if seen.blocked:
            raise _enumeration()
        finding = judge(look, seen, within, policy=self._policy, now=now)
        if finding is not None:
            await self._hold(look, finding, context)
            raise _refusal(finding)
        return seen.missed_before

    async def note(self, look: Look, verdict: Verdict, *, missed_before: bool) -> None:
        """Remember a miss, or that a question which missed before now fits."""
        missed = verdict in MISSES
        if look.subject is not None and missed != missed_before and verdict is not Verdict.UNDETERMINED:
            hour = windows(look, self._policy, now=self._clock())[HOUR].began_at
            await self._store.missed(look, missed=missed, hour=hour)

    async def _hold(self, look: Look, finding: Finding, context: Context) -> None:
        """The block first: should the alarm fail, the look-ups stay refused."""
        if finding.holds:
            until = self._clock() + self._policy.blocked_for
            await self._store.block(look.tenant, finding.holds, until=until)
        await self._alarms.raise_alarm(_occasion(look, finding), context=context)


def _occasion(look: Look, finding: Finding) -> Occasion:
    """`held`: what `lienthong alarms settle --lift` frees."""
    facts: dict[str, str | int] = {
        "count": finding.count,
        "most": finding.most,
        "officer": look.officer,
        "client": look.client,
        "dossier": look.dossier,
    }
    if finding.holds:
        facts["held"] = " ".join(finding.holds)
    return Occasion(kind=finding.kind, about=finding.about, facts=facts)


def _refusal(finding: Finding) -> TooManyRequestsError:
    if finding.retry_after_s is None:
        return _enumeration()
    minutes = math.ceil(finding.retry_after_s / 60)
    return TooManyRequestsError(
        f"Too many look-ups in this time; ask again in {minutes} minute(s), or as soon as Retry-After says.",
        vi=f"Tra cứu quá nhiều trong khoảng thời gian này; hãy thử lại sau {minutes} phút.",
        retry_after_s=finding.retry_after_s,
    )


def _enumeration() -> TooManyRequestsError:
    return TooManyRequestsError(
        "These look-ups look like a search for people; they are refused until a person has looked at the alarm.",
        vi="Các lượt tra cứu này giống dò tìm thông tin người dân nên bị từ chối cho tới khi người có trách nhiệm "
        "xem xét cảnh báo.",
        what="enumeration",
    )
