"""kill -9 of the worker, at any moment, loses nothing and repeats nothing at the portal (SYN-08)."""

from __future__ import annotations

import random

import journey
import pytest
from story import JOURNEY, Caller
from town import Town

ROUNDS = 12
CALLS = 14
"""Calls that one journey makes at the portal; the kill comes after any of them."""


@pytest.fixture(scope="module", autouse=True)
def _slow_portal(town: Town) -> None:
    """So that most kills strike while a call is under way."""
    journey.plan(town, "national_portal", "slow:0.02", times=None)


@pytest.mark.parametrize("number", range(ROUNDS))
def test_a_killed_worker_loses_and_repeats_nothing(town: Town, caller: Caller, number: int) -> None:
    after = random.Random(number).randrange(CALLS)
    code = f"000.00.05.H99-261124-{number:04d}"
    before = journey.received(town)
    journey.send(caller, code)
    journey.until(lambda: journey.received(town), lambda seen: seen >= before + after)
    town.kill("worker")
    town.start_worker()
    view = journey.arrive(caller, code)
    assert view["complete"], view
    assert journey.held(town, code) == (JOURNEY, JOURNEY[1:])
