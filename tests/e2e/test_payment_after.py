"""What follows from money, over real sockets: what came twice is owed back, receipts and vouchers are there, and every
day is closed to zero."""

from __future__ import annotations

from collections.abc import Iterator

import journey
import pytest
from till_steps import Till, mend


@pytest.fixture(autouse=True)
def _mended(till: Till) -> Iterator[None]:
    yield
    mend(till)


def test_F15_two_attempts_that_are_both_paid_are_posted_once_and_the_second_is_owed_back(till: Till) -> None:
    """PAY-06, PAY-16: over two rails."""
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
    assert till.bill(first)["state"] == "overpaid"


def test_F16_a_bill_that_is_paid_at_the_portal_closes_the_attempt_that_is_open_here(till: Till) -> None:
    """PAY-06, PAY-16: and money that still comes on that attempt is owed back."""
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
    assert till.bill(attempt)["state"] == "overpaid"


def test_F37_of_two_bills_of_a_dossier_the_portals_result_closes_the_one_that_was_paid(till: Till) -> None:
    """PAY-06: by its look-up id or its amount; of two that are equal nobody can tell, and a person must."""
    document = till.document()
    other = {**document, "amount": 30_000, "lines": document["lines"][1:]}
    first, second = (till.ask("POST", "/v1/bills", body) for body in (document, other))
    places = {"MaHoSo": first["dossier_code"], "pay": False}
    assert till.mock("payment", "/_mock/lookup", places)["answer"]["verdict"] == "due"
    pushed = pushed_by_hand(till, first["dossier_code"], amount=30_000)
    assert pushed == ["acknowledged"]
    assert [till.bill({"bill_id": bill["id"]})["state"] for bill in (first, second)] == ["unpaid", "paid"]
