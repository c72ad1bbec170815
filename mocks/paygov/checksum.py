"""Checksums of sections 4.1 and 4.3, written from the contract page alone, and the notice's in an order of our own.

Lower-case hex SHA-256 of the UTF-8 text of the parts, the secret first, nothing between them. The creation has
accessKey before partnerCode, the receipt call has it after.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any

CREATE = ("secretKey", "accessKey", "partnerCode", "orderId", "requestCode", "amount")
RECEIPT = (
    "secretKey", "partnerCode", "accessKey", "payerId", "payerName", "payerAddress", "payerDistrict", "payerProvince",
    "docCode", "procedureName", "paids", "otherInfo", "decisionDate",
)  # fmt: skip
MOCK_ORDER = (  # the order of the real notice is unknown
    "secretKey", "accessKey", "amount", "orderId", "orderInfo", "requestCode", "transactionNo", "payDate", "paygate",
    "errorCode", "type", "transactionCode",
)  # fmt: skip


def checksum(message: Mapping[str, Any], order: Iterable[str], *, separator: str = "") -> str:
    """`message` holds every part, the secret among them. A number counts as JSON writes it."""
    return hashlib.sha256(separator.join(str(message[name]) for name in order).encode()).hexdigest()


def verify(message: Mapping[str, Any], order: Iterable[str], keys: Iterable[Mapping[str, str]], **how: str) -> bool:
    """Whether `checksum` is right under one of the sets of keys: two are active while one replaces the other."""
    given, names = str(message.get("checksum", "")).encode(), tuple(order)
    candidates = ({**message, **own} for own in keys)
    return any(
        all(name in parts for name in names) and hmac.compare_digest(given, checksum(parts, names, **how).encode())
        for parts in candidates
    )
