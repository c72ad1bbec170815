"""Calls of national systems that say everything in their query: VNPAY's notice and the payer's way back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from operations import BODIED
from province import Province

from connectors.vnpay import checksum
from gateway.domain import VIETNAM

NOTICE = {
    "vnp_TmnCode": "DEMOTMN1",
    "vnp_Amount": "15000000",
    "vnp_TxnRef": "P000000000000000000Z",
    "vnp_TransactionNo": "14226112",
    "vnp_PayDate": "20261123143142",
    "vnp_ResponseCode": "00",
    "vnp_TransactionStatus": "00",
}


def signed(**changes: str) -> str:
    parameters = {**NOTICE, **changes}
    signature = checksum.sign(checksum.sorted_query(parameters), "VNPSECRET")
    return urlencode({**parameters, checksum.HASH: signature})


PAYMENT = next(operation for operation in BODIED if operation.name == "create_payment")


async def test_a_payment_over_vnpay_is_opened_without_a_call_and_posted_once(caller: httpx.AsyncClient) -> None:
    """PAY-01, PAY-06, F03, F07: 00, then 02; another amount is 04."""
    body = {**PAYMENT.body, "rail": "vnpay"}
    opened = await caller.post(PAYMENT.path, json=body, headers=PAYMENT.headers)
    assert opened.status_code == 201, opened.text
    payment = opened.json()
    assert (payment["state"], payment["rail"]) == ("opened", "vnpay")
    assert payment["pay_url"].startswith("http://127.0.0.1:7109/paymentv2/vpcpay.html?vnp_Amount=")
    paid_at = datetime.now(VIETNAM).strftime("%Y%m%d%H%M%S")
    whole = {"vnp_TxnRef": payment["id"], "vnp_Amount": str(payment["amount"] * 100), "vnp_PayDate": paid_at}
    codes = [
        (await told(caller, signed(**{**whole, **changes}))).json()["RspCode"]
        for changes in ({"vnp_Amount": "100"}, {}, {})
    ]
    assert codes == ["04", "00", "02"]
    seen = (await caller.get(f"/v1/payments/{payment['id']}")).json()
    assert (seen["state"], seen["postings"]) == ("paid", 1)
    back = await told(caller, signed(**whole), path="return")
    assert (back.status_code, back.headers["location"]) == (303, f"/thanh-toan/{payment['id']}")


async def told(caller: httpx.AsyncClient, query: str, *, path: str = "ipn") -> Any:
    return await caller.get(f"/inbound/vnpay/{path}?{query}")


async def test_a_proven_notice_leaves_a_leaf_with_what_was_said(caller: httpx.AsyncClient, province: Province) -> None:
    """PAY-06, F26: it has no body, so its query is the evidence."""
    answer = await told(caller, signed())
    assert (answer.status_code, answer.json()["RspCode"]) == (200, "01")
    leaf = province.recorder.entries[-1]
    assert (leaf.kind, leaf.operation, leaf.bodies["request_received"].decode()) == (
        "inbound", "payment_result", signed(),
    )  # fmt: skip


@pytest.mark.parametrize("extra", ["vnp_Amount=100", "vnp_TxnRef=X", "vnp_SecureHash=00", "vnp_Amount=15000000"])
async def test_a_parameter_that_stands_twice_proves_nothing(
    caller: httpx.AsyncClient, province: Province, extra: str
) -> None:
    for query in (f"{signed()}&{extra}", f"{extra}&{signed()}"):
        answer = await told(caller, query)
        assert (answer.status_code, answer.json()["RspCode"]) == (200, "97")
    assert province.recorder.entries[-1].bodies == {}


async def test_a_strangers_notice_is_answered_and_not_kept(caller: httpx.AsyncClient, province: Province) -> None:
    """F06."""
    forged = signed().replace("15000000", "1500000")
    assert (await told(caller, forged)).json() == {"RspCode": "97", "Message": "Invalid checksum"}
    assert province.recorder.entries[-1].bodies == {}


@pytest.mark.parametrize("path", ["payment/return?data=DEMO-H99_{id}_x", "paygov/return?requestCode={id}"])
async def test_what_a_browser_brings_along_is_not_kept(
    caller: httpx.AsyncClient, province: Province, path: str
) -> None:
    """F13: it proves nothing, may name anybody, and could fill the disk."""
    for reference in ("P000000000000000000Z", "KHONGCO"):
        await caller.get(f"/inbound/{path.format(id=reference)}&orderInfo={'x' * 5_000}")
        leaf = province.recorder.entries[-1]
        assert (leaf.operation, leaf.bodies) == ("payment_return", {})


async def test_a_browser_with_a_forged_return_sees_a_plain_page(caller: httpx.AsyncClient) -> None:
    answer = await told(caller, "vnp_TxnRef=P000000000000000000Z&vnp_ResponseCode=00", path="return")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "text/plain; charset=utf-8")
    assert "location" not in answer.headers
