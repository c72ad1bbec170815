"""vnp_SecureHash: section 5.4 of the contract page, written from the page alone.

HMAC-SHA512 in lower-case hex. Addresses: the vnp_ parameters sorted by name and url-encoded. JSON messages: the values
in the page's order joined by "|".
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import quote_plus

FIELD = "vnp_SecureHash"
QUERYDR = (
    "vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode", "vnp_TxnRef", "vnp_TransactionDate", "vnp_CreateDate",
    "vnp_IpAddr", "vnp_OrderInfo",
)  # fmt: skip
QUERYDR_REPLY = (
    "vnp_ResponseId", "vnp_Command", "vnp_ResponseCode", "vnp_Message", "vnp_TmnCode", "vnp_TxnRef", "vnp_Amount",
    "vnp_BankCode", "vnp_PayDate", "vnp_TransactionNo", "vnp_TransactionType", "vnp_TransactionStatus", "vnp_OrderInfo",
    "vnp_PromotionCode", "vnp_PromotionAmount",
)  # fmt: skip
REFUND = (
    "vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode", "vnp_TransactionType", "vnp_TxnRef", "vnp_Amount",
    "vnp_TransactionNo", "vnp_TransactionDate", "vnp_CreateBy", "vnp_CreateDate", "vnp_IpAddr", "vnp_OrderInfo",
)  # fmt: skip
MOCK_REFUND_REPLY = QUERYDR_REPLY[:-2]  # MOCK-REFUND-REPLY-ORDER: the page does not know it


def of_address(parameters: Mapping[str, str], secret: str) -> str:
    """The hash of a pay address, an IPN or a return."""
    names = sorted(name for name, value in parameters.items() if name.startswith("vnp_") and value)
    pairs = (f"{quote_plus(name)}={quote_plus(parameters[name])}" for name in names if name not in _UNSIGNED)
    return _hmac("&".join(pairs), secret)


def of_message(message: Mapping[str, Any], order: Iterable[str], secret: str) -> str:
    """The hash of a JSON message; a missing value counts as an empty one."""
    return _hmac("|".join(str(message.get(name, "")) for name in order), secret)


def is_right(given: object, expected: Iterable[str]) -> bool:
    """Whether the hash is one of those that would be right: two secrets are active while one replaces the other."""
    told = str(given).encode()
    return any(hmac.compare_digest(told, right.encode()) for right in expected)


def smuggles_separator(message: Mapping[str, Any], order: Iterable[str]) -> bool:
    """Whether a signed value holds "|", which would let values move across field borders."""
    return any("|" in str(message.get(name, "")) for name in order)


_UNSIGNED = frozenset({FIELD, "vnp_SecureHashType"})


def _hmac(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()
