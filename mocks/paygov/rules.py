"""What the mock demands of a creation and a receipt call: sections 4.1 and 4.3.

Codes are those of the notice's acknowledgement, the only ones that the page knows: SIGNATURE_WRONG and FAILED. Texts
are ours and begin with `MOCK-`; they name fields, never values.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from mocks.paygov import checksum
from mocks.paygov.settings import PayGovSettings

Message = Mapping[str, Any]
ORDER_ID = re.compile(r"[0-9A-Za-z.]{13}-.+-[0-9A-Z]{2,50}")
LARGEST = 10**15
COMMON = ("partnerCode", "returnUrl", "orderId", "orderInfo", "requestCode", "ipAddress")
PLAIN = ("payerId", "payerName", "payerAddress", "payerDistrict", "payerProvince")
"""Marks are removed in these."""
MAY_BE_EMPTY = frozenset({"payerDistrict", "payerProvince"})


class Refusal(NamedTuple):
    """error_code and error_message."""

    code: str
    text: str


WRONG_CHECKSUM = Refusal("SIGNATURE_WRONG", "MOCK-SIGNATURE: sai mã xác thực")
DUPLICATE = Refusal("FAILED", "MOCK-DUPLICATE: requestCode đã có")
ORDER_TAKEN = Refusal("FAILED", "MOCK-ORDER-TAKEN: orderId đã có")
REFUSED = Refusal("FAILED", "MOCK-REFUSE: PayGov từ chối theo kịch bản thử nghiệm")


def dialect_of(message: Message) -> str:
    """`direct` when it has what only that shape has."""
    return "direct" if {"checksum", "accessKey", "serviceCode"} & set(message) else "lgsp"


def create_refusal(message: Message, settings: PayGovSettings) -> Refusal | None:
    """What is wrong with a creation; None when it can be opened."""
    complaint = next(_create_complaints(message, settings), None)
    if complaint is not None:
        return Refusal("FAILED", f"MOCK-CONTENT: {complaint}")
    keys = settings.keys_of(message["partnerCode"])
    if dialect_of(message) == "direct" and not checksum.verify(message, checksum.CREATE, keys):
        return WRONG_CHECKSUM
    return None


def receipt_refusal(message: Message, settings: PayGovSettings) -> Refusal | None:
    """What is wrong with a receipt call, apart from the transactions that it names."""
    complaint = next(_receipt_complaints(message, settings), None)
    if complaint is not None:
        return Refusal("FAILED", f"MOCK-CONTENT: {complaint}")
    known = checksum.verify(message, checksum.RECEIPT, settings.keys_of(message["partnerCode"]))
    return None if known else WRONG_CHECKSUM


def opened(text: object) -> Any:
    """What base64 of JSON holds; None when it is not that."""
    try:
        return json.loads(base64.b64decode(str(text), validate=True))
    except (binascii.Error, ValueError):
        return None


def _create_complaints(message: Message, settings: PayGovSettings) -> Iterator[str]:
    kind = dialect_of(message)
    if settings.dialect not in ("either", kind):
        yield "kiểu bản tin không được nhận ở đây"
    own = ("accessKey", "serviceCode", "checksum") if kind == "direct" else ("accountPay",)
    yield from _missing(message, (*COMMON, *own))
    if kind == "lgsp" and not isinstance(message.get("beneficiaryCode"), str):
        yield "thiếu beneficiaryCode"
    known = settings.partners.get(message["partnerCode"])
    if known is None or message.get("accessKey", known.access_key) != known.access_key:
        yield "đối tác chưa đăng ký"
    amount = message.get("amount")
    if isinstance(amount, bool) or not isinstance(amount, int) or not 0 < amount < LARGEST:
        yield "amount phải là số nguyên dương"
    if not ORDER_ID.fullmatch(message["orderId"]):
        yield "orderId không đúng cấu trúc"
    if not re.fullmatch(settings.request_code_pattern, message["requestCode"]):
        yield "requestCode không đúng cấu trúc"
    if not message["orderInfo"].isascii():
        yield "orderInfo không được có dấu"
    if not message["returnUrl"].startswith(("https://", "http://")):
        yield "returnUrl không phải địa chỉ"
    if not _is_address(message["ipAddress"]):
        yield "ipAddress không phải địa chỉ IP"


def _receipt_complaints(message: Message, settings: PayGovSettings) -> Iterator[str]:
    for name in (*checksum.RECEIPT[1:], "checksum"):
        if not isinstance(message.get(name), str) or not (message[name].strip() or name in MAY_BE_EMPTY):
            yield f"trường {name} phải là chuỗi, không rỗng"
    known = settings.partners.get(message["partnerCode"])
    if known is None or message["accessKey"] != known.access_key:
        yield "đối tác chưa đăng ký"
    if not all(message[name].isascii() for name in PLAIN):
        yield "thông tin người nộp không được có dấu"
    if not _is_day(message["decisionDate"]):
        yield "decisionDate không đúng dạng dd-MM-yyyy"
    codes = opened(message["paids"])
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        yield "paids không phải base64 của mảng transactionCode"
    unit = opened(message["otherInfo"])
    names = ("beneficiaryUnitCode", "beneficiaryUnitName")
    if not isinstance(unit, dict) or not all(isinstance(unit.get(name), str) for name in names):
        yield "otherInfo không phải base64 của đơn vị thụ hưởng"


def _missing(message: Message, names: tuple[str, ...]) -> Iterator[str]:
    """A code that became a number has lost its zeros: it is refused like one that is missing."""
    for name in names:
        if not isinstance(message.get(name), str) or not message[name].strip():
            yield f"trường {name} phải là chuỗi, không rỗng"


def _is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _is_day(text: str) -> bool:
    try:
        datetime.strptime(text, "%d-%m-%Y")  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return False
    return bool(re.fullmatch(r"[0-9]{2}-[0-9]{2}-[0-9]{4}", text))
