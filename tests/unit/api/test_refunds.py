"""`/v1/refunds`: money goes back when one officer asks and another allows it."""

from __future__ import annotations

import json
import uuid
from typing import Any

import httpx
import pytest
from province import Province
from refund_examples import BY_HAND, PAYMENT, WAITING

from gateway.clients.model import Scope

ASKED = {"amount": 150_000, "refundable": 150_000, "reason": "Hồ sơ bị từ chối", "requested_by": "canbo.mau"}
DECISION = {"number": "12/QĐ-UBND", "day": "2026-11-23"}
PROOF = {
    "recorded_by": "ketoan.mau",
    "document_number": "UNC-7",
    "paid_at": "2026-11-24T10:00:00+07:00",
    "payee_account": "0011223344",
    "payee_name": "TRAN THI MAU",
}


async def post(caller: httpx.AsyncClient, path: str, body: Any, *, key: str = "") -> httpx.Response:
    return await caller.post(path, json=body, headers={"Idempotency-Key": key or str(uuid.uuid4())})


async def test_a_refund_goes_from_request_to_proof_and_is_told(province: Province, caller: httpx.AsyncClient) -> None:
    """PAY-16, F34."""
    asked = await post(caller, f"/v1/payments/{PAYMENT}/refunds", {**ASKED, "way": "by_hand"})
    assert asked.status_code == 201, asked.text
    where, first = asked.headers["location"], asked.json()
    assert (first["state"], first["kind"], first["way"], first["fee"]) == ("requested", "whole", "by_hand", 150_000)
    allowed = await post(caller, f"{where}/approval", {"approved_by": "chutich.mau", "decision": DECISION})
    assert (allowed.status_code, allowed.json()["state"]) == (200, "approved"), allowed.text
    done = await post(caller, f"{where}/proof", PROOF)
    assert (done.status_code, done.json()["state"]) == (200, "done"), done.text
    shown = (await caller.get(where)).json()
    assert [(step["state"], step["by"]) for step in shown["steps"]] == [
        ("requested", "motcua"),
        ("approved", "chutich.mau"),
        ("done", "ketoan.mau"),
    ]
    assert (shown["refund_transaction_id"], shown["decision_day"]) == ("UNC-7", "2026-11-23")
    assert not any(word in json.dumps(shown) for word in ("0011223344", "TRAN THI"))
    listed = (await caller.get(f"/v1/payments/{PAYMENT}/refunds")).json()
    assert (listed["refundable"], [refund["id"] for refund in listed["refunds"]]) == (0, [first["id"]])
    assert await province.till.books.balance("H99") == 0
    bill = await province.till.bills.find("H99", first["bill_id"])
    assert bill is not None
    assert bill.state == "refunded"


async def test_another_truth_is_409_and_says_the_amount(caller: httpx.AsyncClient) -> None:
    """Contract, section 9, row 12."""
    answer = await post(caller, f"/v1/payments/{PAYMENT}/refunds", {**ASKED, "refundable": 149_999})
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (409, "caller.refundable_differs")
    assert problem["errors"][0]["pointer"] == "/refundable"
    assert "150000" in problem["detail_en"]


async def test_the_same_key_asks_once(caller: httpx.AsyncClient) -> None:
    key, path = str(uuid.uuid4()), f"/v1/payments/{PAYMENT}/refunds"
    first, again = [await post(caller, path, ASKED, key=key) for _ in range(2)]
    assert (first.status_code, first.content) == (201, again.content)
    assert len((await caller.get(path)).json()["refunds"]) == 1


@pytest.mark.parametrize("spelling", ["canbo.mau", "CanBo.Mau"])
async def test_nobody_allows_what_they_asked_for(caller: httpx.AsyncClient, spelling: str) -> None:
    """SEC-17 (part): however they spell their name."""
    body = {"approved_by": spelling, "decision": DECISION}
    answer = await post(caller, f"/v1/refunds/{WAITING}/approval", body)
    assert (answer.status_code, answer.json()["code"]) == (403, "caller.same_officer")


async def test_what_waits_can_be_called_off_and_what_is_done_cannot(caller: httpx.AsyncClient) -> None:
    gone = await post(caller, f"/v1/refunds/{WAITING}/cancellation", {"cancelled_by": "canbo.mau"})
    assert (gone.status_code, gone.json()["state"]) == (200, "cancelled")
    assert (await post(caller, f"/v1/refunds/{BY_HAND}/proof", PROOF)).status_code == 200
    late = await post(caller, f"/v1/refunds/{BY_HAND}/cancellation", {"cancelled_by": "canbo.mau"})
    assert (late.status_code, late.json()["code"]) == (409, "caller.refund_state")


@pytest.mark.parametrize("path", ["/v1/refunds/F9", "/v1/payments/P9/refunds"])
async def test_what_is_unknown_is_404(caller: httpx.AsyncClient, path: str) -> None:
    assert (await caller.get(path)).status_code == 404


async def test_a_key_for_another_agency_sees_and_moves_nothing(province: Province) -> None:
    """SEC-17 (part)."""
    key = await province.issue("khac", Scope.PAYMENTS, Scope.PAYMENTS_READ, agencies=("000.00.99.H99",))
    async with province.client(key) as other:
        answers = [
            await other.get(f"/v1/refunds/{WAITING}"),
            await other.get(f"/v1/payments/{PAYMENT}/refunds"),
            await post(other, f"/v1/payments/{PAYMENT}/refunds", ASKED),
            await post(other, f"/v1/refunds/{WAITING}/approval", {"approved_by": "x", "decision": DECISION}),
            await post(other, f"/v1/refunds/{BY_HAND}/proof", PROOF),
            await post(other, f"/v1/refunds/{WAITING}/cancellation", {"cancelled_by": "x"}),
        ]
    assert {(answer.status_code, answer.json()["code"]) for answer in answers} == {(403, "caller.agency")}


async def test_leaves_name_the_refund_and_no_account(province: Province, caller: httpx.AsyncClient) -> None:
    """PAY-18 (part), PDP-15 (part)."""
    assert (await post(caller, f"/v1/refunds/{BY_HAND}/proof", PROOF)).status_code == 200
    leaves = [leaf for leaf in province.recorder.entries if leaf.reference == BY_HAND]
    assert [leaf.operation for leaf in leaves] == ["refund_done", "record_refund"]
    assert not any("0011223344" in repr((leaf.facts, leaf.reference, leaf.system)) for leaf in leaves)
