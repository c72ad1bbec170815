"""What becomes of a recheck, as pure functions."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rechecks_house import recheck, verification
from services import NOW

from gateway.domain import Verdict
from gateway.exchange.breaker import CIRCUIT_OPEN, NO_ROOM
from gateway.rechecks.course import (
    RecheckPolicy,
    called,
    ended,
    first_due,
    held_back,
    judged,
    never_called,
    not_called,
    unanswered,
)
from gateway.rechecks.model import CallbackState, RecheckState

POLICY = RecheckPolicy()
UNDETERMINED = verification(Verdict.UNDETERMINED, trouble="partner.no_answer")


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.UNDETERMINED])
def test_every_verdict_but_undetermined_ends_it(verdict: Verdict) -> None:
    """POP-05 (part)."""
    after = judged(recheck(), verification(verdict), now=NOW, policy=POLICY)
    assert (after.state, after.tries, after.ended_at, after.due) == (RecheckState.ANSWERED, 1, NOW, None)


def test_no_answer_waits_longer_each_time_and_then_every_hour() -> None:
    waits, now, standing = [], NOW, recheck(due=first_due(NOW, POLICY))
    for _ in range(6):
        assert standing.due is not None
        waits.append((standing.due - now).total_seconds())
        now = standing.due
        standing = judged(standing, UNDETERMINED, now=now, policy=POLICY)
    assert waits == [60, 300, 900, 3600, 3600, 3600]
    assert (standing.state, standing.tries, standing.trouble) == (RecheckState.WAITING, 6, "partner.no_answer")


def test_after_three_days_a_person_decides_and_nothing_is_said_of_the_citizen() -> None:
    """POP-05 (part), POP-10 (part): never a no."""
    last = NOW + timedelta(days=3) - timedelta(minutes=30)
    after = judged(recheck(tries=80), UNDETERMINED, now=last, policy=POLICY)
    assert (after.state, after.ended_at, after.trouble) == (RecheckState.GIVEN_UP, last, "partner.no_answer")


@pytest.mark.parametrize(("said", "wait"), [(None, 300), (30.0, 300), (7200.0, 7200)])
def test_a_system_that_names_its_time_is_given_it(said: float | None, wait: float) -> None:
    after = judged(recheck(), replace(UNDETERMINED, retry_after_s=said), now=NOW, policy=POLICY)
    assert after.due == NOW + timedelta(seconds=wait)


@pytest.mark.parametrize("trouble", [CIRCUIT_OPEN, NO_ROOM])
def test_what_was_kept_back_is_no_try(trouble: str) -> None:
    """By the breaker, or because too many wait already: the system was not asked."""
    kept = verification(Verdict.UNDETERMINED, trouble=trouble, retry_after_s=15.0)
    after = judged(recheck(tries=3), kept, now=NOW, policy=POLICY)
    assert (after.tries, after.due, after.state) == (3, NOW + timedelta(seconds=60), RecheckState.WAITING)


def test_a_limit_of_ours_is_no_try_and_no_answer() -> None:
    after = held_back(recheck(), now=NOW, policy=POLICY, trouble="caller.too_many_requests", wait_s=None)
    assert (after.tries, after.due, after.state) == (0, NOW + timedelta(hours=1), RecheckState.WAITING)


@pytest.mark.parametrize("state", [RecheckState.ANSWERED, RecheckState.GIVEN_UP])
def test_whoever_wants_it_is_called_at_the_end_and_nobody_else(state: RecheckState) -> None:
    wanted = ended(recheck(callback=CallbackState.WAITING), state, now=NOW)
    assert (wanted.callback, wanted.due) == (CallbackState.WAITING, NOW)
    assert ended(recheck(), state, now=NOW).due is None
    withdrawn = ended(recheck(callback=CallbackState.WAITING), RecheckState.WITHDRAWN, now=NOW)
    assert (withdrawn.callback, withdrawn.due) == (CallbackState.NONE, None)


def test_a_callback_is_repeated_until_it_arrives_or_three_days_are_over() -> None:
    standing = ended(recheck(callback=CallbackState.WAITING), RecheckState.ANSWERED, now=NOW)
    waits, now = [], NOW
    while standing.due is not None:
        waits.append((standing.due - now).total_seconds())
        now = standing.due
        standing = not_called(standing, now=now, policy=POLICY, trouble="partner.callback_refused")
    assert waits[:7] == [0, 5, 30, 300, 1800, 3600, 3600]
    assert standing.callback is CallbackState.GIVEN_UP
    assert timedelta(days=3) - timedelta(hours=1) < now - NOW <= timedelta(days=3)
    assert standing.state is RecheckState.ANSWERED


def test_a_receiver_that_names_its_time_is_given_it() -> None:
    standing = ended(recheck(callback=CallbackState.WAITING), RecheckState.ANSWERED, now=NOW)
    later = not_called(standing, now=NOW, policy=POLICY, trouble="x", wait_s=600.0)
    assert later.due == NOW + timedelta(seconds=600)


def test_what_arrived_or_is_hopeless_is_over() -> None:
    standing = ended(recheck(callback=CallbackState.WAITING), RecheckState.ANSWERED, now=NOW)
    assert (called(standing).callback, called(standing).due) == (CallbackState.DELIVERED, None)
    hopeless = never_called(standing, trouble="caller.not_allowed")
    assert (hopeless.callback, hopeless.due) == (CallbackState.GIVEN_UP, None)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    ladder=st.lists(st.floats(0.1, 100_000), min_size=1, max_size=6).map(tuple),
    longest=st.floats(1, 1_000_000),
    waits=st.lists(st.one_of(st.none(), st.floats(0, 90_000)), max_size=40),
)
def test_whatever_the_ladder_it_ends_in_time_and_never_in_an_answer(
    ladder: tuple[float, ...], longest: float, waits: list[float | None]
) -> None:
    """POP-05 (part)."""
    policy = RecheckPolicy(ladder_s=ladder, give_up_after_s=longest)
    standing, now = recheck(due=first_due(NOW, policy)), NOW
    for number in range(2_000):
        if standing.state is not RecheckState.WAITING:
            break
        assert standing.due is not None
        assert number == 0 or standing.due <= NOW + timedelta(seconds=longest + 1)
        now = max(now, standing.due)
        wait_s = waits[number] if number < len(waits) else None
        match number % 3:
            case 0:
                standing = judged(standing, replace(UNDETERMINED, retry_after_s=wait_s), now=now, policy=policy)
            case 1:
                standing = unanswered(standing, now=now, policy=policy, trouble="ours.unexpected")
            case 2:
                standing = held_back(standing, now=now, policy=policy, trouble="caller.x", wait_s=wait_s)
    assert standing.state in {RecheckState.WAITING, RecheckState.GIVEN_UP}
    assert (standing.state is RecheckState.GIVEN_UP) == (standing.ended_at is not None)
