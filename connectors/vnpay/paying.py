"""The pay address. It is made and signed here; the payer's browser is the first to bring it to VNPAY (5.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

from connectors.vnpay import checksum, wire
from connectors.vnpay.settings import VnpaySettings
from gateway.domain import to_ascii
from gateway.sdk import Accepted, Call, ConfigurationError, ProtocolViolation

VERSION = "2.1.0"
TIME = "%Y%m%d%H%M%S"
LONGEST_INFO = 255


def opened(call: Call, own: VnpaySettings) -> Accepted:
    """The signed address. Of the payer it holds nothing: the reference and the dossier code say what is paid."""
    reference = str(call.body["vnp_TxnRef"])
    created = datetime.strptime(call.body["vnp_CreateDate"], TIME)  # noqa: DTZ007 - local on both ends
    parameters = {
        "vnp_Version": VERSION,
        "vnp_Command": "pay",
        "vnp_TmnCode": own.tmn_code,
        "vnp_Amount": hundredths(call.body["SoTien"], currency=call.body["vnp_CurrCode"]),
        "vnp_CurrCode": "VND",
        "vnp_TxnRef": checked(reference),
        "vnp_OrderInfo": plain(f"{own.order_info} {call.body['MaHoSo']}", keeps=own.order_info_keeps),
        "vnp_OrderType": own.order_type,
        "vnp_Locale": own.locale,
        "vnp_ReturnUrl": own.return_url,
        "vnp_IpAddr": own.server_ip,
        "vnp_CreateDate": created.strftime(TIME),
        "vnp_ExpireDate": (created + timedelta(minutes=own.expires_after_min)).strftime(TIME),
    }
    query = checksum.sorted_query(parameters)
    signature = checksum.sign(query, own.secret.get_secret_value())
    return Accepted(reference=reference, body={"vnp_Url": f"{own.pay_url}?{query}&{checksum.HASH}={signature}"})


def hundredths(dong: int, *, currency: str = "VND") -> str:
    """vnp_Amount. `ProtocolViolation` for what cannot be paid."""
    if isinstance(dong, bool) or not isinstance(dong, int) or dong <= 0 or currency != "VND":
        raise ProtocolViolation("VNPAY takes a positive whole number of đồng.", what="not_signable")
    return str(dong * wire.PER_DONG)


def checked(reference: str) -> str:
    """A reference or request id: letters and digits alone. `ProtocolViolation` otherwise."""
    if not wire.REFERENCE.fullmatch(reference):
        raise ProtocolViolation("A reference at VNPAY has letters and digits alone.", what="not_signable")
    return reference


def plain(text: str, *, keeps: str) -> str:
    """ASCII without special characters, as vnp_OrderInfo wants it; each run of them becomes one space."""
    kept = "".join(c if c.isalnum() or c in keeps else " " for c in to_ascii(text))
    return " ".join(kept.split())[:LONGEST_INFO]


def check_https(own: VnpaySettings) -> None:
    """Both addresses that a payer's browser opens are https. `ConfigurationError` otherwise."""
    for name, url in (("pay_url", own.pay_url), ("return_url", own.return_url)):
        if not url.startswith("https://") and not own.allow_http:
            raise ConfigurationError(
                f"systems.vnpay.{name} must be https.",
                vi=f"systems.vnpay.{name} phải là địa chỉ https.",
                what="address",
            )
