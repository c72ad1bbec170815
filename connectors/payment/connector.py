"""INIT, QUERY and the notice (IPN) of PPDVCQG 1.0.6 (contract page payment, section 2).

Only MaLoi "00" is a success; an unknown code is never a failure but an open question, which QUERY answers (2.12).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.payment import checksum, wire
from connectors.payment.settings import PaymentSettings
from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    Handled,
    Inbound,
    InboundRequest,
    Kind,
    Manifest,
    NotFoundError,
    Operation,
    Outcome,
    Pending,
    ProtocolViolation,
    Receipt,
    Refused,
    TrustError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object

VERSION = "1.0.6"
ASK_AGAIN_S = 30.0
PAID, FAILED = "1", "4"
NOTICE_PATHS = ("ipn", "dpnhankqthanhtoanhs")
"""Ours, and the name that the portal knows (2.5, 2.10): the message and its proof are the same."""

Model = TypeVar("Model", bound=BaseModel)


class PaymentConnector:
    """Nền tảng thanh toán trực tuyến của Cổng DVCQG."""

    manifest: ClassVar[Manifest] = Manifest(
        id="payment",
        title="National payment platform",
        title_vi="Nền tảng thanh toán trực tuyến của Cổng Dịch vụ công quốc gia",
        owner="Văn phòng Chính phủ",
        legal_basis=("NĐ 45/2020/NĐ-CP", "NĐ 107/2021/NĐ-CP"),
        operations=(
            Operation(name="initiate_payment", kind=Kind.SUBMIT, idempotent=False),
            Operation(name="query_payment", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
        ),
        settings=PaymentSettings,
        sandbox={
            "base_url": "http://127.0.0.1:7104",
            "init_path": "/pp/init",
            "query_path": "/pp/query",
            "partner_code": "DEMO-H99",
            "secret": "S3cretDEMO",
            "pay_hosts": ("127.0.0.1:7104",),
            "allow_http": True,
            "refusal_codes": ("02", "07"),
        },
    )

    def __init__(self, settings: PaymentSettings) -> None:
        self._settings = settings

    def prepare(self, call: Call) -> WireRequest:
        is_init = call.operation == "initiate_payment"
        message = self._init(call) if is_init else self._query(call)
        order = checksum.INIT if is_init else checksum.QUERY
        if not checksum.is_signable(message, order):
            raise ProtocolViolation("A signed field holds the separator or is not a text.", what="not_signable")
        signed = self._signed(message, order, receipt=call.body.get("ThongTinBienLai") if is_init else None)
        token = self._settings.bearer_token.get_secret_value()
        return WireRequest(
            method="POST",
            url=self._settings.base_url + (self._settings.init_path if is_init else self._settings.query_path),
            headers={
                "Content-Type": "application/json; charset=utf-8",
                **({"Authorization": f"Bearer {token}"} if token else {}),
            },
            content=json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode(),
        )

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        is_init = call.operation == "initiate_payment"
        check_available(reply, idempotent=not is_init)
        if reply.status >= 300:
            raise ProtocolViolation(f"The platform did not take the call (HTTP {reply.status}); check paths and token.")
        document = wire.unwrapped(json_object(reply, idempotent=not is_init))
        return self._opened(call, document) if is_init else self._result(call, document)

    def receive(self, request: InboundRequest) -> Inbound:
        """A notice, once its checksum holds. Whether the amount is right is for the books to say."""
        if request.path not in NOTICE_PATHS:
            raise NotFoundError("The payment platform has no such path here.", vi="Không có địa chỉ nhận này.")
        if request.method != "POST":
            raise ProtocolViolation("A notice is a POST.")
        message = _parsed(request.content)
        if not checksum.holds(message, checksum.NOTICE, self._secrets()):
            raise TrustError("The checksum of a payment notice does not hold.", vi="Mã xác thực của thông báo sai")
        notice = _read(wire.Notice, message)
        if notice.MaDoiTac != self._settings.partner_code:
            raise TrustError("A payment notice is for another partner.", vi="Thông báo dành cho đối tác khác")
        paid = notice.MaLoi == wire.SUCCESS
        if paid and not notice.MaGiaoDich:
            raise ProtocolViolation("A notice of payment has no transaction number.")
        body = {**notice.model_dump(), "KetQua": "paid" if paid else "unclear"}
        return Inbound(
            event="payment_result", key=f"{notice.MaThamChieu}/{notice.MaGiaoDich}/{notice.MaLoi}", body=body
        )

    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply:
        """ "00" for what is stored durably, repeats too; else "99". The platform's checksum is echoed, as both known
        clients do; how it would be recomputed is not public (2.5)."""
        stored = handled.receipt in {Receipt.RECORDED, Receipt.DUPLICATE}
        try:
            message = _parsed(request.content)
        except ProtocolViolation:
            message = {}
        echoed = {name: _short(message.get(name)) for name in ("MaDoiTac", "MaThamChieu", "ThoiGianGD")}
        document = {
            "MaLoi": "00" if stored else "99",
            "MoTaLoi": "" if stored else "Không ghi nhận được thông báo",
            **echoed,
            "MaXacThuc": _short(message.get("MaXacThuc")) if stored else "",
        }
        status = 503 if handled.receipt is Receipt.FAILED else 200
        headers = {"content-type": "application/json; charset=utf-8"}
        return WireReply(status=status, headers=headers, content=json.dumps(document, ensure_ascii=False).encode())

    def _init(self, call: Call) -> dict[str, Any]:
        """The signed fields, in their order (2.2)."""
        own, body = self._settings, call.body
        return {
            "LoaiBanTin": "INIT",
            "PhienBan": VERSION,
            "MaDoiTac": own.partner_code,
            "MaThamChieu": body["MaThamChieu"],
            "SoTien": body["SoTien"],
            "LoaiHinhThanhToan": own.loai_hinh_thanh_toan,
            "MaKenhThanhToan": own.ma_kenh_thanh_toan,
            "MaThietBi": own.ma_thiet_bi,
            "NgonNgu": own.ngon_ngu,
            "MaTienTe": body["MaTienTe"],
            "MaNganHang": own.ma_ngan_hang,
            "ThongTinGiaoDich": body["ThongTinGiaoDich"],
            "ThoiGianGD": body["ThoiGianGD"],
            "Ip": body.get("Ip") or own.server_ip,
        }

    def _query(self, call: Call) -> dict[str, Any]:
        """`ThoiGianGD` is the one of INIT (2.6)."""
        return {
            "LoaiBanTin": "QUERY",
            "PhienBan": VERSION,
            "MaDoiTac": self._settings.partner_code,
            "MaThamChieu": call.body["MaThamChieu"],
            "ThoiGianGD": call.body["ThoiGianGD"],
        }

    def _signed(self, message: dict[str, Any], order: Sequence[str], *, receipt: Any) -> dict[str, Any]:
        signature = checksum.sign(message, order, self._settings.secret.get_secret_value())
        return {**message, "MaXacThuc": signature, **({"ThongTinBienLai": receipt} if receipt is not None else {})}

    def _opened(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        reference = str(call.body["MaThamChieu"])
        try:
            reply = wire.InitReply.model_validate(document)
        except ValidationError as exc:
            raise Unsettled("The answer to INIT could not be read.") from exc
        if reply.MaLoi in self._settings.refusal_codes:
            return Refused(code=reply.MaLoi, reason=reply.MoTaLoi)
        if reply.MaLoi != wire.SUCCESS:
            return Pending(reference=reference, look_again_after_s=ASK_AGAIN_S)
        if reply.MaThamChieu not in {"", reference}:
            raise Unsettled("The answer to INIT is about another transaction.")
        own = self._settings
        if not wire.may_pay_at(reply.UrlThanhToan, hosts=own.pay_hosts, allow_http=own.allow_http):
            raise Unsettled("The address of the bank page is not one that was agreed on.")
        return Accepted(reference=reference, body={"UrlThanhToan": reply.UrlThanhToan})

    def _result(self, call: Call, document: Mapping[str, Any]) -> Outcome:
        reply = _read(wire.QueryReply, document)
        reference = str(call.body["MaThamChieu"])
        if reply.MaLoi != wire.SUCCESS or reply.TrangThaiGD not in {PAID, FAILED}:
            return Pending(reference=reference, look_again_after_s=0.0)
        if (reply.MaThamChieu, reply.MaDoiTac) != (reference, self._settings.partner_code):
            raise ProtocolViolation("The answer to QUERY is about another transaction.")
        if self._settings.query_reply_signed and not checksum.holds(document, checksum.NOTICE, self._secrets()):
            raise TrustError("The checksum of the answer to QUERY does not hold.")
        if reply.SoTien is None or (reply.TrangThaiGD == PAID and not reply.MaGiaoDich):
            raise ProtocolViolation("The final answer to QUERY lacks the amount or the transaction number.")
        return Answered(body={**reply.model_dump(), "KetQua": "paid" if reply.TrangThaiGD == PAID else "failed"})

    def _secrets(self) -> list[str]:
        own = self._settings
        return [secret.get_secret_value() for secret in (own.secret, own.previous_secret) if secret is not None]


def _parsed(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as exc:
        raise ProtocolViolation("The notice is not JSON.") from exc
    if not isinstance(document, dict):
        raise ProtocolViolation("The notice is not a JSON object.")
    return document


def _read(model: type[Model], document: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as exc:
        fields = ", ".join(sorted({str(error["loc"][-1]) for error in exc.errors()}))
        raise ProtocolViolation(f"The message does not have the shape of the contract at {fields}.") from exc


def _short(value: Any) -> str:
    """A text of theirs, fit to be repeated: not endless, and writable as UTF-8."""
    return value[:255].encode(errors="replace").decode() if isinstance(value, str) else ""
