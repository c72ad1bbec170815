"""Agreements: what is in force may be asked, what ended or is suspended may not, and somebody is told ahead."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, Clock, ListedRecorder

from gateway.agreements.access import AccessRequests, Law
from gateway.agreements.errors import NoAgreementError
from gateway.agreements.memory import MemoryAccessRequests, MemoryAgreements
from gateway.agreements.model import AccessState, AgreementState, Decision, Terms, Wanted
from gateway.agreements.nightly import AgreementWatch
from gateway.agreements.service import Agreements
from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.domain import VIETNAM
from gateway.rules.packs import load_calendar, load_packs
from gateway.sdk.errors import ConflictError, NotFoundError, Retry, UnprocessableError

TODAY = date(2026, 11, 23)
TERMS = Terms(
    number="12/TTCS-2026",
    system="population",
    parties=("UBND tỉnh mẫu", "Đơn vị quản lý CSDL mẫu"),
    purpose="Giải quyết thủ tục hành chính",
    basis="NĐ 278/2025/NĐ-CP",
    since=date(2026, 1, 1),
    until=date(2026, 12, 31),
    operations=("verify_citizen",),
    contact="phong.mau@example.vn",
)
SYSTEMS = {"population": ("verify_citizen", "lookup_citizen"), "vnpay": ("initiate_payment",)}
WANTED = Wanted(
    agency_id="000.00.05.H99",
    application="phan-mem-mau",
    purpose="Giải quyết hồ sơ",
    items=("full_name", "birth_date"),
    service="verify_citizen",
    frequency="khi có hồ sơ",
    client="phan-mem-mau",
)


class House:
    """Everything about agreements in memory; `forgotten`: whose copies were deleted."""

    def __init__(self, *, required: bool = False) -> None:
        self.clock, self.recorder = Clock(), ListedRecorder()
        self.store, self.requests, self.alarms = MemoryAgreements(), MemoryAccessRequests(), MemoryAlarms()
        self.forgotten: list[tuple[str, str]] = []

        async def forget(tenant: str, system: str) -> None:
            self.forgotten.append((tenant, system))

        self.service = Agreements(self.store, systems=SYSTEMS, required=required, forget=forget, clock=self.clock)
        law = Law(calendar=load_calendar(), packs=load_packs())
        self.access = AccessRequests(self.requests, self.store, law=law, clock=self.clock)
        raising = Alarms(self.alarms, recorder=self.recorder, clock=self.clock)
        self.watch = AgreementWatch(self.store, self.requests, raising, tenant="H99", clock=self.clock)

    async def may(self, operation: str = "verify_citizen", system: str = "population") -> str:
        """Empty: it may; or the code of the refusal."""
        try:
            await self.service.check(system, operation, tenant="H99")
        except NoAgreementError as exc:
            return exc.error_code
        return ""

    @property
    def told(self) -> list[tuple[str, str]]:
        return [(alarm.occasion.kind, alarm.occasion.about) for _, alarm in self.alarms.kept]


@pytest.fixture
def house() -> House:
    return House()


async def test_where_nothing_is_registered_everything_may_unless_an_agreement_is_required(house: House) -> None:
    """CON-13 (part)"""
    assert await house.may() == ""
    assert await House(required=True).may() == "operator.agreement_missing"


async def test_an_agreement_that_ended_switches_its_operations_off_and_a_renewal_on_again(house: House) -> None:
    """CON-13, CON-17 (part): expiry disables the route."""
    made = await house.service.register(TERMS, by="operator:quantri.mau", context=CONTEXT)
    assert await house.may() == ""
    house.clock.now = datetime(2026, 12, 31, 23, 59, tzinfo=VIETNAM) - timedelta(seconds=2)
    assert await house.may() == ""
    house.clock.now = datetime(2027, 1, 1, tzinfo=VIETNAM)
    assert await house.may() == "operator.agreement_ended"
    assert await house.may("lookup_citizen") == ""
    await house.service.set_end("H99", made.id, until=date(2027, 12, 31), reason="Phụ lục 01")
    assert await house.may() == ""


async def test_one_that_is_not_yet_in_force_allows_nothing(house: House) -> None:
    await house.service.register(replace(TERMS, since=date(2026, 12, 1)), by="a", context=CONTEXT)
    assert await house.may() == "operator.agreement_missing"


async def test_a_person_suspends_at_once_and_copies_are_deleted(house: House) -> None:
    """CON-16 (part), CON-17 (part)"""
    made = await house.service.register(TERMS, by="a", context=CONTEXT)
    done = await house.service.suspend("H99", made.id, by="operator:quantri.mau", reason="Sai mục đích")
    assert (done.state(TODAY), await house.may()) == (AgreementState.SUSPENDED, "operator.agreement_suspended")
    assert house.forgotten == [("H99", "population")]
    with pytest.raises(ConflictError):
        await house.service.suspend("H99", made.id, by="b", reason="lần nữa")
    await house.service.resume("H99", made.id)
    assert await house.may() == ""
    with pytest.raises(ConflictError):
        await house.service.resume("H99", made.id)


async def test_a_second_agreement_in_force_keeps_the_route_open(house: House) -> None:
    first = await house.service.register(TERMS, by="a", context=CONTEXT)
    await house.service.register(replace(TERMS, number="13", operations=(), until=None), by="a", context=CONTEXT)
    await house.service.suspend("H99", first.id, by="a", reason="thay bằng thoả thuận mới")
    assert await house.may() == ""


def test_the_refusal_waits_and_is_not_the_callers_fault() -> None:
    error = NoAgreementError(what="agreement_ended")
    assert (error.retry, error.http_status, error.error_code) == (Retry.BACKOFF, 503, "operator.agreement_ended")


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"system": "nowhere"}, "/system"),
        ({"operations": ("fly",)}, "/operations"),
        ({"until": date(2025, 1, 1)}, "/until"),
    ],
)
async def test_terms_that_cannot_be_are_refused_by_field(house: House, change: Any, pointer: str) -> None:
    with pytest.raises(UnprocessableError) as told:
        await house.service.register(replace(TERMS, **change), by="a", context=CONTEXT)
    assert [field.pointer for field in told.value.fields] == [pointer]


async def test_a_number_is_registered_once_and_an_unknown_one_is_not_found(house: House) -> None:
    made = await house.service.register(TERMS, by="a", context=CONTEXT)
    with pytest.raises(ConflictError):
        await house.service.register(TERMS, by="a", context=CONTEXT)
    with pytest.raises(NotFoundError):
        await house.service.find("H99", 99)
    with pytest.raises(UnprocessableError):
        await house.service.set_end("H99", made.id, until=date(2025, 1, 1), reason="sai")
    with pytest.raises(UnprocessableError):
        await house.service.suspend("H99", made.id, by="a", reason=" ")


async def test_ended_in_the_past_its_copies_are_deleted(house: House) -> None:
    made = await house.service.register(TERMS, by="a", context=CONTEXT)
    await house.service.set_end("H99", made.id, until=date(2026, 11, 22), reason="Chấm dứt")
    assert house.forgotten == [("H99", "population")]


async def test_somebody_is_told_90_30_and_7_days_ahead_once_each(house: House) -> None:
    """CON-13 (part)"""
    made = await house.service.register(TERMS, by="a", context=CONTEXT)
    for days in (91, 90, 89, 30, 8, 7, 6, 0, -1, -2):
        house.clock.now = datetime.combine(date(2026, 12, 31) - timedelta(days=days), time(6), VIETNAM)
        await house.watch.look()
    levels = [about.rpartition("/")[2] for _, about in house.told]
    assert levels == ["90", "30", "7", "0"]
    await house.service.set_end("H99", made.id, until=date(2027, 1, 5), reason="Phụ lục")
    assert await house.watch.look() == 1
    assert house.told[-1] == ("agreement_ends", f"agreement:{made.id}/7")


async def test_a_night_that_was_missed_is_made_up_for_by_the_next(house: House) -> None:
    await house.service.register(replace(TERMS, until=date(2026, 11, 20)), by="a", context=CONTEXT)
    assert await house.watch.look() == 1
    assert house.told[0][0] == "agreement_ended"


async def test_an_access_request_is_answered_within_five_working_days(house: House) -> None:
    """CON-12: T18: Monday's request is due on the next Monday, however many days off lie between."""
    received = datetime(2026, 11, 20, 16, tzinfo=VIETNAM)
    made = await house.access.receive(WANTED, received_at=received, by="a", tenant="H99")
    assert made.due_at == datetime(2026, 11, 27, 17, tzinfo=VIETNAM)
    house.clock.now = made.due_at - timedelta(days=2)
    assert await house.watch.look() == 0
    house.clock.now = made.due_at - timedelta(hours=3)
    await house.watch.look()
    house.clock.now = made.due_at + timedelta(days=1)
    await house.watch.look()
    about = f"access_request:{made.id}"
    assert house.told == [("access_request_due", about), ("access_request_late", about)]


async def test_a_request_that_is_said_to_come_tomorrow_came_now(house: House) -> None:
    made = await house.access.receive(WANTED, received_at=NOW + timedelta(days=1), by="a", tenant="H99")
    assert made.received_at < NOW + timedelta(minutes=1)


async def test_a_grant_names_its_agreement_and_a_refusal_its_reasons(house: House) -> None:
    """CON-12 (part)"""
    made = await house.access.receive(WANTED, received_at=None, by="a", tenant="H99")
    granted = Decision(state=AccessState.GRANTED, by="b", reason="Đủ điều kiện", at=NOW)
    for wrong in (granted, replace(granted, agreement=99), replace(granted, state=AccessState.REFUSED, reason=" ")):
        with pytest.raises(UnprocessableError):
            await house.access.decide("H99", made.id, wrong)
    agreed = await house.service.register(TERMS, by="a", context=CONTEXT)
    done = await house.access.decide("H99", made.id, replace(granted, agreement=agreed.id))
    assert (done.state, done.agreement, done.decided_by) == (AccessState.GRANTED, agreed.id, "b")
    with pytest.raises(ConflictError):
        await house.access.decide("H99", made.id, replace(granted, state=AccessState.REFUSED))
    with pytest.raises(NotFoundError):
        await house.access.decide("H99", 99, replace(granted, state=AccessState.REFUSED))
    assert await house.access.listed("H99", everything=False) == []
    assert len(await house.access.listed("H99", everything=True)) == 1
    assert (await house.access.find("H99", made.id)).wanted == WANTED
