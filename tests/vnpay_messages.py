"""Messages to and from VNPAY, well signed unless told otherwise; the golden ones are the mock's samples."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from systems import bench

from connectors.vnpay import checksum
from gateway.domain import VIETNAM
from gateway.sdk import Call, Handled, InboundRequest, Outcome, WireReply

SAMPLES = Path(__file__).parents[1] / "mocks" / "vnpay" / "samples"
SECRET = "VNPSECRET"
VECTOR = (
    "d58e3a59b363ebc3fc7bcf002c46fa6d92f56bc3e56958e8f07dec2e999dc98602cd2d19a383a5a60c4ad2cf5f629e381256b023fca3df1092"
    "bf4f4cee268551"
)
AT = datetime(2026, 8, 1, 15, 0, tzinfo=VIETNAM)


def sample(name: str) -> Any:
    return json.loads((SAMPLES / f"{name}.json").read_text())


def compact(message: Any) -> bytes:
    return json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode()


QUERY, QUERY_REPLY, REFUND, REFUND_REPLY = map(sample, ("querydr", "querydr_reply", "refund", "refund_reply"))
IPN = sample("ipn")
OPENING = {
    "vnp_TxnRef": "PAY26K7Q2M0001",
    "SoTien": 150_000,
    "vnp_CurrCode": "VND",
    "MaHoSo": "H99.01-260801-0007",
    "vnp_CreateDate": "20260801143005",
}
ASKING = {"vnp_TxnRef": "PAY26K7Q2M0001", "vnp_TransactionDate": "20260801143005"}
REFUNDING = {
    **ASKING,
    "MaHoanTien": "RFD26K7Q2M0001",
    "vnp_TransactionNo": "14226112",
    "SoTien": 30_000,
    "SoTienDaNop": 150_000,
    "vnp_TransactionType": "03",
    "vnp_CreateBy": "canbo.mau",
}
BODIES = {
    "initiate_payment": OPENING,
    "query_payment": ASKING,
    "refund_payment": REFUNDING,
    "query_refund": {**ASKING, "MaHoanTien": "RFD26K7Q2M0001", "SoTien": 30_000},
}


def call(operation: str, **changes: Any) -> Call:
    return Call(operation=operation, body={**BODIES[operation], **changes}, call_id="REQ0001", at=AT)


def resigned(message: dict[str, Any], order: tuple[str, ...], *, secret: str = SECRET) -> dict[str, Any]:
    return {**message, checksum.HASH: checksum.sign(checksum.joined(message, order), secret)}


def replied(operation: str, *, settings: dict[str, Any] | None = None, **changes: Any) -> Outcome:
    """The outcome of a well-signed reply with these changes."""
    is_refund = operation == "refund_payment"
    order = checksum.REFUND_REPLY if is_refund else checksum.QUERY_REPLY
    document = resigned({**(REFUND_REPLY if is_refund else QUERY_REPLY), **changes}, order)
    return interpret(operation, document, **(settings or {}))


def interpret(operation: str, document: Any, **settings: Any) -> Outcome:
    reply = WireReply(status=200, content=json.dumps(document).encode())
    return bench("vnpay", **settings).connector.interpret(call(operation), reply)


def notice(*, secret: str = SECRET, **changes: str) -> dict[str, str]:
    parameters = {**IPN, **changes}
    return {**parameters, checksum.HASH: checksum.sign(checksum.sorted_query(parameters), secret)}


def inbound(query: dict[str, str], *, path: str = "ipn", method: str = "GET") -> InboundRequest:
    return InboundRequest(method=method, path=path, headers={}, query=query, content=b"")


def connector(**settings: Any) -> Any:
    return bench("vnpay", **settings).connector


def acknowledged(query: dict[str, str], handled: Handled) -> str:
    reply = connector().acknowledge(inbound(query), handled)
    assert reply.status == 200
    return str(json.loads(reply.content)["RspCode"])
