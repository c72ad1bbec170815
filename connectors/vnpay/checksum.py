"""vnp_SecureHash: HMAC-SHA512, lower-case hex (contract page payment, section 5.4).

Two texts are signed: of a JSON message its values in a fixed order, joined with `|`; of an address its vnp_ parameters
sorted by name and encoded. Because values are only joined, a `|` inside one would let them shift across their borders.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

HASH = "vnp_SecureHash"
UNSIGNED = frozenset({HASH, "vnp_SecureHashType"})
QUERY = (
    "vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode", "vnp_TxnRef", "vnp_TransactionDate", "vnp_CreateDate",
    "vnp_IpAddr", "vnp_OrderInfo",
)  # fmt: skip
REFUND = (
    "vnp_RequestId", "vnp_Version", "vnp_Command", "vnp_TmnCode", "vnp_TransactionType", "vnp_TxnRef", "vnp_Amount",
    "vnp_TransactionNo", "vnp_TransactionDate", "vnp_CreateBy", "vnp_CreateDate", "vnp_IpAddr", "vnp_OrderInfo",
)  # fmt: skip
REFUND_REPLY = (
    "vnp_ResponseId", "vnp_Command", "vnp_ResponseCode", "vnp_Message", "vnp_TmnCode", "vnp_TxnRef", "vnp_Amount",
    "vnp_BankCode", "vnp_PayDate", "vnp_TransactionNo", "vnp_TransactionType", "vnp_TransactionStatus", "vnp_OrderInfo",
)  # fmt: skip
"""Not on the contract page; as public clients compute it (README)."""
QUERY_REPLY = (*REFUND_REPLY, "vnp_PromotionCode", "vnp_PromotionAmount")


def joined(message: Mapping[str, Any], order: Sequence[str]) -> str:
    """What is signed of a JSON message. What it does not hold, or holds as null, counts as empty."""
    return "|".join("" if message.get(name) is None else str(message[name]) for name in order)


def sorted_query(parameters: Mapping[str, str]) -> str:
    """What is signed of an address: its vnp_ parameters that hold something, by name."""
    signed = {name: value for name, value in parameters.items() if name.startswith("vnp_") and name not in UNSIGNED}
    return urlencode(sorted((name, value) for name, value in signed.items() if value), errors="surrogatepass")


def sign(text: str, secret: str) -> str:
    return hmac.new(secret.encode(), text.encode(), hashlib.sha512).hexdigest()


def holds(given: object, text: str, secrets: Iterable[str]) -> bool:
    """Whether `given` was made with one of the secrets over exactly this text."""
    if not isinstance(given, str) or not given.isascii() or not _is_utf8(text):
        return False
    return any(hmac.compare_digest(given.encode(), sign(text, secret).encode()) for secret in secrets)


def is_signable(message: Mapping[str, Any], order: Sequence[str]) -> bool:
    """Every signed value is a text or a whole number, or missing; and none smuggles a separator in."""
    values = [message.get(name) for name in order]
    return all(value is None or _is_plain(value) for value in values)


def _is_plain(value: object) -> bool:
    return isinstance(value, str | int) and not isinstance(value, bool) and "|" not in str(value)


def _is_utf8(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:  # half of a surrogate pair: JSON can say it, UTF-8 cannot
        return False
    return True
