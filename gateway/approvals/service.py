"""Ask, decide, use. Each step is durable before it is a leaf, and a leaf before it is told."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import orjson

from gateway.alarms.model import AlarmService, Occasion
from gateway.approvals.model import ACTS, RIGHT_FOR, Approval, ApprovalState
from gateway.approvals.store import ApprovalStore, Decision
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import DossierCode
from gateway.observability import own_context
from gateway.operators.model import Operator, Right
from gateway.sdk.errors import ConflictError, NotAllowedError, NotFoundError, UnprocessableError

WAITING = "approval_waiting"
PERSONAL = re.compile(r"(?<![0-9A-Za-z])(?:[0-9]{12}|[0-9]{9}|0[35789][0-9]{8})(?![0-9A-Za-z])")
"""What looks like a personal number, an old identity card or a mobile telephone."""
SPACED = re.compile(r"(?<=[0-9])[ .-](?=[0-9])")
MOST_PARAMETERS = 20
LONGEST = 300
OWN_FACTS = {"act", "expires_at"}


def may_be_personal(text: str) -> bool:
    """Whether some of it looks like one of those, also with blanks, dots or dashes; a dossier's code does not."""
    if DossierCode.PATTERN.fullmatch(text):
        return False
    return PERSONAL.search(text) is not None or PERSONAL.search(SPACED.sub("", text)) is not None


class FourEyes:
    """Implements `Approvals`."""

    def __init__(
        self,
        store: ApprovalStore,
        *,
        recorder: Recorder,
        alarms: AlarmService,
        clock: Callable[[], datetime],
        lasts: timedelta = timedelta(hours=24),
        enrolled_by: Callable[[str, str], Awaitable[str]],
    ) -> None:
        """`enrolled_by` tells, of (tenant, login), the actor who made and saw their second factor."""
        self._enrolled_by = enrolled_by
        self._store = store
        self._recorder = recorder
        self._alarms = alarms
        self._clock = clock
        self._lasts = lasts

    async def ask(self, act: str, parameters: Mapping[str, str | int], *, reason: str, by: Operator) -> Approval:
        _check(act, parameters, reason=reason)
        _needs(by, RIGHT_FOR[act])
        now = self._clock()
        approval = Approval(
            id=secrets.token_hex(10).upper(),
            tenant=by.tenant,
            act=act,
            parameters=dict(parameters),
            reason=reason.strip(),
            asked_by=by.login,
            asked_at=now,
            expires_at=now + self._lasts,
        )
        await self._store.add(approval, digest=digest_of(act, parameters))
        await self._record("ask_approval", approval, by=by, bodies={"reason": approval.reason.encode()})
        occasion = Occasion(kind=WAITING, about=f"approval:{approval.id}", facts={"act": act})
        await self._alarms.raise_alarm(occasion, context=replace(own_context(by.tenant), actor=by.actor))
        return approval

    async def decide(self, approval_id: str, *, allow: bool, by: Operator) -> Approval:
        _needs(by, Right.APPROVE)
        found = await self._store.find(by.tenant, approval_id)
        if found is None:
            raise NotFoundError("There is no such request for approval.", vi="Không có đề nghị phê duyệt này.")
        if found.asked_by == by.login:
            raise NotAllowedError(
                "Nobody decides what they asked for themselves.",
                vi="Người đề nghị không được tự phê duyệt.",
                what="own_request",
            )
        await self._refuse_one_for_both(found, by)
        state = ApprovalState.ALLOWED if allow else ApprovalState.REFUSED
        decided = await self._store.decide(by.tenant, approval_id, Decision(state=state, by=by.login, at=self._clock()))
        if decided is None:
            raise ConflictError(
                "It was decided before, or its time is over.",
                vi="Đề nghị này đã được quyết định hoặc đã hết hạn.",
                what="approval_over",
            )
        await self._record("decide_approval", decided, by=by)
        await self._settle(decided, by=by)
        return decided

    async def _refuse_one_for_both(self, approval: Approval, by: Operator) -> None:
        """Whoever made the other's second factor could be both."""
        maker_of_asker = await self._enrolled_by(by.tenant, approval.asked_by)
        maker_of_decider = await self._enrolled_by(by.tenant, by.login)
        if maker_of_asker == by.actor or maker_of_decider == f"operator:{approval.asked_by}":
            raise NotAllowedError(
                "One of the two made the other's second factor; somebody else decides.",
                vi="Một trong hai người đã cấp yếu tố xác thực thứ hai cho người kia; cần người khác phê duyệt.",
                what="own_request",
            )

    async def use(self, act: str, parameters: Mapping[str, str | int], *, by: Operator) -> Approval:
        """It is spent even if what it was for fails afterwards: then another one is needed."""
        _check(act, parameters)
        _needs(by, RIGHT_FOR[act])
        used = await self._store.use(by.tenant, digest_of(act, parameters), by=by.login, now=self._clock())
        if used is None:
            words = " ".join(f"--with {name}={value}" for name, value in sorted(parameters.items()))
            asking = f"lienthong approvals ask {act} {words} --reason …"
            raise NotAllowedError(
                f"This takes an approval for exactly this. Ask: {asking}; when another operator has allowed it, "
                "do this again.",
                vi=f"Việc này cần người khác phê duyệt đúng nội dung này: {asking}; khi đã được phê duyệt, làm lại.",
                what="needs_approval",
            )
        await self._record("use_approval", used, by=by)
        return used

    async def waiting(self, tenant: str) -> Sequence[Approval]:
        return await self._store.waiting(tenant, now=self._clock())

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Approval]:
        """All, newest first; what was not decided or not used in time is over."""
        return [self._seen(approval) for approval in await self._store.listed(tenant, limit=limit)]

    def _seen(self, approval: Approval) -> Approval:
        open_still = approval.state in {ApprovalState.ASKED, ApprovalState.ALLOWED}
        over = open_still and approval.expires_at <= self._clock()
        return replace(approval, state=ApprovalState.EXPIRED) if over else approval

    async def _settle(self, approval: Approval, *, by: Operator) -> None:
        """Whoever decides has looked at the alarm that it waited."""
        for alarm in await self._alarms.listed(approval.tenant, everything=False, limit=500):
            if (alarm.occasion.kind, alarm.occasion.about) == (WAITING, f"approval:{approval.id}"):
                await self._alarms.settle(approval.tenant, alarm.id, by=by.login, reason=approval.state.value)

    async def _record(
        self, operation: str, approval: Approval, *, by: Operator, bodies: Mapping[str, bytes] | None = None
    ) -> None:
        facts = {**approval.parameters, "act": approval.act, "expires_at": approval.expires_at.isoformat()}
        entry = Entry(
            kind=EntryKind.ADMIN,
            tenant=approval.tenant,
            actor=by.actor,
            operation=operation,
            outcome=approval.state.value,
            occurred_at=self._clock(),
            trace_id=own_context(approval.tenant).trace_id,
            reference=f"approval:{approval.id}",
            facts=facts,
            bodies=bodies or {},
        )
        await self._recorder.record(entry)


def digest_of(act: str, parameters: Mapping[str, str | int]) -> bytes:
    """SHA-256 of the canonical JSON: the same act with anything else is another one."""
    return hashlib.sha256(orjson.dumps([act, dict(parameters)], option=orjson.OPT_SORT_KEYS)).digest()


def _check(act: str, parameters: Mapping[str, str | int], *, reason: str = "-") -> None:
    if act not in ACTS:
        raise UnprocessableError("There is no such act to ask for.", vi="Không có loại việc này.", what="approval_act")
    fits = len(parameters) <= MOST_PARAMETERS and all(
        re.fullmatch(r"[a-z][a-z0-9_]{0,39}", name) and name not in OWN_FACTS and len(str(value)) <= LONGEST
        for name, value in parameters.items()
    )
    if not fits:
        raise UnprocessableError(
            "The parameters of an approval are few, short, and named in small letters.",
            vi="Tham số của đề nghị phê duyệt phải ít, ngắn, tên chỉ gồm chữ thường.",
            what="approval_parameters",
        )
    if any(PERSONAL.search(SPACED.sub("", str(value))) or PERSONAL.search(str(value)) for value in parameters.values()):
        raise UnprocessableError(
            "A parameter looks like a personal number; name a request or a digest instead.",
            vi="Tham số giống số định danh cá nhân; hãy nêu mã đề nghị hoặc giá trị băm.",
            what="approval_personal",
        )
    if not reason.strip():
        raise UnprocessableError("Say why.", vi="Phải ghi lý do.", what="reason_missing")


def _needs(by: Operator, right: Right) -> None:
    if right not in by.rights:
        raise NotAllowedError(f"This takes the right {right}.", vi=f"Cần có quyền {right}.", what="right")
