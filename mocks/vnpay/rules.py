"""What the mock gateway demands of a pay address, of querydr and of refund (section 5.4).

Codes are the page's: 02 bad TmnCode, 03 format, 91 not found, 94 duplicate request, 97 checksum, 99 other. Texts are
ours and begin with `MOCK-`; they name fields, never values.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from mocks.vnpay import checksum
from mocks.vnpay.ledger import HANOI
from mocks.vnpay.settings import VnpaySettings

VERSION = "2.1.0"
AMOUNT = re.compile(r"[1-9][0-9]{0,14}00")
REFERENCE = re.compile(r"[0-9A-Za-z]{1,100}")
REQUEST_ID = re.compile(r"[0-9A-Za-z]{1,32}")
PLAIN = re.compile(r"[0-9A-Za-z .:-]{1,255}")
PAY_FIELDS = (
    "vnp_Version", "vnp_Command", "vnp_TmnCode", "vnp_Amount", "vnp_CurrCode", "vnp_TxnRef", "vnp_OrderInfo",
    "vnp_OrderType", "vnp_Locale", "vnp_ReturnUrl", "vnp_IpAddr", "vnp_CreateDate", "vnp_ExpireDate",
)  # fmt: skip


class Refusal(NamedTuple):
    """vnp_ResponseCode and vnp_Message of a refusal."""

    code: str
    text: str


TERMINAL = Refusal("02", "MOCK-02: vnp_TmnCode chưa đăng ký")
CHECKSUM = Refusal("97", "MOCK-97: sai chữ ký")
NOT_FOUND = Refusal("91", "MOCK-91: không tìm thấy giao dịch")
REPEATED = Refusal("94", "MOCK-94: yêu cầu trùng lặp")
REFUSED = Refusal("99", "MOCK-REFUSE: từ chối theo kịch bản thử nghiệm")


def pay_refusal(pay: Mapping[str, str], settings: VnpaySettings, *, now: datetime) -> Refusal | None:
    """What is wrong with a pay address; None when its page can be shown."""
    missing = [name for name in PAY_FIELDS if not pay.get(name)]
    if missing:
        return Refusal("03", f"MOCK-03: thiếu {missing[0]}")
    if pay["vnp_TmnCode"] not in settings.terminals:
        return TERMINAL
    secrets = settings.terminals[pay["vnp_TmnCode"]]
    if not checksum.is_right(pay.get(checksum.FIELD, ""), (checksum.of_address(pay, secret) for secret in secrets)):
        return CHECKSUM
    complaint = next(_pay_complaints(pay), None)
    if complaint:
        return Refusal("03", f"MOCK-03: {complaint}")
    if moment(pay["vnp_ExpireDate"]) <= now:
        return Refusal("11", "MOCK-11: đã hết hạn chờ thanh toán")
    return None


def call_refusal(message: Mapping[str, Any], order: Sequence[str], settings: VnpaySettings) -> Refusal | None:
    """What every signed JSON message must be: complete, of this version, from a known terminal, well signed."""
    for name in (*order, checksum.FIELD):
        if not isinstance(message.get(name), str) or not message[name]:
            return Refusal("03", f"MOCK-03: {name} phải là chuỗi, không rỗng")
    if message["vnp_TmnCode"] not in settings.terminals:
        return TERMINAL
    secrets = settings.terminals[message["vnp_TmnCode"]]
    if not checksum.is_right(
        message[checksum.FIELD], (checksum.of_message(message, order, secret) for secret in secrets)
    ):
        return CHECKSUM
    complaint = next(_call_complaints(message, order), None)
    return None if complaint is None else Refusal("03", f"MOCK-03: {complaint}")


def is_moment(text: str) -> bool:
    """Whether the text is a real moment yyyyMMddHHmmss."""
    if not re.fullmatch(r"[0-9]{14}", text):
        return False
    try:
        moment(text)
    except ValueError:
        return False
    return True


def moment(text: str) -> datetime:
    """yyyyMMddHHmmss, GMT+7."""
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=HANOI)


def _pay_complaints(pay: Mapping[str, str]) -> Iterator[str]:
    if (pay["vnp_Version"], pay["vnp_Command"], pay["vnp_CurrCode"]) != (VERSION, "pay", "VND"):
        yield "sai phiên bản, lệnh hoặc loại tiền"
    if not AMOUNT.fullmatch(pay["vnp_Amount"]):
        yield "vnp_Amount phải là số đồng nhân 100"
    if not REFERENCE.fullmatch(pay["vnp_TxnRef"]):
        yield "vnp_TxnRef chỉ gồm chữ và số"
    if not PLAIN.fullmatch(pay["vnp_OrderInfo"]):  # MOCK-ORDER-INFO: which characters are special is not known
        yield "vnp_OrderInfo phải không dấu, không ký tự đặc biệt"
    if not is_moment(pay["vnp_CreateDate"]) or not is_moment(pay["vnp_ExpireDate"]):
        yield "thời gian không đúng dạng yyyyMMddHHmmss"
    elif pay["vnp_ExpireDate"] <= pay["vnp_CreateDate"]:
        yield "vnp_ExpireDate không sau vnp_CreateDate"


def _call_complaints(message: Mapping[str, Any], order: Sequence[str]) -> Iterator[str]:
    if message["vnp_Version"] != VERSION:
        yield "sai phiên bản"
    if checksum.smuggles_separator(message, order):
        yield "trường được ký không được chứa dấu |"
    if not REQUEST_ID.fullmatch(message["vnp_RequestId"]):
        yield "vnp_RequestId chỉ gồm chữ và số"
    if not is_moment(message["vnp_CreateDate"]) or not is_moment(message["vnp_TransactionDate"]):
        yield "thời gian không đúng dạng yyyyMMddHHmmss"
    if "vnp_Amount" in order and not AMOUNT.fullmatch(message["vnp_Amount"]):
        yield "vnp_Amount phải là số đồng nhân 100"
    if "vnp_TransactionType" in order and message["vnp_TransactionType"] not in ("02", "03"):
        yield "vnp_TransactionType phải là 02 hoặc 03"
