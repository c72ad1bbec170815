"""The ready test vectors of the requirements page, section 2, by their numbers. T12 stands with the look-ups
(`tests/unit/lookups/test_lookups.py`): not permitted is an answer of its own. T17 stands with the verifier's tests
(`tests/unit/audit/test_verify.py`): an edited row is named with its time."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal

import pytest

from gateway.domain import VIETNAM, AgencyId, DossierStatus, InvalidValueError
from gateway.rules import limits
from gateway.rules.deadlines import Alarm, Fact, Law, alarms, due, forward_by, may_reschedule, return_ineligible_by
from gateway.rules.packs import load_calendar, load_packs, pack_on
from gateway.sdk.errors import UnprocessableError

PACKS = load_packs()
PACK = pack_on(PACKS, date(2026, 11, 24))
CALENDAR = load_calendar()
LAW = Law(pack=PACK, calendar=CALENDAR)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=VIETNAM)


def test_t1_received_at_three_sharp_is_forwarded_the_same_day() -> None:
    """DOS-08 (part): the law says after 15:00. The moment is computed; handing on is the one-stop system's."""
    assert forward_by(at("2026-11-26T15:00:00"), LAW) == at("2026-11-26T17:00:00")
    assert forward_by(at("2026-11-26T14:59:59"), LAW) == at("2026-11-26T17:00:00")


def test_t2_received_a_second_later_on_friday_is_forwarded_on_monday_morning() -> None:
    """DOS-08 (part)."""
    assert forward_by(at("2026-11-27T15:00:01"), LAW) == at("2026-11-30T07:30:00")


def test_t2_received_late_before_tet_is_forwarded_after_it() -> None:
    """DOS-08 (part): day before Tết."""
    assert forward_by(at("2026-02-13T15:01:00"), LAW) == at("2026-02-23T07:30:00")


def test_t3_what_does_not_qualify_goes_back_within_three_working_days() -> None:
    """DOS-09 (part): by when; no alarm watches it yet."""
    assert return_ineligible_by(at("2026-11-23T09:00:00"), LAW) == at("2026-11-26T17:00:00")


def test_t4_a_full_supplement_starts_the_clock_from_zero() -> None:
    """DOS-10 (part), STA-07: ten working days from the completion on day 6; the old due moment stays on record."""
    begun = [
        Fact(status=DossierStatus.ACCEPTED, at=at("2026-11-02T09:00:00")),
        Fact(status=DossierStatus.SUPPLEMENT_REQUESTED, at=at("2026-11-05T09:00:00")),
    ]
    first = due(begun, 10, LAW)
    assert first is not None
    assert (first.at, first.before) == (at("2026-11-16T17:00:00"), ())
    again = due([*begun, Fact(status=DossierStatus.IN_PROCESS, at=at("2026-11-10T10:00:00"))], 10, LAW)
    assert again is not None
    assert (again.at, again.since, again.before) == (
        at("2026-11-24T17:00:00"),
        at("2026-11-10T10:00:00"),
        (first.at,),
    )


def test_t5_without_a_result_an_apology_must_exist_the_day_before() -> None:
    """DOS-11 (part), KPI-13 (part)."""
    due_at, running = at("2026-11-20T17:00:00"), DossierStatus.IN_PROCESS
    before, midnight = at("2026-11-18T23:59:59"), at("2026-11-19T00:00:00")
    assert alarms(running, due_at, LAW, apologised=False, now=before) == []
    assert alarms(running, due_at, LAW, apologised=False, now=midnight) == [Alarm.APOLOGY_MISSING]
    assert alarms(running, due_at, LAW, apologised=True, now=midnight) == []
    assert alarms(DossierStatus.PROCESSED, due_at, LAW, apologised=False, now=midnight) == []


def test_t6_a_second_reschedule_is_refused() -> None:
    """DOS-11 (part)."""
    assert may_reschedule(0, PACK)
    assert not may_reschedule(1, PACK)


def test_t7_receipt_numbers_begin_anew_each_year() -> None:
    """PAY-15 (part)."""
    last = limits.ReceiptNumber(year=2026, number=12_345_678)
    assert limits.next_receipt(last, date(2027, 1, 1), PACK).number == 1
    assert limits.next_receipt(last, date(2026, 12, 31), PACK).number == 12_345_679


def test_t8_a_receipt_number_of_nine_digits_is_refused() -> None:
    full = limits.ReceiptNumber(year=2026, number=99_999_999)
    with pytest.raises(UnprocessableError, match="8 digits"):
        limits.next_receipt(full, date(2026, 12, 31), PACK)


def test_t9_paper_receipts_end_with_2026() -> None:
    """PAY-14 (part)."""
    assert limits.paper_receipt_allowed(date(2026, 12, 31), PACK)
    assert not limits.paper_receipt_allowed(date(2027, 1, 1), PACK)


def test_t10_receipts_kept_back_reach_the_tax_authority_in_three_working_days() -> None:
    assert limits.tax_transmission_by(date(2026, 11, 23), PACK, CALENDAR).date() == date(2026, 11, 26)


def test_t11_an_outage_announced_six_working_days_ahead_is_refused() -> None:
    begins = date(2026, 11, 24)
    assert not limits.outage_announced_in_time(date(2026, 11, 16), begins, pack=PACK, calendar=CALENDAR)
    assert limits.outage_announced_in_time(date(2026, 11, 13), begins, pack=PACK, calendar=CALENDAR)


def test_t13_a_breach_is_told_within_72_hours_of_its_happening() -> None:
    happened = at("2026-11-20T17:00:00")
    assert limits.breach_notice_by(happened, PACK) == at("2026-11-23T17:00:00")


def test_t14_a_person_who_asks_on_friday_is_answered_by_tuesday() -> None:
    assert limits.data_request_by(at("2026-11-20T10:00:00"), PACK, CALENDAR).date() == date(2026, 11, 24)


@pytest.mark.parametrize("text", ["H99." + "1" * 32, "H99.12.a", "h99", "9H9", ""])
def test_t15_an_agency_id_that_is_too_long_or_lower_case_is_refused(text: str) -> None:
    """COD-04."""
    with pytest.raises(InvalidValueError):
        AgencyId.parse(text)


def test_t15_an_agency_id_of_35_characters_is_taken() -> None:
    """COD-04."""
    longest = "H99." + ".".join(["1" * 10, "2" * 10, "3" * 9])
    assert len(longest) == 35
    assert AgencyId.parse(longest).value == longest


@pytest.mark.parametrize(("mean", "found"), [("4.95", "full"), ("4.94", "fair"), ("3.45", "fair"), ("3.44", "low")])
def test_t16_an_indicator_is_rounded_before_it_is_classed(mean: str, found: str) -> None:
    """KPI-04 (part)."""
    assert limits.officer_class(Decimal(mean)) == found


def test_t18_a_request_for_access_is_answered_in_five_working_days() -> None:
    assert limits.access_request_by(at("2026-11-23T08:00:00"), PACK, CALENDAR).date() == date(2026, 11, 30)


def test_t19_a_dossier_keeps_the_pack_of_its_acceptance() -> None:
    """ORG-05 (part): see tests/unit/dossiers for the dossier that meets an event two days later."""
    assert pack_on(PACKS, date(2026, 6, 30)).id == "2018"
    assert pack_on(PACKS, date(2026, 7, 2)).id == "2026"


def test_t20_the_ten_thousandth_dossier_of_a_day_gets_a_fifth_digit_and_no_duplicate() -> None:
    """COD-01 (part)."""
    day = date(2026, 11, 24)
    codes = [limits.legacy_code("000.00.05.H99", day, serial) for serial in range(1, 10_002)]
    assert codes[0] == "000.00.05.H99-261124-0001"
    assert codes[9_998:] == [f"000.00.05.H99-261124-{end}" for end in ("9999", "10000", "10001")]
    assert len(set(codes)) == len(codes)


def test_working_days_count_across_tet_and_a_swapped_saturday() -> None:
    """DOS-08 (part): the calendar is data."""
    assert CALENDAR.after(date(2026, 2, 13), 1) == date(2026, 2, 23)
    assert CALENDAR.is_working(date(2026, 8, 22))
    assert not CALENDAR.is_working(date(2026, 8, 31))
    assert CALENDAR.before(date(2026, 2, 23), 1) == date(2026, 2, 13)
    assert all(not year.confirmed for year in CALENDAR.years.values())
    assert date(2026, 11, 24) + timedelta(days=1) == CALENDAR.after(date(2026, 11, 24), 1)
