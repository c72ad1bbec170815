"""Requests of persons and breaches: clocks by the law, each step once and with words, alarms before and after."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from privacy_house import MINE, OFFICER
from services import NOW, Clock, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.domain import VIETNAM
from gateway.operators.model import Operator
from gateway.privacy.breaches import Breaches
from gateway.privacy.clocks import Law
from gateway.privacy.memory import MemoryBreaches, MemoryRequests
from gateway.privacy.model import Erased, Opening, Person, RequestKind, RequestState, StartPoint
from gateway.privacy.nightly import PrivacyWatch
from gateway.privacy.requests import PersonRequests
from gateway.rules.packs import load_calendar, load_packs
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError

LAW = Law(calendar=load_calendar(), packs=load_packs())
PERSON = Person(number=MINE, name="Nguyễn Văn Mẫu", words="xin biết ai đã xem")
STEP: dict[str, Any] = {"by": "operator:baove.mau", "reason": "đã xem hồ sơ"}
OPENING = Opening(
    from_at=NOW - timedelta(hours=10),
    to_at=NOW - timedelta(hours=9),
    discovered_at=NOW - timedelta(hours=1),
    counts_from=StartPoint.HAPPENED,
    words="khoá bị lộ",
)


class ListedErasure:
    """Erases as the test says."""

    def __init__(self) -> None:
        self.result = Erased(erased=2)
        self.asked: list[tuple[str, bytes, str]] = []

    async def erase(self, tenant: str, subject: bytes, *, reference: str, by: Operator) -> Erased:
        self.asked.append((tenant, subject, reference))
        return self.result


class House:
    def __init__(self) -> None:
        self.clock, self.erasure = Clock(), ListedErasure()
        self.store, self.register, self.alarms = MemoryRequests(), MemoryBreaches(), MemoryAlarms()
        self.requests = PersonRequests(self.store, subject=_subject, erasure=self.erasure, law=LAW, clock=self.clock)
        self.breaches = Breaches(self.register, law=LAW, clock=self.clock)
        raising = Alarms(self.alarms, recorder=ListedRecorder(), clock=self.clock)
        self.watch = PrivacyWatch(self.store, self.register, raising, tenant="H99", clock=self.clock)

    async def receive(self, kind: RequestKind = RequestKind.ACCESS, **more: Any) -> int:
        return (await self.requests.receive(kind, PERSON, by="a", tenant="H99", **more)).id

    @property
    def told(self) -> list[str]:
        return [alarm.occasion.kind for _, alarm in self.alarms.kept]


def _subject(tenant: str, number: str) -> bytes:
    return f"{tenant}/{number}".encode()


@pytest.fixture
def house() -> House:
    return House()


@pytest.mark.parametrize(
    ("received", "answer", "done", "with_others"),
    [
        ("2026-11-23T09:00", "2026-11-25T17:00", "2026-12-08", "2026-12-13"),
        ("2026-11-27T16:30", "2026-12-01T17:00", "2026-12-12", "2026-12-17"),
    ],
)
def test_answered_in_two_working_days_and_done_in_fifteen_or_twenty(
    received: str, answer: str, done: str, with_others: str
) -> None:
    """PDP-08 (part)"""
    at = datetime.fromisoformat(received).replace(tzinfo=VIETNAM)
    assert LAW.answer_due(at) == datetime.fromisoformat(answer).replace(tzinfo=VIETNAM)
    assert LAW.done_due(at, third_party=False).date().isoformat() == done
    assert LAW.done_due(at, third_party=True).date().isoformat() == with_others


async def test_a_request_goes_its_way_and_the_person_is_known_by_digest_alone(house: House) -> None:
    """PDP-08"""
    number = await house.receive(RequestKind.RESTRICT)
    held = await house.requests.find("H99", number)
    assert (held.subject, MINE in repr(held)) == (_subject("H99", MINE), False)
    assert (await house.requests.person("H99", number)).number == MINE
    answered = await house.requests.answer("H99", number, **STEP)
    assert (answered.state, answered.handled_by) == (RequestState.ANSWERED, STEP["by"])
    extended = await house.requests.extend("H99", number, by="b", reason="chờ cơ quan khác")
    assert extended.done_due > held.done_due
    with pytest.raises(ConflictError):
        await house.requests.extend("H99", number, by="b", reason="lần nữa")
    done = await house.requests.finish("H99", number, **{**STEP, "by": OFFICER})
    assert (done.state, house.erasure.asked) == (RequestState.DONE, [])
    assert await house.requests.listed("H99", everything=False, limit=9) == []


async def test_each_step_takes_words_and_a_request_that_is_there(house: House) -> None:
    number = await house.receive()
    steps: list[tuple[Any, Any]] = [(house.requests.finish, OFFICER)]
    steps += [(step, "a") for step in (house.requests.answer, house.requests.extend, house.requests.refuse)]
    for step, by in steps:
        with pytest.raises(UnprocessableError):
            await step("H99", number, by=by, reason=" ")
        with pytest.raises(NotFoundError):
            await step("H99", 99, by=by, reason="x")
    with pytest.raises(NotFoundError):
        await house.requests.person("H99", 99)
    await house.requests.refuse("H99", number, by="a", reason="không phải dữ liệu của người này")
    with pytest.raises(ConflictError):
        await house.requests.finish("H99", number, by=OFFICER, reason="x")


async def test_an_erasure_erases_what_nothing_holds(house: House) -> None:
    """PDP-11 (part)"""
    number = await house.receive(RequestKind.ERASE)
    done = await house.requests.finish("H99", number, **{**STEP, "by": OFFICER})
    assert (done.state, done.erased) == (RequestState.DONE, 2)
    assert house.erasure.asked == [("H99", _subject("H99", MINE), f"data_request:{number}")]


async def test_what_the_law_keeps_makes_an_erasure_a_refusal_with_its_reason(house: House) -> None:
    """PDP-11 (part): a legal hold and a statutory term come first."""
    house.erasure.result = Erased(erased=0, held=1, kept=3, kept_reason="hồ sơ phải lưu 365 ngày")
    number = await house.receive(RequestKind.ERASE)
    done = await house.requests.finish("H99", number, **{**STEP, "by": OFFICER})
    assert (done.state, done.held, done.kept) == (RequestState.REFUSED, 1, 3)
    assert "365 ngày" in done.reason


async def test_somebody_is_told_a_day_ahead_and_when_it_is_late(house: House) -> None:
    """PDP-08 (part)"""
    number = await house.receive()
    held = await house.requests.find("H99", number)
    assert await house.watch.look() == 0
    house.clock.now = held.answer_due - timedelta(hours=5)
    await house.watch.look()
    house.clock.now = held.answer_due + timedelta(hours=1)
    await house.watch.look()
    await house.requests.answer("H99", number, **STEP)
    house.clock.now = held.done_due - timedelta(hours=5)
    await house.watch.look()
    assert house.told == ["data_request_due", "data_request_late", "data_request_due"]


async def test_a_breach_counts_72_hours_from_the_point_that_is_stated(house: House) -> None:
    """PDP-04 (part)"""
    happened = await house.breaches.open(OPENING, by="a", tenant="H99")
    found = await house.breaches.open(replace(OPENING, counts_from=StartPoint.DISCOVERED), by="a", tenant="H99")
    assert happened.due_at == OPENING.from_at + timedelta(hours=72)
    assert found.due_at == OPENING.discovered_at + timedelta(hours=72)
    assert round(happened.hours_left(NOW)) == 62
    assert (happened.starts_at, found.starts_at) == (OPENING.from_at, OPENING.discovered_at)


async def test_a_late_notice_gives_its_reasons(house: House) -> None:
    """PDP-04 (part)"""
    made = await house.breaches.open(OPENING, by="a", tenant="H99")
    house.clock.now = made.due_at + timedelta(hours=1)
    with pytest.raises(UnprocessableError):
        await house.breaches.notify("H99", made.id, by="a")
    told = await house.breaches.notify("H99", made.id, by="a", late_reason="mất điện cả tỉnh")
    assert told.late_reason == "mất điện cả tỉnh"
    with pytest.raises(ConflictError):
        await house.breaches.notify("H99", made.id, by="a", late_reason="lần nữa")
    assert (await house.breaches.close("H99", made.id, by="a", measures="đổi khoá")).closed_at is not None
    with pytest.raises(ConflictError):
        await house.breaches.close("H99", made.id, by="a", measures="đổi khoá")


@pytest.mark.parametrize(
    "change",
    [
        {"to_at": NOW - timedelta(hours=11)},
        {"to_at": NOW + timedelta(days=1)},
        {"discovered_at": NOW + timedelta(days=1)},
        {"words": " "},
    ],
)
async def test_a_breach_that_cannot_be_is_refused(house: House, change: Any) -> None:
    with pytest.raises(UnprocessableError):
        await house.breaches.open(replace(OPENING, **change), by="a", tenant="H99")


async def test_a_breach_that_was_not_notified_is_not_closed_and_is_told_at_every_look(house: House) -> None:
    made = await house.breaches.open(OPENING, by="a", tenant="H99")
    with pytest.raises(ConflictError):
        await house.breaches.close("H99", made.id, by="a", measures="x")
    with pytest.raises(NotFoundError):
        await house.breaches.find("H99", 99)
    await house.watch.look()
    house.clock.now = made.due_at + timedelta(hours=1)
    await house.watch.look()
    assert house.told == ["breach_notice_due", "breach_notice_late"]
    await house.breaches.notify("H99", made.id, by="a", late_reason="x")
    assert await house.watch.look() == 0
    assert len(house.watch.chores()) == 5
