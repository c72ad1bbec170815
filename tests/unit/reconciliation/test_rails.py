"""Books against a rail: each state of the contract page's section 8, repeatable, and nothing entered twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from reconciling_house import DAY, NO_LIST, RAIL, TENANT, ReconcilingHouse, kinds, line, moment

from gateway.payments.books import Account, BookEntry, EntryKind, Line
from gateway.payments.model import PaymentState, Source
from gateway.reconciliation.model import OpenRefund, View
from gateway.sdk import ConfigurationError, ProtocolViolation, TransientRemoteError
from gateway.sdk.errors import ConflictError, UnprocessableError

NEXT = DAY + timedelta(days=1)


@pytest.fixture
def house() -> ReconcilingHouse:
    return ReconcilingHouse()


async def _refunded(house: ReconcilingHouse, name: str) -> None:
    payment = await house.paid(name)
    parts = [(Account.RAIL, RAIL, -150_000), (Account.FEE, "3511", 100_000), (Account.CHARGE, "3511", 50_000)]
    entry = BookEntry(
        tenant=TENANT,
        entry_id=f"refund:{name}",
        kind=EntryKind.REFUND,
        rail=RAIL,
        transaction_id=f"R{name}",
        bill_id=payment.bill_id,
        payment_id=name,
        refund_id=f"R{name}",
        currency="VND",
        day=DAY,
        occurred_at=moment(),
        posted_at=moment(),
        source=Source.QUERY,
        lines=tuple(Line(account=account, party=party, amount=amount) for account, party, amount in parts),
    )
    assert await house.books.enter(entry)


async def test_what_both_have_is_matched_and_the_day_is_clean(house: ReconcilingHouse) -> None:
    """PAY-07 (part): MATCHED; the totals are those of the books."""
    await house.paid("P1")
    await _refunded(house, "P2")
    house.lists(line("P1"), line("P2"), line("P2", transaction_id="RP2", kind="refund", status="refunded"))
    report = await house.run()
    assert (kinds(report), report.clean, report.day.counts["matched"]) == ({}, True, 3)
    sums = {(t.group, t.name, t.side): (t.count, t.amount) for t in report.day.totals}
    assert sums["rail", RAIL, "books"] == sums["rail", RAIL, "rail"] == (2, 300_000)
    assert sums["refunds", RAIL, "books"] == sums["refunds", RAIL, "rail"] == (1, -150_000)
    assert sums["account", "3511", "books"] == sums["account", "3511", "rail"] == (3, 150_000)
    assert sums["kind", "fee", "books"] == (3, 100_000)


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({"amount": 150_001}, "amount_mismatch"),
        ({"amount": 3_000_150_000}, "amount_mismatch"),
        ({"status": "failed"}, "status_mismatch"),
        ({"currency": "USD"}, "currency_mismatch"),
        ({"beneficiary_account": "9"}, "account_mismatch"),
        ({"reference": "P9"}, "transaction_differs"),
    ],
)
async def test_a_difference_has_its_name_and_a_case(
    house: ReconcilingHouse, changes: dict[str, Any], kind: str
) -> None:
    """PAY-07 (part): each of the states, with its owner and the lawful time."""
    await house.paid("P1")
    house.lists(line("P1", **changes))
    report = await house.run()
    assert (kinds(report), report.clean, report.without_case) == ({"TP1": kind}, False, [])
    ((_, case),) = house.kept.kept
    assert (case.opening.kind.value, case.opening.day, case.due_at) == (kind, DAY, moment("17:00:00", NEXT))
    assert (case.opening.facts["reference"], case.opening.finder) == ("P1", "reconciliation:2026-11-23")


async def test_f30_remote_only_money_is_entered_now_through_the_one_function(house: ReconcilingHouse) -> None:
    """F30, PAY-08: entered once, marked, with a case that is resolved by itself; a second run changes nothing."""
    await house.attempt("P1")
    house.lists(line("P1"))
    first, second = await house.run(), await house.run()
    assert kinds(first) == kinds(second) == {"TP1": "remote_only"}
    assert first.findings[0].posted
    assert first.day.totals == second.day.totals
    ((_, entry),) = house.books.entries.items()
    assert (entry.source, entry.day) == (Source.RECONCILIATION, DAY)
    ((_, case),) = house.kept.kept
    assert (case.resolved_by, first.clean) == ("reconciliation", True)


async def test_failed_here_and_paid_there_is_entered_and_a_person_is_told(house: ReconcilingHouse) -> None:
    await house.failed("P1")
    house.lists(line("P1"))
    report = await house.run()
    assert (kinds(report), report.clean, len(house.books.entries)) == ({"TP1": "status_mismatch"}, False, 1)
    ((_, alarm),) = house.alarms.kept
    assert alarm.occasion.about == "vnpay/status_mismatch"


async def test_two_successes_for_one_bill_are_one_collection_and_one_excess(house: ReconcilingHouse) -> None:
    """F15: the second is entered as owed back, and a refund is opened by what follows from it."""
    await house.paid("P1")
    await house.attempt("P2", bill="BP1")
    house.lists(line("P1"), line("P2"))
    first, second = await house.run(), await house.run()
    assert kinds(first) == kinds(second) == {"TP2": "duplicate_paid"}
    assert (len(house.followed.collections), len(house.followed.excesses)) == (1, 1)


async def test_a_second_success_of_one_attempt_is_for_a_person(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.lists(line("P1"), line("P1", transaction_id="TX"))
    assert kinds(await house.run()) == {"TX": "duplicate_paid"}
    assert len(house.books.entries) == 1


async def test_one_payment_under_two_numbers_is_one_finding(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.lists(line("P1", transaction_id="TX"))
    assert kinds(await house.run()) == {"TP1": "transaction_differs"}


async def test_money_for_nothing_that_was_asked_here_is_not_entered(house: ReconcilingHouse) -> None:
    house.lists(line("P1"))
    assert kinds(await house.run()) == {"TP1": "unknown_reference"}
    assert house.books.entries == {}


async def test_money_for_another_account_is_refused_by_the_one_function(house: ReconcilingHouse) -> None:
    await house.attempt("P1")
    house.lists(line("P1", beneficiary_account="9"))
    report = await house.run()
    assert (kinds(report), report.findings[0].posted) == ({"TP1": "account_mismatch"}, False)
    assert house.books.entries == {}


async def test_f29_money_of_two_seconds_to_midnight_on_the_next_list_is_late_and_not_missing(
    house: ReconcilingHouse,
) -> None:
    """F29: 23:59:58 and 00:00:03; found once, on the day of the money."""
    before, after = moment("23:59:58"), moment("00:00:03", NEXT)
    await house.paid("P1", at=before)
    await house.paid("P2", at=after)
    house.lists(line("P2", at=after), day=DAY)
    house.lists(line("P1", at=before), day=NEXT)
    report = await house.run()
    assert (kinds(report), report.clean) == ({"TP1": "late"}, True)
    house.today = NEXT + timedelta(days=1)
    assert kinds(await house.run(NEXT)) == {"TP2": "late"}
    assert kinds(await house.run()) == {"TP1": "late"}
    assert house.kept.kept == []


async def test_local_only_waits_and_becomes_a_case_on_the_second_day(house: ReconcilingHouse) -> None:
    """PAY-08: the rail is asked, nothing is assumed; the day cannot be closed meanwhile."""
    await house.paid("P1")
    report = await house.run()
    assert (kinds(report), len(report.without_case), house.rail.asked) == ({"TP1": "local_only"}, 1, ["P1"])
    with pytest.raises(ConflictError) as told:
        await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)
    assert told.value.error_code == "caller.day_open"
    house.today += timedelta(days=1)
    report = await house.run()
    assert (report.without_case, report.clean) == ([], False)
    assert await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)


async def test_local_only_that_the_rail_denies_is_a_case_at_once(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.rail.answers["P1"] = {"status": "failed", "amount": 150_000}
    report = await house.run()
    assert report.findings[0].case_id is not None
    assert report.findings[0].facts["asked"] == "failed"


async def test_what_the_rail_shows_later_is_cleared_with_its_case(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.today += timedelta(days=1)
    await house.run()
    house.lists(line("P1"), day=DAY + timedelta(days=2))
    house.today += timedelta(days=1)
    report = await house.run()
    assert (kinds(report), report.clean) == ({"TP1": "late"}, True)
    house.lists(day=DAY + timedelta(days=2))
    house.lists(line("P1"))
    report = await house.run()
    assert (kinds(report), report.day.counts["matched"]) == ({}, 1)
    assert [case.resolved_by for _, case in house.kept.kept] == ["reconciliation"]


async def test_refunds_are_pending_or_differ(house: ReconcilingHouse) -> None:
    """PAY-16, F34."""
    for name in ("P1", "P2", "P3"):
        await house.paid(name)
    house.pending = [OpenRefund(reference="P1", refund_id="R1", amount=150_000)]
    out = {"kind": "refund", "status": "refunded"}
    house.lists(
        line("P1"),
        line("P2"),
        line("P3"),
        line("P1", transaction_id="RP1", **out),
        line("P2", transaction_id="RP2", **out),
    )
    assert kinds(await house.run()) == {"refund:RP1": "refund_pending", "refund:RP2": "refund_mismatch"}


async def test_a_refund_that_the_rail_numbers_anew_is_matched_by_its_reference(house: ReconcilingHouse) -> None:
    await _refunded(house, "P1")
    house.lists(line("P1"), line("P1", transaction_id="X", kind="refund", status="refunded"))
    assert kinds(await house.run()) == {}
    house.lists(line("P1"), line("P1", transaction_id="X", kind="refund", status="refunded", amount=1))
    assert kinds(await house.run()) == {"refund:RP1": "refund_mismatch"}


async def test_a_list_that_was_cut_short_loses_nobodys_money(house: ReconcilingHouse) -> None:
    await house.paid("P1")
    house.rail.told_count = 1
    with pytest.raises(ProtocolViolation):
        await house.run()
    house.rail.told_count, house.rail.broken = 0, TransientRemoteError("It is down.")
    with pytest.raises(TransientRemoteError):
        await house.run()
    assert house.days.days == {}


async def test_a_transaction_that_is_listed_twice_is_for_a_person_and_counted_as_the_rail_counts(
    house: ReconcilingHouse,
) -> None:
    """PAY-07: the rail's own total has it twice, and the books have it once."""
    await house.paid("P1")
    house.lists(line("P1"), line("P1"))
    report = await house.run()
    assert (kinds(report), report.day.counts["matched"]) == ({"again:TP1": "duplicate_paid"}, 1)
    sums = {(t.group, t.name, t.side): t.amount for t in report.day.totals}
    assert (sums["rail", RAIL, "rail"], sums["rail", RAIL, "books"]) == (300_000, 150_000)
    house.lists(line("P1"), line("P1", amount=1))
    assert kinds(await house.run()) == {"TP1": "amount_mismatch"}


async def test_what_only_the_rail_has_and_lists_twice_is_entered_once(house: ReconcilingHouse) -> None:
    """PAY-06."""
    await house.attempt("P1")
    house.lists(line("P1"), line("P1", bank_code="NCB"))
    assert kinds(await house.run()) == {"TP1": "remote_only", "again:TP1": "duplicate_paid"}
    assert kinds(await house.run()) == {"TP1": "remote_only", "again:TP1": "duplicate_paid"}
    assert len(house.books.entries) == 1


async def test_a_transaction_on_the_lists_of_two_days_is_for_a_person(house: ReconcilingHouse) -> None:
    """PAY-07: each day's list alone looks right."""
    await house.paid("P1")
    house.today = DAY + timedelta(days=2)
    house.lists(line("P1"))
    house.lists(line("P1"), day=DAY + timedelta(days=1))
    assert kinds(await house.run()) == {"again:TP1": "duplicate_paid"}
    assert kinds(await house.run(DAY + timedelta(days=1))) == {}


@pytest.mark.parametrize(
    ("now", "kind"),
    [
        ([], "local_only"),
        ([{"status": "failed"}], "status_mismatch"),
        ([{"amount": 1}], "amount_mismatch"),
        ([{}], "remote_only"),
    ],
    ids=["withdrawn", "failed", "other-amount", "as-before"],
)
async def test_a_rail_that_takes_back_what_was_entered_on_its_word_is_found_out(
    house: ReconcilingHouse, now: list[dict[str, Any]], kind: str
) -> None:
    """PAY-07: what reconciliation entered is compared again on each later run."""
    await house.attempt("P1")
    house.lists(line("P1"))
    assert kinds(await house.run()) == {"TP1": "remote_only"}
    house.today = DAY + timedelta(days=2)
    house.lists(*(line("P1", **change) for change in now))
    report = await house.run()
    assert kinds(report) == {"TP1": kind}
    assert report.clean is (kind == "remote_only")
    assert len(house.books.entries) == 1


async def test_a_rail_without_a_list_is_asked_about_open_attempts_and_a_sample(house: ReconcilingHouse) -> None:
    """PAY-08: pending stays open, paid is entered, a sampled one that failed there is a mismatch."""
    house.rail.broken = NO_LIST
    await house.attempt("P1")
    await house.attempt("P2")
    await house.paid("P3")
    await house.paid("P4")
    told = {"amount": 150_000, "currency": "VND"}
    house.rail.answers = {
        "P1": {"status": "paid", "transaction_id": "TP1", "paid_at": moment().isoformat(), **told},
        "P3": {"status": "paid", "transaction_id": "TP3", "paid_at": moment().isoformat(), **told},
        "P4": {"status": "failed", "transaction_id": "", **told},
    }
    report = await house.run()
    assert report.day.view is View.QUERY
    assert kinds(report) == {"TP1": "remote_only", "TP4": "status_mismatch"}
    assert kinds(await house.run()) == kinds(report)
    assert len(house.books.entries) == 3


@pytest.mark.parametrize("ended", [PaymentState.FAILED, PaymentState.EXPIRED])
async def test_a_rail_without_a_list_is_asked_about_attempts_that_failed_too(
    house: ReconcilingHouse, ended: PaymentState
) -> None:
    """PAY-08 (part), F08: a late success whose notice was lost is found; what failed there, too, is nothing."""
    house.rail.broken = NO_LIST
    for name in ("P1", "P2"):
        attempt = await house.attempt(name)
        await house.payments.save(replace(attempt, state=ended))
    told = {"amount": 150_000, "currency": "VND"}
    house.rail.answers = {
        "P1": {"status": "paid", "transaction_id": "TP1", "paid_at": moment().isoformat(), **told},
        "P2": {"status": "failed", "transaction_id": "", **told},
    }
    assert list(kinds(await house.run())) == ["TP1"]
    assert len(house.books.entries) == 1


async def test_late_money_for_a_closed_day_is_linked_from_an_open_one(house: ReconcilingHouse) -> None:
    """PAY-07 (part): the closed day stays as it is."""
    await house.paid("P1")
    house.lists(line("P1"))
    await house.run()
    await house.closing.close(DAY, RAIL, by="Trưởng phòng", tenant=TENANT)
    closed = await house.days.find(TENANT, RAIL, DAY)
    await house.paid("P2", at=moment("23:59:58"))
    house.lists(line("P2"), day=NEXT)
    house.today = NEXT + timedelta(days=1)
    report = await house.run(NEXT)
    assert kinds(report) == {"TP2": "late", "closed:2026-11-23": "late"}
    assert {finding.linked_day for finding in report.findings} == {DAY}
    assert all(finding.case_id for finding in report.findings)
    assert (await house.run()).day == closed


async def test_somebody_who_was_faster_leaves_no_finding(house: ReconcilingHouse) -> None:
    payment = await house.attempt("P1")
    house.lists(line("P1"))
    house.overtaken = True
    report = await house.run()
    assert (kinds(report), report.day.counts["matched"]) == ({}, 1)
    assert (await house.payments.find(TENANT, payment.payment_id) or payment).postings == 1


async def test_a_day_that_is_not_over_or_was_never_compared_is_told_so(house: ReconcilingHouse) -> None:
    with pytest.raises(ConfigurationError) as told:
        await house.run(house.today)
    assert told.value.error_code == "operator.day_not_over"
    with pytest.raises(ConfigurationError) as told:
        await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)
    assert told.value.error_code == "operator.not_reconciled"
    with pytest.raises(UnprocessableError):
        await house.closing.close(DAY, RAIL, by=" ", tenant=TENANT)


async def test_a_day_is_not_closed_over_what_a_run_finds_meanwhile(house: ReconcilingHouse) -> None:
    """PAY-07: the last look comes when no run can add anything any more."""
    house.lists()
    await house.run()
    close = house.days.close

    async def overtaken(*args: Any, **named: Any) -> Any:
        await house.paid("P1")
        await house.run()  # waits for the rail, so it has no case
        return await close(*args, **named)

    house.days.close = overtaken  # type: ignore[method-assign]
    with pytest.raises(ConflictError) as raised:
        await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)
    assert raised.value.error_code == "caller.day_open"


async def test_a_rail_that_shows_money_and_takes_it_back_is_a_case_each_time(house: ReconcilingHouse) -> None:
    """PAY-07: what reconciliation resolved by itself was looked at by nobody."""
    await house.paid("P1")
    house.today += timedelta(days=2)
    for times in (1, 2, 3):
        house.lists()
        report = await house.run()
        assert (kinds(report), report.clean) == ({"TP1": "local_only"}, False)
        assert (await house.run()).findings[0].case_id == report.findings[0].case_id == times
        house.lists(line("P1"))
        assert (await house.run()).clean


async def test_money_for_a_day_that_was_closed_weeks_ago_is_found_out_once(house: ReconcilingHouse) -> None:
    """PAY-07: a rail that was down for a week tells of old money, and every day around it is closed."""
    await house.run()
    await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)
    await house.paid("P1")
    later = DAY + timedelta(days=20)
    house.today = later + timedelta(days=2)
    assert kinds(await house.run(later)) == {"closed:2026-11-23": "late"}
    assert kinds(await house.run(later)) == {"closed:2026-11-23": "late"}
    assert kinds(await house.run(later + timedelta(days=1))) == {}


async def test_an_attempt_of_a_closed_day_that_was_paid_after_all_is_entered_by_the_next(
    house: ReconcilingHouse,
) -> None:
    """PAY-07: a rail without a list, whose notice was lost; nobody compares the closed day again."""
    house.rail.broken = NO_LIST
    await house.attempt("P1", at=moment("23:50:00"))
    await house.run()
    await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)
    told = {"status": "paid", "amount": 150_000, "currency": "VND", "transaction_id": "TP1"}
    house.rail.answers = {"P1": {**told, "paid_at": moment("23:55:00").isoformat()}}
    house.today = NEXT + timedelta(days=1)
    report = await house.run(NEXT)
    assert kinds(report) == {"TP1": "remote_only"}
    sums = {(t.group, t.name, t.side): t.amount for t in report.day.totals}
    assert sums["rail", RAIL, "rail"] == sums["rail", RAIL, "rail_other_days"] == 150_000
    (entry,) = house.books.entries.values()
    assert entry.day == DAY
    assert kinds(await house.run(NEXT)) == {"TP1": "remote_only", f"closed:{DAY.isoformat()}": "late"}


async def test_what_a_rail_adds_to_the_list_of_a_closed_day_is_entered_by_the_next(house: ReconcilingHouse) -> None:
    """PAY-07, F30: the day itself is history."""
    await house.paid("P1")
    await house.attempt("P2")
    house.lists(line("P1"))
    await house.run()
    await house.closing.close(DAY, RAIL, by="A", tenant=TENANT)
    house.lists(line("P1"), line("P2"), line("PX"))
    house.today = NEXT + timedelta(days=1)
    expected = {"TP2": "remote_only", "TPX": "unknown_reference"}
    assert kinds(await house.run(NEXT)) == expected
    assert len(house.books.entries) == 2
    assert kinds(await house.run(NEXT)) == {**expected, f"closed:{DAY.isoformat()}": "late"}
    assert len(house.books.entries) == 2
