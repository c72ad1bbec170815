"""What a card says in words, and what it says to do next."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.console.states import STATES, WHYS, many, next_step, summary
from gateway.console.view import share, texts
from gateway.delivery.model import Lane
from gateway.traffic.board import MOST, Card, View
from gateway.traffic.model import Tally
from gateway.traffic.state import State, Why

NOW = datetime(2026, 11, 27, 3, tzinfo=UTC)
CARD = Card(
    system="population",
    title="Population",
    title_vi="Dân cư",
    state=State.OPEN,
    why=Why.WELL,
    quarter=Tally(),
    ways=(),
    lane=None,
    round=None,
    discrepancies=0,
    alarms=0,
)
LANE = Lane(target="population", waiting=1, claimed=0, held=2, messages=3, oldest=NOW, paused=False, rate=None)


def test_every_state_and_every_reason_has_words() -> None:
    assert set(STATES) == set(State)
    assert set(WHYS) == set(Why)
    assert STATES[State.UNKNOWN][2] != "good"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({}, ""),
        ({"state": State.PAUSED, "lane": LANE}, "/console/delivery"),
        ({"state": State.MAINTENANCE}, "/console/maintenance"),
        ({"state": State.BROKEN, "alarms": 3}, "/console/diagnostics"),
        ({"state": State.SLOW, "lane": LANE}, "/console/delivery/held?target=population"),
        ({"state": State.SLOW}, "/console/transactions?system=population&fault=partner_technical"),
        ({"alarms": 1, "discrepancies": 1}, "/console/alarms"),
        ({"discrepancies": 1}, "/console/discrepancies"),
        ({"agreement_end": (NOW + timedelta(days=30)).date()}, "/console/agreements"),
        ({"agreement_end": (NOW + timedelta(days=32)).date()}, ""),
        ({"certificate_end": NOW + timedelta(days=29)}, "/console/diagnostics"),
        ({"certificate_end": NOW + timedelta(days=31)}, ""),
        ({"state": State.UNKNOWN}, "/console/diagnostics"),
    ],
)
def test_the_most_urgent_thing_comes_first(change: dict[str, Any], path: str) -> None:
    assert next_step(replace(CARD, **change), NOW).path == path


def test_the_summary_counts_and_says_nothing_that_changes_all_the_time() -> None:
    view = View(at=NOW, cards=[CARD, replace(CARD, state=State.BROKEN)], alarms=0, counted_at=NOW)
    assert summary(view, texts("vi")) == "Hệ thống quốc gia: 2. Hoạt động: 1; Mất kết nối: 1."


@pytest.mark.parametrize(
    ("counted", "fresh"), [(None, False), (NOW - timedelta(minutes=2), True), (NOW - timedelta(minutes=3), False)]
)
def test_figures_are_of_now_only_if_somebody_counts(counted: datetime | None, fresh: bool) -> None:
    assert View(at=NOW, cards=[], alarms=0, counted_at=counted).is_fresh is fresh


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"),
        (1, "100,0 %"),
        (0.9999, "99,9 %"),
        (0.5, "50,0 %"),
        (0.00001, "0,1 %"),
        (0, "0,0 %"),
    ],
)
def test_a_share_is_whole_only_if_it_is(value: float | None, shown: str) -> None:
    assert share(value) == shown


def test_more_than_is_counted_is_said_to_be_more() -> None:
    assert many(MOST, texts("vi")) == "100"
    assert many(MOST + 1, texts("vi")) == "hơn 100"
