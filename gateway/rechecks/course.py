"""What becomes of a recheck, as pure functions: each takes it as it stands and returns it as it stands next.

waiting ──verdict──► answered          waiting ──no answer──► waiting (later) ──too long──► given_up
   └──the client, or it lost its right──► withdrawn            answered · given_up ──► the callback, until it arrives
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.domain import Verdict
from gateway.lookups.model import Verification
from gateway.rechecks.model import CallbackState, Recheck, RecheckState
from gateway.sdk.errors import NOT_TRIED

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RecheckPolicy:
    """When and how many. A ladder is the wait before the first, second … try; its last step repeats. Seconds."""

    ladder_s: tuple[float, ...] = (60.0, 300.0, 900.0, 3600.0)
    give_up_after_s: float = 3 * DAY_S
    callback_ladder_s: tuple[float, ...] = (5.0, 30.0, 300.0, 1800.0, 3600.0)
    callback_give_up_after_s: float = 3 * DAY_S
    at_once: int = 4
    """Rechecks of one operation that one worker asks at a time."""
    callbacks_at_once: int = 4
    lease_s: float = 120.0
    poll_s: float = 1.0


def first_due(now: datetime, policy: RecheckPolicy) -> datetime:
    """The client has just been told `undetermined`: there is no use in asking at once."""
    return now + timedelta(seconds=policy.ladder_s[0])


def judged(recheck: Recheck, found: Verification, *, now: datetime, policy: RecheckPolicy) -> Recheck:
    """After a look-up that said something. Every verdict but `undetermined` is an answer, whatever it says."""
    if found.verdict is not Verdict.UNDETERMINED:
        return ended(replace(recheck, tries=recheck.tries + 1), RecheckState.ANSWERED, now=now)
    if found.trouble in NOT_TRIED:
        wait_s = max(policy.ladder_s[0], found.retry_after_s or 0.0)  # either is for seconds
        return held_back(recheck, now=now, policy=policy, trouble=found.trouble, wait_s=wait_s)
    tried = replace(recheck, tries=recheck.tries + 1)
    wait_s = max(_step(policy.ladder_s, tried.tries), found.retry_after_s or 0.0)
    return _later(tried, wait_s, now=now, policy=policy, trouble=found.trouble)


def unanswered(recheck: Recheck, *, now: datetime, policy: RecheckPolicy, trouble: str) -> Recheck:
    """After a try that ended in an error of ours or of an operator."""
    tried = replace(recheck, tries=recheck.tries + 1)
    return _later(tried, _step(policy.ladder_s, tried.tries), now=now, policy=policy, trouble=trouble)


def held_back(recheck: Recheck, *, now: datetime, policy: RecheckPolicy, trouble: str, wait_s: float | None) -> Recheck:
    """Nobody was asked: it counts as no try, and only time moves on. Whoever was told no time waits the longest."""
    return _later(recheck, wait_s or policy.ladder_s[-1], now=now, policy=policy, trouble=trouble)


def ended(recheck: Recheck, state: RecheckState, *, now: datetime, trouble: str = "") -> Recheck:
    """It is over. Whoever wanted a callback is called next; nobody is called about what was withdrawn,
    and nothing of it is kept (PDP-11)."""
    if state is RecheckState.WITHDRAWN:
        recheck = replace(recheck, callback=CallbackState.NONE, erased_at=now)
    callback = recheck.callback
    due = now if callback is CallbackState.WAITING else None
    return replace(recheck, state=state, trouble=trouble, ended_at=now, due=due, callback=callback)


def called(recheck: Recheck) -> Recheck:
    """The receiver said 2xx."""
    tries = recheck.callback_tries + 1
    return replace(recheck, callback=CallbackState.DELIVERED, callback_tries=tries, callback_trouble="", due=None)


def not_called(
    recheck: Recheck, *, now: datetime, policy: RecheckPolicy, trouble: str, wait_s: float | None = None
) -> Recheck:
    """The receiver did not say 2xx: later again, until it has been too long."""
    tries = recheck.callback_tries + 1
    due = now + timedelta(seconds=max(_step(policy.callback_ladder_s, tries - 1), wait_s or 0.0))
    tried = replace(recheck, callback_tries=tries, callback_trouble=trouble, due=due)
    last = (recheck.ended_at or recheck.created_at) + timedelta(seconds=policy.callback_give_up_after_s)
    return tried if due <= last else never_called(tried, trouble=trouble)


def never_called(recheck: Recheck, *, trouble: str) -> Recheck:
    """The result stays where it can be read."""
    return replace(recheck, callback=CallbackState.GIVEN_UP, callback_trouble=trouble, due=None)


def _later(recheck: Recheck, wait_s: float, *, now: datetime, policy: RecheckPolicy, trouble: str) -> Recheck:
    """Waiting again, or given up for a person when the next try would come too late. Never an answer."""
    due = now + timedelta(seconds=wait_s)
    if due > recheck.created_at + timedelta(seconds=policy.give_up_after_s):
        return ended(recheck, RecheckState.GIVEN_UP, now=now, trouble=trouble)
    return replace(recheck, due=due, trouble=trouble)


def _step(ladder: tuple[float, ...], number: int) -> float:
    return ladder[min(number, len(ladder) - 1)]
