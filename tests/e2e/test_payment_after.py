"""What follows from money, over real sockets: what came twice is owed back, receipts and vouchers are there, and every
day is closed to zero."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import journey
import pytest
from till_steps import Till, mend, moment, today

BY_NOTICE = [("collection", "notice")]


@pytest.fixture(autouse=True)
def _mended(till: Till) -> Iterator[None]:
    yield
    mend(till)


def test_F15_two_attempts_that_are_both_paid_are_posted_once_and_the_second_is_owed_back(till: Till) -> None:
    """PAY-06, PAY-16, F15: over two rails. A refund of the second waits for an officer."""
    first = till.open()
    second = till.open(dossier_code=first["dossier_code"], rail="vnpay")
    assert first["bill_id"] == second["bill_id"]
    for payment in (first, second):
        till.act(payment, "pay")
        till.reaches(payment, "paid")
    assert (till.seen(first)["postings"], till.entered(first)) == (1, [("collection", "notice")])
    seen = till.seen(second)
    assert (seen["postings"], seen["excess"], till.entered(second)) == (0, True, [("excess", "notice")])
    assert till.lines(second) == {"rail": 150_000, "owed": -150_000}
    assert (till.at(first)["ipns"][-1]["verdict"], till.at(second)["ipns"][-1]["verdict"]) == ("acknowledged", "00")
    assert till.bill(first)["state"] == "refund_pending"
    (refund,) = till.ask("GET", f"/v1/payments/{second['id']}/refunds")["refunds"]
    assert (refund["state"], refund["kind"], refund["amount"]) == ("requested", "excess", 150_000)


def test_F16_a_bill_that_is_paid_at_the_portal_closes_the_attempt_that_is_open_here(till: Till) -> None:
    """PAY-06, PAY-16, F16: and money that still comes on that attempt is owed back."""
    bill = till.ask("POST", "/v1/bills", till.document())
    asked = till.mock("payment", "/_mock/lookup", {"MaHoSo": bill["dossier_code"], "pay": False})
    attempt = till.ask("POST", f"/v1/bills/{bill['id']}/payments", {"rail": "payment"})
    busy = till.mock("payment", "/_mock/lookup", {"MaHoSo": bill["dossier_code"]})
    assert (busy["paid"], busy["answer"]["verdict"]) == (False, "nothing due")
    pushed = till.mock("payment", "/_mock/lookup", {"MaTraCuuTT": asked["MaTraCuuTT"]})
    assert [answer["verdict"] for answer in pushed["answers"]] == ["acknowledged"]
    portal = {"id": next(name for name in till.bill(attempt)["payments"] if name != attempt["id"])}
    assert till.entered(portal) == [("collection", "push")]
    assert (till.seen(attempt)["state"], till.bill(attempt)["state"]) == ("expired", "paid")
    till.act(attempt, "pay")
    late = till.reaches(attempt, "paid")
    assert (late["excess"], late["postings"], till.entered(attempt)) == (True, 0, [("excess", "notice")])
    assert till.bill(attempt)["state"] == "refund_pending"


@pytest.mark.parametrize(
    ("fault", "path"),
    [("refuse", "/pp/bill"), ("empty", "/pp/bill"), ("placeholder", "/pp/bill/"), ("expired", "/pp/bill/")],
)
def test_F17_what_is_no_voucher_is_not_kept_and_the_true_one_is_fetched_later(
    till: Till, fault: str, path: str
) -> None:
    """PAY-02 (part), F17: error JSON, nothing, a placeholder of 4 kB, a link that is over. The waits between two
    tries are left out; the unit tests have them."""
    till.fault(fault, path, times=2)
    payment = till.open()
    till.act(payment, "pay")
    vouchers = f"/v1/payments/{payment['id']}/vouchers"
    journey.until(lambda: till.faulty("/pp/bill"), lambda struck: len(struck) > 0)
    assert till.ask("GET", vouchers)["vouchers"] == []

    def fetched() -> Any:
        till.impatient("voucher")
        return till.ask("GET", vouchers)["vouchers"]

    (kept,) = journey.until(fetched, bool)
    file = till.caller.send("GET", f"{vouchers}/{kept['sha256']}/file").content
    assert (file[:5], len(file), hashlib.sha256(file).hexdigest()) == (b"%PDF-", kept["size"], kept["sha256"])
    assert kept["size"] > 10_000
    assert (till.seen(payment)["postings"], till.entered(payment)) == (1, BY_NOTICE)


def test_F18_receipts_wait_for_an_issuer_that_is_down_and_are_issued_and_told_once(till: Till) -> None:
    """PAY-12, PAY-13 (part), F18: first nobody is there to issue, then the tax authority takes nothing."""
    till.mock("tax_authority", "/_mock/settings", {"closed": True})
    till.town.kill("worker")
    payment = till.open()
    till.act(payment, "pay")
    assert {(receipt["state"], receipt["number"]) for receipt in till.receipts(payment)} == {("due", None)}
    till.town.start_worker()
    issued = till.receipts(payment, "issued")
    assert sorted((receipt["kind"], receipt["amount"]) for receipt in issued) == [("charge", 30_000), ("fee", 120_000)]
    numbers = sorted(row["number"] for row in till.sql("SELECT number FROM receipt WHERE number IS NOT NULL"))
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), "no number is skipped or given twice"
    assert journey.until(lambda: till.told_tax("MOCK-TAX-BAO-TRI"), bool)
    assert till.at_tax(issued) == []
    till.mock("tax_authority", "/_mock/settings", {"closed": False})

    def told() -> list[str]:
        till.impatient("receipt:")
        return till.at_tax(issued)

    digests = journey.until(told, lambda found: len(found) == 2)
    assert sorted(digests) == sorted(receipt["sha256"] for receipt in issued)
    assert till.receipts(payment, "issued") == issued
    assert (till.seen(payment)["postings"], till.entered(payment)) == (1, BY_NOTICE)


@pytest.mark.usefixtures("one_day")
def test_F29_money_around_midnight_belongs_to_its_own_day_in_the_books_and_in_the_list(till: Till) -> None:
    """PAY-07 (part), F29: 23:59:58 and 00:00:03, and a line that the platform lists a day late."""
    before, after, late = till.open(), till.open(), till.open()
    for payment, at in ((before, moment(2, "235958")), (after, moment(1, "000003")), (late, moment(2, "120000"))):
        till.act(payment, "pay", at=at)
        assert (till.reaches(payment, "paid")["postings"], till.entered(payment)) == (1, BY_NOTICE)
    order = {"do": "delay", "transaction": till.at(late)["MaGiaoDich"], "days": 1, "in": ["recon"]}
    till.mock("payment", "/_mock/files", order)
    days = today() - timedelta(days=2), today() - timedelta(days=1)
    booked = "SELECT day FROM book_entry WHERE payment_id = %s"
    assert [till.sql(booked, payment["id"])[0]["day"] for payment in (before, after, late)] == [*days, days[0]]
    reports = [reconciled(till, day) for day in days]
    assert [report["counts"]["matched"] >= 1 for report in reports] == [True, True]
    named = {finding["reference"]: finding["kind"] for report in reports for finding in report["findings"]}
    assert [named.get(payment["id"]) for payment in (before, after, late)] == [None, None, "late"]
    assert sum(report["without_case"] for report in reports) == 0


@pytest.mark.usefixtures("one_day")
def test_F30_money_that_only_the_platform_knows_is_posted_or_becomes_a_case(till: Till) -> None:
    """PAY-07 (part), F30: an attempt of ours whose notice and QUERY are lost is posted; what nobody asked here, and
    what we have and the platform's list has not, is for a person."""
    till.fault("refuse", "/pp/query", times=None)
    lost, ours = till.open(), till.open()
    till.act(lost, "pay", at=moment(1, "090000"), copies=0)
    till.act(ours, "pay", at=moment(2, "100000"))
    stranger = {"MaGiaoDich": "PP000000000001", "MaThamChieu": "PAYSTRANGER", "SoTien": 150_000}
    stranger |= {"ThoiGianGD": moment(1, "110000")}
    till.mock("payment", "/_mock/files", {"do": "add", "set": stranger})
    till.mock("payment", "/_mock/files", {"do": "drop", "transaction": till.at(ours)["MaGiaoDich"]})
    reports = [reconciled(till, today() - timedelta(days=days)) for days in (2, 1)]
    assert [report["without_case"] for report in reports] == [0, 0]
    findings = [finding for report in reports for finding in report["findings"]]
    found = {finding["reference"]: (finding["kind"], finding["posted"]) for finding in findings}
    assert found[lost["id"]] == ("remote_only", True)
    assert found["PAYSTRANGER"] == ("unknown_reference", False)
    assert found[ours["id"]] == ("local_only", False)
    seen = till.seen(lost)
    assert (seen["state"], seen["postings"], till.entered(lost)) == ("paid", 1, [("collection", "reconciliation")])
    assert (till.cases("PAYSTRANGER"), till.cases(ours["id"])) == (["unknown_reference"], ["local_only"])
    assert till.sql("SELECT 1 FROM book_entry WHERE transaction_id = 'PP000000000001'") == []
    reconciled(till, today() - timedelta(days=1))
    assert till.entered(lost) == [("collection", "reconciliation")]
    assert (till.seen(ours)["postings"], till.entered(ours)) == (1, BY_NOTICE)


def test_F34_a_refund_by_hand_adjusts_the_receipt_and_deletes_nothing(till: Till) -> None:
    """PAY-15, PAY-16, F34: 1.0.6 has no call for it, so a decision is carried out by hand and its proof recorded."""
    payment = till.open()
    till.act(payment, "pay")
    before = {receipt["kind"]: receipt for receipt in till.receipts(payment, "issued")}
    decision = {"number": "12/QĐ-UBND", "day": today().isoformat()}
    wanted = {"amount": 50_000, "refundable": 150_000, "fee": 50_000, "charge": 0, "decision": decision}
    wanted |= {"reason": "Thu thừa phí thẩm định", "requested_by": "canbo.mau"}
    refund = till.ask("POST", f"/v1/payments/{payment['id']}/refunds", wanted)
    assert (refund["state"], refund["way"]) == ("requested", "by_hand")
    till.ask("POST", f"/v1/refunds/{refund['id']}/approval", {"approved_by": "chutich.mau"})
    assert till.entered(payment) == BY_NOTICE, "nothing moves before it is proven"
    proof = {"recorded_by": "ketoan.mau", "document_number": "UNC-2026-0007", "paid_at": payment["created_at"]}
    proof |= {"payee_account": "0000111133", "payee_name": "TRAN THI MAU"}
    done = till.ask("POST", f"/v1/refunds/{refund['id']}/proof", proof)
    till.mock("payment", "/_mock/refunds", {"MaThamChieu": payment["id"], "SoTien": 50_000})
    assert (done["state"], [kind for kind, _ in till.entered(payment)]) == ("done", ["collection", "refund"])
    assert till.lines(payment) == {"rail": 100_000, "fee": -70_000, "charge": -30_000}
    newer = {receipt["id"]: receipt for receipt in till.receipts(payment, "issued", number=3)}
    adjusted = next(receipt for receipt in newer.values() if receipt["supersedes"])
    assert (adjusted["kind"], adjusted["amount"], adjusted["supersedes"]) == ("fee", 70_000, before["fee"]["id"])
    assert newer[before["fee"]["id"]] == {**before["fee"], "state": "adjusted"}
    assert newer[before["charge"]["id"]] == before["charge"]
    kept = till.caller.send("GET", f"/v1/receipts/{before['fee']['id']}/file").content
    assert hashlib.sha256(kept).hexdigest() == before["fee"]["sha256"]
    assert (till.seen(payment)["state"], till.seen(payment)["postings"]) == ("paid", 1)


def test_a_refund_over_VNPAY_goes_back_once_though_its_answer_is_lost(till: Till) -> None:
    """PAY-08, PAY-16: the rail's own word ends it; asked again, it gives nothing back twice."""
    payment = till.open(rail="vnpay")
    till.act(payment, "pay")
    till.receipts(payment, "issued")
    till.fault("late_success", "/merchant_webapi", rail="vnpay")
    wanted = {"amount": 30_000, "refundable": 150_000, "fee": 0, "charge": 30_000, "way": "rail"}
    wanted |= {"reason": "Thu nhầm lệ phí", "requested_by": "canbo.mau"}
    refund = till.ask("POST", f"/v1/payments/{payment['id']}/refunds", wanted)
    decision = {"number": "13/QĐ-UBND", "day": today().isoformat()}
    till.ask("POST", f"/v1/refunds/{refund['id']}/approval", {"approved_by": "chutich.mau", "decision": decision})
    done = journey.until(lambda: till.ask("GET", f"/v1/refunds/{refund['id']}"), lambda seen: seen["state"] == "done")
    assert (done["state"], till.at(payment)["refunded"]) == ("done", 30_000)
    assert [kind for kind, _ in till.entered(payment)] == ["collection", "refund"]
    assert till.lines(payment) == {"rail": 120_000, "fee": -120_000, "charge": 0}
    newer = till.receipts(payment, "issued", number=3)
    charges = [(one["state"], one["amount"]) for one in newer if one["kind"] == "charge"]
    assert sorted(charges) == [("cancelled", 30_000), ("issued", 0)]


def test_F37_of_two_bills_of_a_dossier_the_portals_result_closes_the_one_that_was_paid(till: Till) -> None:
    """PAY-06, F37: by its look-up id and its amount. Of two equal ones nobody can tell where no id comes back."""
    document = till.document()
    other = {**document, "amount": 30_000, "lines": document["lines"][1:]}
    first, second = (till.ask("POST", "/v1/bills", body) for body in (document, other))
    attempt = till.ask("POST", f"/v1/bills/{first['id']}/payments", {"rail": "payment"})
    pushed = till.mock("payment", "/_mock/lookup", {"MaHoSo": document["dossier_code"]})
    assert [answer["verdict"] for answer in pushed["answers"]] == ["acknowledged"]
    assert [till.bill({"bill_id": bill["id"]})["state"] for bill in (first, second)] == ["unpaid", "paid"]
    (portal,) = till.bill({"bill_id": second["id"]})["payments"]
    assert till.entered({"id": portal}) == [("collection", "push")]
    assert (till.seen(attempt)["state"], till.entered(attempt)) == ("opened", [])
    document = till.document()
    lines = [{**document["lines"][0], "amount": 150_000, "code": code} for code in ("P01", "P02")]
    equal = [till.ask("POST", "/v1/bills", {**document, "lines": [line]}) for line in lines]
    unclear = till.mock("payment", "/_mock/lookup", {"MaHoSo": document["dossier_code"], "unset": ["MaTraCuuTT"]})
    assert [answer["body"]["MaLoi"] for answer in unclear["answers"]] == ["99"]
    assert till.cases(unclear["MaThamChieu"]) == ["ambiguous_bill"]
    assert [till.bill({"bill_id": bill["id"]})["state"] for bill in equal] == ["unpaid", "unpaid"]


def reconciled(till: Till, day: date) -> Any:
    """The report of `lienthong reconcile` about the platform's day."""
    report = till.town.logs / f"reconciled-{day}.json"
    command = ("reconcile", day.isoformat(), "--rail", "payment", "--json", str(report))
    run = till.town.lienthong(*command, check=False)
    assert run.returncode in {0, 1}, run.stdout + run.stderr
    (rail,) = json.loads(report.read_text(encoding="utf-8"))["rails"]
    return rail
