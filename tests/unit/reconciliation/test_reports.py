"""The reports of a day, the quarter's settlement, and the daily round."""

from __future__ import annotations

import json
import re
from datetime import date, time, timedelta

import pytest
from reconciling_house import DAY, RAIL, TENANT, ReconcilingHouse, line

from gateway.alarms.service import Alarms
from gateway.cases.model import CaseKind, Owner
from gateway.reconciliation.model import BANK, View
from gateway.reconciliation.nightly import DailyRound
from gateway.reconciliation.printed import page
from gateway.reconciliation.report import SCHEMA, document
from gateway.reconciliation.settlement import as_csv, quarter, settlement
from gateway.reconciliation.tally import together
from gateway.reconciliation.words import KINDS, OWNERS, VIEWS
from gateway.sdk import TransientRemoteError
from gateway.sdk.errors import UnprocessableError


@pytest.fixture
def house() -> ReconcilingHouse:
    return ReconcilingHouse()


async def test_every_state_owner_and_view_has_a_name_on_paper() -> None:
    assert (set(KINDS), set(OWNERS), set(VIEWS)) == (set(CaseKind), set(Owner), set(View))


async def test_the_report_for_programs_says_everything_and_is_json(house: ReconcilingHouse) -> None:
    """PAY-07 (part)."""
    await house.paid("P1")
    await house.attempt("P2")
    house.lists(line("P1", amount=1), line("P2"))
    report = await house.run()
    told = json.loads(json.dumps(document(DAY, [report], tenant=TENANT, at=house.clock())))
    assert (told["schema"], told["day"], told["clean"]) == (SCHEMA, "2026-11-23", False)
    (rail,) = told["rails"]
    assert {finding["key"]: finding["kind"] for finding in rail["findings"]} == {
        "TP1": "amount_mismatch",
        "TP2": "remote_only",
    }
    assert rail["findings"][0]["case"]["due_at"] == "2026-11-24T17:00:00+07:00"
    assert (rail["counts"]["matched"], rail["without_case"]) == (0, 0)


async def test_the_report_for_paper_has_totals_findings_and_a_line_to_sign_on(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.lists(line("P1", amount=3_000_000_000), line("<b>P9</b>", transaction_id="<script>"))
    await house.run()
    await house.closing.close(DAY, RAIL, by="Nguyễn & Mẫu", tenant=TENANT)
    shown = page(DAY, [await house.run()], tenant=TENANT, at=house.clock())
    assert "3.000.000.000" in shown
    assert "Lệch số tiền" in shown
    assert "Nguyễn &amp; Mẫu" in shown
    assert "17:00 24/11/2026" in shown
    assert "<script>" not in shown
    assert shown.count("<table") == shown.count("</table>")
    assert re.search("Người khoá sổ", shown)


async def test_the_settlement_of_a_quarter_adds_up_to_the_books(house: ReconcilingHouse) -> None:
    """PAY-17."""
    await house.paid("P1")
    await house.paid("P2")
    await house.paid("P3", bill="BP1")
    rows = await settlement(house.books, house.bills, tenant=TENANT, rails=[RAIL], days=quarter("2026Q4"))
    assert as_csv(rows) == (
        "agency,beneficiary,kind,count,amount\n"
        "H99.1,3511,charge,2,100000\n"
        "H99.1,3511,fee,2,200000\n"
        "H99.1,3511,owed,1,150000\n"
        "TOTAL,,,5,450000\n"
    )


@pytest.mark.parametrize(
    ("text", "days"),
    [("2026Q1", (date(2026, 1, 1), date(2026, 3, 31))), ("2026Q4", (date(2026, 10, 1), date(2026, 12, 31)))],
)
def test_a_quarter_is_its_three_months(text: str, days: tuple[date, date]) -> None:
    assert quarter(text) == days


def test_what_is_no_quarter_is_refused() -> None:
    with pytest.raises(UnprocessableError):
        quarter("2026Q5")


async def test_the_daily_round_takes_yesterday_and_the_open_days_before(house: ReconcilingHouse) -> None:
    """PAY-07 (part): before 10:00 of D+1; a day of outage is made up for."""
    await house.paid("P1")
    house.lists(line("P1"))
    house.today = DAY + timedelta(days=3)
    alarms = Alarms(house.alarms, recorder=house.recorder, clock=house.clock)
    round_ = DailyRound(house.reconciliation, alarms, rails=[RAIL], tenant=TENANT, clock=house.clock)
    chores = round_.chores(time(6))
    assert [chore.name for chore in chores] == ["reconcile money vnpay", "reconcile money bank"]
    for chore in chores:
        await chore.do()
    compared = await house.days.between(TENANT, first=DAY - timedelta(days=30), last=house.today)
    assert {day.day for day in compared if day.rail == RAIL} == {DAY + timedelta(days=n) for n in (-1, 0, 1, 2)}
    assert len([day for day in compared if day.rail == BANK]) == 14
    assert [day.counts["matched"] for day in compared if (day.rail, day.day) == (RAIL, DAY)] == [1]


async def test_a_rail_that_does_not_answer_is_an_alarm_and_tried_again(house: ReconcilingHouse) -> None:
    house.rail.broken = TransientRemoteError("It is down.")
    alarms = Alarms(house.alarms, recorder=house.recorder, clock=house.clock)
    round_ = DailyRound(house.reconciliation, alarms, rails=[RAIL], tenant=TENANT, clock=house.clock)
    for _ in range(2):
        with pytest.raises(TransientRemoteError):
            await round_.run(RAIL)
    ((_, alarm),) = house.alarms.kept
    assert (alarm.occasion.kind, alarm.occasion.about, alarm.count) == ("money_not_reconciled", RAIL, 2)


async def test_without_a_rail_there_is_nothing_to_do(house: ReconcilingHouse) -> None:
    alarms = Alarms(house.alarms, recorder=house.recorder, clock=house.clock)
    assert DailyRound(house.reconciliation, alarms, rails=[], tenant=TENANT, clock=house.clock).chores(time(6)) == ()


async def test_totals_of_days_are_added_up(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.lists(line("P1"))
    totals = (await house.run()).day.totals
    assert [total.amount for total in together(totals, totals)] == [2 * total.amount for total in totals]
