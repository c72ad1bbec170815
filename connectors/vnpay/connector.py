"""Pay address, querydr, refund, notice and return of VNPAY 2.1.0 (contract page payment, section 5.4).

Only a code that the page defines is a verdict. Everything else is an open question, which querydr answers.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from pydantic import ValidationError

from connectors.vnpay import checksum, notices, paying, wire
from connectors.vnpay.paying import TIME, VERSION
from connectors.vnpay.settings import VnpaySettings
from gateway.domain import VIETNAM
from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    CannotTell,
    Handled,
    Inbound,
    InboundRequest,
    Kind,
    Manifest,
    Operation,
    Outcome,
    Pending,
    ProtocolViolation,
    Refused,
    SendNow,
    Settlement,
    TookEffect,
    TrustError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object, unreadable

QUESTION = "Truy van GD"
REFUND_INFO = "Hoan tien GD"
ASK_AGAIN_S = 30.0
OUR_FAULT = frozenset({"02", "03", "97"})
"""vnp_ResponseCode: terminal code, format or checksum of the question is wrong. It says nothing of the transaction."""


class VnpayConnector:
    """Cổng thanh toán VNPAY."""

    manifest: ClassVar[Manifest] = Manifest(
        id="vnpay",
        title="VNPAY payment gateway",
        title_vi="Cổng thanh toán VNPAY",
        owner="Công ty Cổ phần Giải pháp Thanh toán Việt Nam",
        legal_basis=("NĐ 45/2020/NĐ-CP", "NĐ 52/2024/NĐ-CP"),
        operations=(
            Operation(name="initiate_payment", kind=Kind.SUBMIT, idempotent=False),
            Operation(name="query_payment", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
            Operation(name="refund_payment", kind=Kind.SUBMIT, idempotent=False, personal_data=False),
            Operation(name="query_refund", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
        ),
        settings=VnpaySettings,
        sandbox={
            "base_url": "http://127.0.0.1:7109",
            "pay_url": "http://127.0.0.1:7109/paymentv2/vpcpay.html",
            "return_url": "http://127.0.0.1:7100/inbound/vnpay/return",
            "allow_http": True,
            "tmn_code": "DEMOTMN1",
            "secret": "VNPSECRET",
            "server_ip": "198.51.100.4",
            "failed_statuses": ("02",),
            "refund_failed_statuses": ("09",),
        },
        yields_to="payment",
    )

    def __init__(self, settings: VnpaySettings) -> None:
        paying.check_https(settings)
        self._settings = settings

    def answer(self, call: Call) -> Outcome | None:
        """The pay address needs nobody: VNPAY first hears of a payment from the payer's browser."""
        return paying.opened(call, self._settings) if call.operation == "initiate_payment" else None

    def prepare(self, call: Call) -> WireRequest:
        is_refund = call.operation == "refund_payment"
        order = checksum.REFUND if is_refund else checksum.QUERY
        message = self._refund(call) if is_refund else self._question(call)
        if not checksum.is_signable(message, order):
            raise ProtocolViolation("A signed field holds the separator or is not a text.", what="not_signable")
        secret = self._settings.secret.get_secret_value()
        signed = {**message, checksum.HASH: checksum.sign(checksum.joined(message, order), secret)}
        return WireRequest(
            method="POST",
            url=self._settings.base_url + self._settings.api_path,
            headers={"Content-Type": "application/json; charset=utf-8"},
            content=json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode(),
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        is_refund = call.operation == "refund_payment"
        check_available(reply, idempotent=not is_refund)
        if reply.status >= 300:
            raise ProtocolViolation(f"VNPAY did not take the call (HTTP {reply.status}); check address and path.")
        document = json_object(reply, idempotent=not is_refund)
        try:
            told = wire.read(document)
        except ValidationError as exc:
            raise unreadable(idempotent=not is_refund, detail="The answer has not the shape of the contract.") from exc
        self._check_proof(document, told, is_refund=is_refund)
        if is_refund:
            return self._refund_taken(call, told)
        if told.response_code in OUR_FAULT:
            raise ProtocolViolation(f"VNPAY did not understand the question ({told.response_code}); check settings.")
        if told.response_code != wire.SUCCESS:  # 91 too: VNPAY knows nothing until a browser brings the address
            return _open(call)
        if not self._is_ours(call, told):
            raise ProtocolViolation("The answer to querydr is about another transaction.")
        return self._refund_state(call, told) if call.operation == "query_refund" else self._state(call, told)

    def question(self, call: Call) -> Call | Settlement:
        """Of a refund: whether VNPAY has it. A pay address may be made again as often as one likes."""
        if call.operation != "refund_payment":
            return SendNow(call=call)
        names = ("MaHoanTien", "vnp_TxnRef", "vnp_TransactionDate", "SoTien")
        return replace(call, operation="query_refund", body={name: call.body[name] for name in names})

    def settle(self, call: Call, answer: Outcome) -> Settlement:
        """What querydr does not show may still be on its way: then nothing is sent, and a person looks."""
        refund_id = str(call.body["MaHoanTien"])
        if isinstance(answer, Answered) or (isinstance(answer, Pending) and answer.reference == refund_id):
            return TookEffect(reference=refund_id)
        return CannotTell(
            reason="VNPAY's answer to querydr shows no such refund, which does not prove that there is none.",
            reason_vi="Câu trả lời của VNPAY chưa cho thấy lần hoàn tiền này; cần cán bộ đối chiếu với VNPAY.",
        )

    def receive(self, request: InboundRequest) -> Inbound:
        return notices.received(request, tmn_code=self._settings.tmn_code, secrets=self._secrets())

    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply:
        return notices.acknowledged(request, handled, secrets=self._secrets())

    def _question(self, call: Call) -> dict[str, Any]:
        """querydr. `vnp_TransactionDate` is the vnp_CreateDate of the pay address."""
        return {
            "vnp_RequestId": paying.checked(call.call_id),
            "vnp_Version": VERSION,
            "vnp_Command": "querydr",
            "vnp_TmnCode": self._settings.tmn_code,
            "vnp_TxnRef": paying.checked(str(call.body["vnp_TxnRef"])),
            "vnp_TransactionDate": call.body["vnp_TransactionDate"],
            "vnp_CreateDate": _local(call),
            "vnp_IpAddr": self._settings.server_ip,
            "vnp_OrderInfo": QUESTION,
        }

    def _refund(self, call: Call) -> dict[str, Any]:
        """The refund's own id is the request id: the same refund, sent anew, is a repeat to VNPAY and no second one."""
        own, body = self._settings, call.body
        whole = body["vnp_TransactionType"] == wire.WHOLE_REFUND
        amount, paid = body["SoTien"], body["SoTienDaNop"]
        if amount > paid or (whole and amount != paid):
            raise ProtocolViolation("The refund does not fit what was paid.", what="not_signable")
        return {
            "vnp_RequestId": paying.checked(str(body["MaHoanTien"])),
            "vnp_Version": VERSION,
            "vnp_Command": "refund",
            "vnp_TmnCode": own.tmn_code,
            "vnp_TransactionType": body["vnp_TransactionType"],
            "vnp_TxnRef": paying.checked(str(body["vnp_TxnRef"])),
            "vnp_Amount": paying.hundredths(amount),
            "vnp_TransactionNo": str(body["vnp_TransactionNo"]),
            "vnp_TransactionDate": body["vnp_TransactionDate"],
            "vnp_CreateBy": paying.plain(str(body["vnp_CreateBy"]), keeps=own.order_info_keeps) or own.tmn_code,
            "vnp_CreateDate": _local(call),
            "vnp_IpAddr": own.server_ip,
            "vnp_OrderInfo": f"{REFUND_INFO} {body['vnp_TxnRef']}",
        }

    def _check_proof(self, document: Mapping[str, Any], told: wire.Told, *, is_refund: bool) -> None:
        """A hash that is there must hold, whatever the answer says; without one, a good answer is not believed. A bad
        one may come without: of a question it tells nothing, and of a refund that it was not taken, which TLS alone
        vouches for then."""
        given, good = document.get(checksum.HASH), told.response_code == wire.SUCCESS
        if is_refund and not self._settings.refund_reply_signed:
            return
        if not given and not good:
            return
        order: Sequence[str] = checksum.REFUND_REPLY if is_refund else checksum.QUERY_REPLY
        is_held = checksum.is_signable(document, order) and checksum.holds(
            given, checksum.joined(document, order), self._secrets()
        )
        if not is_held:
            raise TrustError("The checksum of VNPAY's answer does not hold.", vi="Mã xác thực của VNPAY trả lời sai")

    def _state(self, call: Call, told: wire.Told) -> Outcome:
        status = told.transaction_status
        is_final = status == wire.SUCCESS or status in self._settings.failed_statuses
        if told.transaction_type != wire.PAYMENT or not is_final:
            return _open(call)
        paid = status == wire.SUCCESS
        if told.dong is None or (paid and not told.number):
            raise ProtocolViolation("The final answer to querydr lacks a whole amount or the transaction number.")
        return Answered(body=told.facts("paid" if paid else "failed"))

    def _refund_taken(self, call: Call, told: wire.Told) -> Outcome:
        if told.response_code in self._settings.refund_refusal_codes:
            return Refused(code=told.response_code, reason=told.message)
        if told.response_code != wire.SUCCESS:
            return Pending(reference=str(call.body["MaHoanTien"]), look_again_after_s=ASK_AGAIN_S)
        if not self._is_ours(call, told):
            raise Unsettled("The answer to refund is about another transaction.")
        number = {"vnp_TransactionNo": told.number} if told.number else {}
        return Accepted(reference=str(call.body["MaHoanTien"]), body=number)

    def _refund_state(self, call: Call, told: wire.Told) -> Outcome:
        """querydr knows the payment's reference alone: only a refund of this very amount is ours."""
        status, refund_id = told.transaction_status, str(call.body["MaHoanTien"])
        is_refund = told.transaction_type in {wire.WHOLE_REFUND, wire.PART_REFUND}
        if not is_refund or told.dong != call.body["SoTien"]:
            return _open(call)
        if status != wire.SUCCESS and status not in self._settings.refund_failed_statuses:
            return Pending(reference=refund_id, look_again_after_s=0.0)  # VNPAY has it
        verdict = "done" if status == wire.SUCCESS else "failed"
        return Answered(body={**told.facts(verdict), "MaHoanTien": refund_id})

    def _is_ours(self, call: Call, told: wire.Told) -> bool:
        return (told.txn_ref, told.tmn_code) == (str(call.body["vnp_TxnRef"]), self._settings.tmn_code)

    def _secrets(self) -> list[str]:
        own = self._settings
        return [secret.get_secret_value() for secret in (own.secret, own.previous_secret) if secret is not None]


def _open(call: Call) -> Pending:
    return Pending(reference=str(call.body["vnp_TxnRef"]), look_again_after_s=0.0)


def _local(call: Call) -> str:
    return call.at.astimezone(VIETNAM).strftime(TIME)
