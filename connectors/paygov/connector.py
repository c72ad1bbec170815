"""PayGov: open a payment, have a notice vouched for, fetch its receipt (contract page payment, section 4).

No query, no refund and no list of a day are known of PayGov (4.4), so none is offered: a payment here is closed by a
proven notice, by the LGSP's word for a notice or a return, or by the bank's statement.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.paygov import checksum, inbound, wire
from connectors.paygov.addresses import may_visit
from connectors.paygov.settings import PayGovSettings
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Call,
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
    TransientRemoteError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object

ASK_AGAIN_S = 30.0
FIRST_ORDER = "01"
"""What the known client ends every orderId in, whichever attempt it is (2.14, trap 18)."""

Model = TypeVar("Model", bound=BaseModel)


class PayGovConnector:
    """PayGov, hệ thống hỗ trợ thanh toán trực tuyến quốc gia."""

    manifest: ClassVar[Manifest] = Manifest(
        id="paygov",
        title="PayGov payment support gateway",
        title_vi="Nền tảng hỗ trợ thanh toán trực tuyến PayGov",
        owner="Bộ Thông tin và Truyền thông (khi ra mắt, 2020; nay do cơ quan nào quản lý: chưa xác minh)",
        legal_basis=("NĐ 45/2020/NĐ-CP",),
        operations=(
            Operation(name="initiate_payment", kind=Kind.SUBMIT, idempotent=False),
            Operation(name="verify_report", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
            Operation(name="fetch_voucher", kind=Kind.LOOKUP, idempotent=True),
            Operation(name="download_voucher", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
        ),
        settings=PayGovSettings,
        sandbox={
            "base_url": "http://127.0.0.1:7110",
            "create_path": "/pg/create",
            "receipt_path": "/pg/receipt",
            "partner_code": "PAYGOV-DEMO",
            "access_key": "AKDEMO",
            "secret": "SKDEMO",
            "service_code": "SVDEMO",
            "return_url": "http://127.0.0.1:7100/inbound/paygov/return",
            "pay_hosts": ("127.0.0.1:7110",),
            "receipt_hosts": ("127.0.0.1:7110",),
            "allow_http": True,
            "refusal_codes": ("SIGNATURE_WRONG",),
        },
        yields_to="payment",
    )

    def __init__(self, settings: PayGovSettings) -> None:
        self._settings = settings

    def prepare(self, call: Call) -> WireRequest:
        match call.operation:
            case "initiate_payment":
                return self._post(self._settings.create_path, self._created(call.body))
            case "fetch_voucher":
                return self._post(self._settings.receipt_path, self._asked_for_receipt(call.body))
            case "verify_report":
                return self._post(self._settings.verify_path, self._shown(call.body))
        url = str(call.body["url"])
        if not self._may_fetch(url):
            raise ProtocolViolation("The address of the receipt is not one that was agreed on.")
        return WireRequest(method="GET", url=url, headers={"Accept": "application/pdf"})  # and no key of ours

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        check_available(reply, idempotent=call.operation != "initiate_payment")
        if call.operation == "download_voucher":
            return self._file(reply)
        if reply.status >= 300:
            raise ProtocolViolation(f"PayGov did not take the call (HTTP {reply.status}); check paths and token.")
        match call.operation:
            case "initiate_payment":
                return self._opened(call, json_object(reply, idempotent=False))
            case "fetch_voucher":
                return self._receipt(call, json_object(reply, idempotent=True))
        return self._vouched(call, json_object(reply, idempotent=True))

    def receive(self, request: InboundRequest) -> Inbound:
        return inbound.receive(request, self._settings)

    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply:
        return inbound.acknowledge(request, handled, self._settings)

    def _created(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """Both shapes of 4.1. Every code stays a text, whatever it looks like; only `amount` is a number."""
        own = self._settings
        if body["currency"] != "VND":
            raise ProtocolViolation("PayGov has no field for a currency: it takes đồng.")
        last = body["requestCode"] if own.order_id_per_attempt else FIRST_ORDER
        message = {
            "partnerCode": own.partner_code,
            "returnUrl": body.get("returnUrl") or own.return_url,
            "orderId": f"{body['agency']}-{body['dossier']}-{last}",
            "amount": body["amount"],
            "orderInfo": body["orderInfo"],
            "requestCode": body["requestCode"],
            "ipAddress": body.get("ipAddress") or own.server_ip,
        }
        if own.dialect == "lgsp":
            return {**message, "beneficiaryCode": own.beneficiary_code, "accountPay": body["accountPay"]}
        keyed = {**message, "accessKey": own.access_key.get_secret_value(), "serviceCode": own.service_code}
        return self._signed(keyed, checksum.CREATE)

    def _asked_for_receipt(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """4.3. `paids` and `otherInfo` are base64 of JSON, so their letters are outside the questions of spelling."""
        own = self._settings
        unit = {
            "beneficiaryUnitCode": own.beneficiary_unit_code or body["unitCode"],
            "beneficiaryUnitName": body["unitName"],
        }
        message = {
            "partnerCode": own.partner_code,
            "accessKey": own.access_key.get_secret_value(),
            **{name: value for name, value in body.items() if name not in {"transactionCode", "unitCode", "unitName"}},
            "paids": _base64([body["transactionCode"]]),
            "otherInfo": _base64(unit),
        }
        return self._signed(message, checksum.RECEIPT)

    def _shown(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """What the notice or the return said, value by value as it stood there."""
        own, told = self._settings, body["told"]
        return {**{name: told[name] for name in own.verify_fields if name in told}, **own.verify_extra}

    def _signed(self, message: Mapping[str, Any], order: tuple[str, ...]) -> dict[str, Any]:
        parts = {**message, checksum.SECRET: self._settings.secret.get_secret_value()}
        if not checksum.is_signable(parts, order):
            raise ProtocolViolation("A signed field is missing or is not a text.", what="not_signable")
        return {**message, checksum.CHECKSUM: checksum.sign(parts, order)}

    def _post(self, path: str, message: Mapping[str, Any]) -> WireRequest:
        own = self._settings
        token = own.bearer_token.get_secret_value()
        keys = {
            "AccessKey": own.access_key.get_secret_value(),
            "SecretKey": own.secret.get_secret_value(),
            "AppName": own.app_name,
            "PartnerCode": own.partner_code,
            "PartnerCodeCus": own.partner_code_cus,
        }
        return WireRequest(
            method="POST",
            url=own.base_url + path,
            headers={
                "Content-Type": "application/json; charset=utf-8",
                **({"Authorization": f"Bearer {token}"} if token else {}),
                "lgspaccesstoken": _base64(keys),
            },
            content=_json(message),
        )

    def _opened(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        """What is not surely open or surely refused stays an open question."""
        own, reference = self._settings, str(call.body["requestCode"])
        try:
            reply = wire.CreateReply.model_validate(document)
        except ValidationError as exc:
            raise Unsettled("The answer to the creation could not be read.") from exc
        url = reply.data.url if reply.data else ""
        if not url:
            if reply.error_code in own.refusal_codes:
                return Refused(code=reply.error_code, reason=reply.error_message)
            return Pending(reference=reference, look_again_after_s=ASK_AGAIN_S)
        if not may_visit(url, hosts=own.pay_hosts, sandbox=own.allow_http):
            raise Unsettled("The address of the pay page is not one that was agreed on.")
        return Accepted(reference=reference, body={"url": url})

    def _receipt(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        url = _read(wire.ReceiptReply, document).transactionReceipt
        if not url:  # how a refusal looks is not public
            return Pending(reference=str(call.body["transactionCode"]), look_again_after_s=ASK_AGAIN_S)
        if not self._may_fetch(url):
            raise ProtocolViolation("The address of the receipt is not one that was agreed on.")
        return Answered(body={"transactionReceipt": url})

    def _file(self, reply: WireReply) -> Outcome:
        """A whole PDF of a sensible size, whatever its label. The link dies early: then there is no such receipt."""
        if reply.status in {404, 410}:
            return Absent()
        if reply.status != 200:
            raise ProtocolViolation(f"The receipt was not handed out (HTTP {reply.status}).")
        if not reply.content.strip():
            raise TransientRemoteError("The receipt is empty.", what="empty_reply")
        if not reply.content.startswith(b"%PDF-"):
            raise ProtocolViolation("What is at the receipt's address is no PDF.")
        if len(reply.content) < self._settings.smallest_receipt_bytes:
            return Pending(reference="", look_again_after_s=ASK_AGAIN_S)
        if b"%%EOF" not in reply.content[-1024:]:
            raise TransientRemoteError("The receipt is cut off.", what="failed")
        content = base64.b64encode(reply.content).decode()
        return Answered(body={"content": content, "media_type": "application/pdf"})

    def _vouched(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        """The LGSP says that PayGov signed exactly these values: then, and only then, they are what they claim."""
        own, verdict = self._settings, _read(wire.Verdict, document)
        notice = inbound.read_notice(call.body["told"])
        if verdict.error_code == wire.GOOD_ACK:
            proven = wire.facts(notice, pay_date_format=own.pay_date_format)
            inbound.check_numbered(notice)
            return Answered(body={**proven, "partnerCode": own.partner_code})
        if verdict.error_code in own.forged_codes:
            said = wire.facts(notice, pay_date_format=own.pay_date_format)
            return Answered(body={**said, "partnerCode": own.partner_code, "KetQua": "forged"})
        return Pending(reference=notice.requestCode, look_again_after_s=ASK_AGAIN_S)

    def _may_fetch(self, url: str) -> bool:
        own = self._settings
        return may_visit(url, hosts=own.receipt_hosts, sandbox=own.allow_http)


def _read(model: type[Model], document: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as exc:
        raise ProtocolViolation("The answer does not have the shape of the contract.") from exc


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _base64(value: Any) -> str:
    return base64.b64encode(_json(value)).decode()
