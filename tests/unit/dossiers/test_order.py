"""Steps that arrive in another order than they happened in, and the axes that never change one another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from services import CONTEXT, Clock, ListedOutbox, ScriptedExchange, atomically, take_step

from gateway.delivery.model import StreamKey, StreamState, StreamView
from gateway.domain import STATUSES, DossierStatus, check_transition
from gateway.dossiers.axes import digitisation_of, sync_of
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.model import Place, Taken
from gateway.dossiers.order import by_occurrence, judge
from gateway.dossiers.service import Dossiers
from gateway.dossiers.store import EventRecord
from gateway.sdk.errors import ConflictError, UnprocessableError

CODE = "000.00.05.H99-261120-0007"
JOURNEY = (2, 4, 5, 4, 9, 10)


def step(number: int, status: int, *, hour: int | None = None, after: str = "") -> dict[str, Any]:
    event = {
        "event_id": f"e{number}",
        "status": status,
        "at": f"2026-11-20T{hour if hour is not None else 8 + number:02}:00:00+07:00",
        "content": "Bước xử lý",
    }
    return {**event, "after": after} if after else event


class House:
    def __init__(self, payment: str = "opened") -> None:
        self.store, self.outbox = MemoryDossiers(), ListedOutbox()

        async def payment_state(tenant: str, code: str) -> str:
            return payment

        self.service = Dossiers(
            self.store,
            self.outbox,  # type: ignore[arg-type]
            exchange=ScriptedExchange(),  # type: ignore[arg-type]
            atomically=atomically,
            clock=Clock(),
            payment_state=payment_state,
        )

    async def begin(self, status: int = 1, **more: Any) -> House:
        await self.service.put(CODE, {"status": status, **more}, context=CONTEXT)
        self.outbox.drafts.clear()
        return self

    async def tell(self, *steps: dict[str, Any]) -> list[Any]:
        return [await take_step(self.service, CODE, event, context=CONTEXT) for event in steps]

    @property
    def record(self) -> Any:
        return self.store.records["H99", CODE]

    @property
    def sent(self) -> list[tuple[str, Any]]:
        return [(draft.operation, draft.body.get("event_id")) for draft in self.outbox.drafts]


CHAIN = [step(n, status, after=f"e{n - 1}" if n > 1 else "") for n, status in enumerate(JOURNEY, 1)]


@pytest.mark.parametrize("order", list(itertools.permutations(range(6))))
async def test_whatever_the_order_a_chain_ends_in_the_same_state(order: Sequence[int]) -> None:
    """STA-04. Nothing is refused, nothing is lost, and the portal is told in the order in which it happened."""
    house = await House().begin()
    await house.tell(*(CHAIN[index] for index in order))
    assert house.record.status is DossierStatus.RETURNED
    assert house.record.document["processed_at"] == CHAIN[4]["at"]
    assert [event.event_id for event in await house.store.events("H99", CODE)] == [f"e{n}" for n in range(1, 7)]
    assert [event_id for operation, event_id in house.sent if operation == "report_progress"] == [
        f"e{n}" for n in range(1, 7)
    ]
    assert await house.store.parked("H99") == []


@pytest.mark.parametrize("current", DossierStatus)
@pytest.mark.parametrize("new", DossierStatus)
def test_every_pair_of_statuses_is_applied_or_refused_with_a_reason(current: DossierStatus, new: DossierStatus) -> None:
    """STA-03: all 100 pairs, against the table; a refusal says what would be allowed."""
    event = EventRecord(event_id="e", status=new, occurred_at=datetime(2026, 11, 20, tzinfo=UTC), document={})
    judgement = judge(current, event, after="", history=[])
    allowed = int(new) in STATUSES[current].next or (new is current and bool(STATUSES[current].next))
    assert judgement.place is (Place.APPLIED if allowed else None)
    assert allowed or (str(int(new)) in judgement.why and "Được phép" in judgement.why_vi)


async def test_a_refused_step_leaves_no_trace() -> None:
    """STA-03."""
    house = await House().begin()
    with pytest.raises(UnprocessableError):
        await house.tell(step(1, 10))
    assert (house.sent, await house.store.parked("H99"), house.record.version) == ([], [], 1)


async def test_an_older_step_that_fits_is_recorded_and_reported_but_moves_nothing() -> None:
    """STA-04: never applied backwards."""
    house = await House().begin()
    await house.tell(step(1, 2, hour=8), step(3, 9, hour=12))
    house.outbox.drafts.clear()
    (taken,) = await house.tell(step(2, 4, hour=10))
    assert (taken.place, taken.status, taken.version) == ("late", DossierStatus.PROCESSED, 4)
    assert "trạng thái giữ nguyên" in taken.why_vi
    assert house.record.document["status"] == 9
    assert house.sent == [("report_progress", "e2")]
    events = await house.service.events(CODE, context=CONTEXT)
    assert [(event.event_id, event.place) for event in events] == [
        ("e1", "applied"),
        ("e2", "late"),
        ("e3", "applied"),
    ]


async def test_an_older_step_that_does_not_fit_is_parked_until_a_later_one_makes_room() -> None:
    """STA-04: reconciled and explained. 5 cannot follow 2, until the 4 between them is told."""
    house = await House().begin()
    await house.tell(step(1, 2, hour=8), step(4, 4, hour=14))
    house.outbox.drafts.clear()
    (parked,) = await house.tell(step(3, 5, hour=12))
    assert (parked.place, parked.status) == ("parked", DossierStatus.IN_PROCESS)
    assert "không khớp vị trí" in parked.why_vi
    assert house.sent == []
    assert (await house.service.axes(CODE, context=CONTEXT)).parked == 1
    await house.tell(step(2, 4, hour=10))
    assert await house.store.parked("H99") == []
    assert house.sent == [("report_progress", "e2"), ("report_progress", "e3")]
    assert house.record.status is DossierStatus.IN_PROCESS


async def test_steps_of_one_moment_that_waited_follow_in_the_order_in_which_they_were_told_together() -> None:
    """Whatever they are called: a step that waits has a moment of its own."""
    house = await House().begin()
    waiting = [(CODE, step(number, 2, hour=9, after="e1")) for number in (4, 2, 3)]
    told = await house.service.add_events(waiting, context=CONTEXT)
    assert [taken.place for taken in told if isinstance(taken, Taken)] == [Place.PARKED] * 3
    await house.tell(step(1, 2, hour=8))
    assert [name for operation, name in house.sent if operation == "report_progress"] == ["e1", "e4", "e2", "e3"]


async def test_a_parked_step_told_again_is_answered_the_same() -> None:
    """SYN-08."""
    house = await House().begin()
    first = await house.tell(CHAIN[2])
    assert await house.tell(CHAIN[2]) == first
    assert first[0].place == "parked"
    with pytest.raises(ConflictError):
        await house.tell({**CHAIN[2], "status": 9})


async def test_a_chain_whose_next_step_is_illegal_keeps_it_parked_and_says_why() -> None:
    house = await House().begin()
    await house.tell(step(2, 10, after="e1"), step(1, 2))
    (waiting,) = await house.store.parked("H99")
    assert (waiting.why_code, waiting.event.event_id) == ("illegal_transition", "e2")
    assert "Được phép" in waiting.why_vi
    assert house.record.status is DossierStatus.ACCEPTED


async def test_a_dismissed_step_never_comes_back() -> None:
    house = await House().begin()
    await house.tell(CHAIN[1])
    assert await house.store.settle("H99", CODE, "e2", settled_as="dismissed", now=datetime.now(UTC))
    assert not await house.store.settle("H99", CODE, "e2", settled_as="dismissed", now=datetime.now(UTC))
    await house.tell(CHAIN[0])
    assert house.record.status is DossierStatus.ACCEPTED


def test_steps_of_one_moment_stand_in_the_order_in_which_they_were_told() -> None:
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    events = [
        EventRecord(
            event_id=f"e{version}", status=DossierStatus.IN_PROCESS, occurred_at=moment, document={}, version=version
        )
        for version in (3, 2)
    ]
    assert [event.event_id for event in by_occurrence(events)] == ["e2", "e3"]


def view(state: StreamState, head: int, tail: int) -> StreamView:
    return StreamView(
        stream=StreamKey(tenant="H99", target="portal", key=CODE),
        state=state,
        head=head,
        tail=tail,
        attempts=3,
        unsettled=True,
        next_attempt_at=None,
        acknowledged_at=None,
        trouble=None,
    )


async def test_a_copy_that_fails_never_changes_the_business_status() -> None:
    """STA-05: each axis on its own."""
    house = await House("failed").begin(2, components=[{"digitised": True}, {"reused": "result"}])
    house.outbox.views = views  # type: ignore[method-assign]
    axes = await house.service.axes(CODE, context=CONTEXT)
    assert (axes.status, axes.payment, axes.digitisation, axes.delivery, axes.sync) == (
        DossierStatus.ACCEPTED,
        "failed",
        "reused_result",
        "not_ready",
        "held",
    )


async def views(tenant: str, key: str, *, now: datetime) -> list[StreamView]:
    return [view(StreamState.HELD, 0, 4)]


@pytest.mark.parametrize(
    ("streams", "sync"),
    [
        ([], "none"),
        ([view(StreamState.IDLE, 2, 2)], "complete"),
        ([view(StreamState.IDLE, 2, 2), view(StreamState.WAITING, 1, 2)], "under_way"),
        ([view(StreamState.IDLE, 2, 2), view(StreamState.HELD, 1, 2)], "held"),
    ],
)
def test_sync_is_complete_only_when_every_target_said_so(streams: list[StreamView], sync: str) -> None:
    assert sync_of(streams) == sync


@pytest.mark.parametrize(
    ("document", "furthest"),
    [
        ({}, "none"),
        ({"digitised": True}, "digitised"),
        ({"components": [{"reused": "no", "digitised": False}]}, "none"),
        ({"components": [{"reused": "component"}, {"digitised": True}]}, "reused"),
    ],
)
def test_the_furthest_paper_says_how_far_digitisation_is(document: dict[str, Any], furthest: str) -> None:
    assert digitisation_of(document) == furthest


async def test_a_shuffled_stream_without_links_never_ends_behind_its_newest_step() -> None:
    """STA-04: each refusal is told, and what is told again in the end is all there."""
    for order in itertools.permutations(range(5)):
        house = await House().begin()
        left = [step(n, status) for n, status in enumerate(JOURNEY, 1) if n != 6]
        left = [left[index] for index in order]
        while left:
            refused = []
            for event in left:
                try:
                    await house.tell(event)
                except UnprocessableError:
                    refused.append(event)
            assert len(refused) < len(left), order
            left = refused
        assert house.record.status is DossierStatus.PROCESSED
        assert check_transition(house.record.status, DossierStatus.RETURNED).allowed
        assert house.record.last_event_at == datetime(2026, 11, 20, 6, tzinfo=UTC)
        assert house.record.last_event_at - timedelta(hours=4) == datetime(2026, 11, 20, 2, tzinfo=UTC)
