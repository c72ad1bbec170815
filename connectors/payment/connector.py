"""INIT, QUERY, GET_BILL and what comes in, of PPDVCQG 1.0.6 (contract page payment, section 2).

Only MaLoi "00" is a success; an unknown code is never a failure but an open question, which QUERY answers (2.12).
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from pydantic import BaseModel, ValidationError

from connectors.payment import checksum, daylist, inbound, voucher, wire
from connectors.payment.settings import PaymentSettings
from gateway.sdk import (
    Accepted,
    Answered,
    Call,
    ConfigurationError,
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
    TrustError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.replies import check_available, json_object

VERSION = "1.0.6"
ASK_AGAIN_S = 30.0
PAID, FAILED = "1", "4"

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
            Operation(name="fetch_voucher", kind=Kind.LOOKUP, idempotent=True),
            Operation(name="download_voucher", kind=Kind.LOOKUP, idempotent=True),
            Operation(name="list_transactions", kind=Kind.LOOKUP, idempotent=True, personal_data=False),
        ),
        settings=PaymentSettings,
        sandbox={
            "base_url": "http://127.0.0.1:7104",
            "init_path": "/pp/init",
            "query_path": "/pp/query",
            "bill_path": "/pp/bill",
            "transactions_path": "/pp/recon/{date}",
            "partner_code": "DEMO-H99",
            "secret": "S3cretDEMO",
            "pay_hosts": ("127.0.0.1:7104",),
            "voucher_hosts": ("127.0.0.1:7104",),
            "answers_lookups": True,
            "allow_http": True,
            "refusal_codes": ("02", "07"),
        },
    )

    def __init__(self, settings: PaymentSettings) -> None:
        self._settings = settings

    @property
    def left_out(self) -> frozenset[str]:
        own = self._settings
        paths = {"fetch_voucher": own.bill_path, "list_transactions": own.transactions_path}
        return frozenset(name for name, path in paths.items() if not path)

    def prepare(self, call: Call) -> WireRequest:
        own = self._settings
        match call.operation:
            case "initiate_payment":
                receipt = {"ThongTinBienLai": call.body.get("ThongTinBienLai")}
                return self._post(own.init_path, self._init(call), checksum.INIT, beside=receipt)
            case "fetch_voucher":
                message = self._question("GET_BILL", call, voucher.time_of(call.body, own))
                return self._post(_agreed(own.bill_path, what="no_voucher"), message, checksum.QUERY)
            case "download_voucher":
                return self._get(voucher.address(str(call.body["UrlBienLai"]), own))
            case "list_transactions":
                path = _agreed(own.transactions_path, what="no_transaction_list")
                return self._get(own.base_url + path.replace("{date}", str(call.body["Ngay"])))
        return self._post(own.query_path, self._question("QUERY", call, call.body["ThoiGianGD"]), checksum.QUERY)

    def interpret(self, call: Call, reply: WireReply) -> Outcome:
        is_init = call.operation == "initiate_payment"
        check_available(reply, idempotent=not is_init)
        if call.operation == "download_voucher":
            return voucher.read_file(call, reply, self._settings)
        if reply.status >= 300:
            raise ProtocolViolation(f"The platform did not take the call (HTTP {reply.status}); check paths and token.")
        if call.operation == "fetch_voucher":
            return voucher.read_bill(call, reply, self._settings)
        if call.operation == "list_transactions":
            day, partner = str(call.body["Ngay"]), self._settings.partner_code
            return Answered(body=daylist.read(reply, day=day, partner=partner, secrets=self._secrets()))
        document = wire.unwrapped(json_object(reply, idempotent=not is_init))
        return self._opened(call, document) if is_init else self._result(call, document)

    def receive(self, request: InboundRequest) -> Inbound:
        return inbound.receive(request, self._settings, self._secrets())

    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply:
        return inbound.acknowledge(request, handled)

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

    def _question(self, kind: str, call: Call, moment: Any) -> dict[str, Any]:
        """QUERY asks with the `ThoiGianGD` of INIT (2.6); of GET_BILL the sources disagree (2.7)."""
        return {
            "LoaiBanTin": kind,
            "PhienBan": VERSION,
            "MaDoiTac": self._settings.partner_code,
            "MaThamChieu": call.body["MaThamChieu"],
            "ThoiGianGD": moment,
        }

    def _post(
        self, path: str, message: dict[str, Any], order: Sequence[str], *, beside: Mapping[str, Any] | None = None
    ) -> WireRequest:
        """A signed message; `beside` goes along unsigned."""
        if not checksum.is_signable(message, order):
            raise ProtocolViolation("A signed field holds the separator or is not a text.", what="not_signable")
        signature = checksum.sign(message, order, self._settings.secret.get_secret_value())
        signed = {**message, "MaXacThuc": signature, **(beside or {})}
        return WireRequest(
            method="POST",
            url=self._settings.base_url + path,
            headers={"Content-Type": "application/json; charset=utf-8", **self._token()},
            content=json.dumps(signed, ensure_ascii=False, separators=(",", ":")).encode(),
        )

    def _get(self, url: str) -> WireRequest:
        """The token is for the platform, not for whoever keeps the vouchers."""
        is_theirs = url.startswith(f"{self._settings.base_url}/")
        return WireRequest(method="GET", url=url, headers=self._token() if is_theirs else {})

    def _token(self) -> dict[str, str]:
        token = self._settings.bearer_token.get_secret_value()
        return {"Authorization": f"Bearer {token}"} if token else {}

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


def _read(model: type[Model], document: Mapping[str, Any]) -> Model:
    try:
        return model.model_validate(document)
    except ValidationError as exc:
        fields = ", ".join(sorted({str(error["loc"][-1]) for error in exc.errors()}))
        raise ProtocolViolation(f"The message does not have the shape of the contract at {fields}.") from exc


def _agreed(path: str, *, what: str) -> str:
    """`ConfigurationError`: this rail does not offer the operation."""
    if not path:
        raise ConfigurationError(
            "The payment platform was configured without this operation.",
            vi="Nền tảng thanh toán chưa được cấu hình nghiệp vụ này",
            what=what,
        )
    return path
