"""Open, ask, refund, list a day: flat JSON, `x-request-id` as idempotency key, states SUCCESS / PENDING / FAILED."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, ClassVar

from connectors.tttt_2026 import dayfile
from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    Kind,
    Manifest,
    Operation,
    Outcome,
    Pending,
    ProtocolViolation,
    Refused,
    SystemSettings,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object

ASK_AGAIN_S = 30.0
PATHS = {
    "initiate_payment": "/MOCK-tttt/transactions",
    "query_payment": "/MOCK-tttt/status",
    "refund_payment": "/MOCK-tttt/refunds",
    "query_refund": "/MOCK-tttt/refund-status",
    "list_transactions": "/MOCK-tttt/reconciliation",
}


class Tttt2026Connector:
    """Nền tảng thanh toán theo đặc tả 2026 (ví dụ)."""

    manifest: ClassVar[Manifest] = Manifest(
        id="tttt_2026",
        title="National payment platform, 2026 dialect (example)",
        title_vi="Nền tảng thanh toán theo đặc tả 2026 (ví dụ)",
        owner="Ví dụ",
        legal_basis=("ví dụ",),
        operations=(
            Operation(name="initiate_payment", kind=Kind.SUBMIT, idempotent=False),
            Operation(name="query_payment", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
            Operation(name="refund_payment", kind=Kind.SUBMIT, idempotent=False),
            Operation(name="query_refund", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
            Operation(name="list_transactions", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
        ),
        settings=SystemSettings,
        sandbox={"base_url": "http://127.0.0.1:7199"},
        yields_to="payment",
    )

    def __init__(self, settings: SystemSettings) -> None:
        self._settings = settings

    def prepare(self, call: Call) -> WireRequest:
        return WireRequest(
            method="POST",
            url=self._settings.base_url + PATHS[call.operation],
            headers={"Content-Type": "application/json", "x-request-id": call.call_id},
            content=json.dumps(dict(call.body), ensure_ascii=False).encode(),
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        idempotent = self.manifest.operation(call.operation).idempotent
        check_available(reply, idempotent=idempotent)
        document = json_object(reply, idempotent=idempotent)
        if reply.status == 404:
            return self._open(call)
        if reply.status != 200:
            raise ProtocolViolation(f"The platform did not take the call (HTTP {reply.status}).")
        match call.operation:
            case "list_transactions":
                return Answered(body=dayfile.read(document))
            case "query_payment" | "query_refund":
                return self._state(call, document)
        return self._taken(call, document)

    def _taken(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        match document.get("MOCK_TrangThai"):
            case "SUCCESS" if self._is_about(call, document):
                return Accepted(reference=str(call.body["MaHoaDon"]), body=document)
            case "FAILED":
                return Refused(code=str(document.get("MOCK_MaLoi", "")), reason="")
            case "PENDING":
                return self._open(call)
        raise Unsettled("The answer says nothing that is known.")

    def _state(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        match document.get("MOCK_TrangThai"):
            case "SUCCESS" | "FAILED" if self._is_about(call, document):
                told = {"SUCCESS": "paid", "FAILED": "failed"}
                done = {"SUCCESS": "done", "FAILED": "failed"}
                states = told if call.operation == "query_payment" else done
                return Answered(body={**document, "KetQua": states[document["MOCK_TrangThai"]]})
            case "PENDING":
                return self._open(call)
        raise ProtocolViolation("The answer is about something else, or in no state that is known.")

    def _is_about(self, call: Call, document: Mapping[str, Any]) -> bool:
        name = "MOCK_MaHoanTien" if "refund" in call.operation else "MaHoaDon"
        return bool(document.get(name) == call.body[name])

    def _open(self, call: Call) -> Pending:
        return Pending(reference=str(call.body.get("MaHoaDon", "")), look_again_after_s=ASK_AGAIN_S)
