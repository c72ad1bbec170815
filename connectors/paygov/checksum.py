"""Checksums of PayGov: SHA-256 over the bare values, the secret first and nothing between them (contract, 4.1 and 4.3).

Not an HMAC. `accessKey` stands before `partnerCode` in the creation and after it in the receipt call. Because nothing
separates the values, one may grow at its neighbour's cost under the same checksum: whoever believes a notice still has
to compare reference and amount with what was asked.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

SECRET, CHECKSUM = "secretKey", "checksum"
CREATE = (SECRET, "accessKey", "partnerCode", "orderId", "requestCode", "amount")
RECEIPT = (
    SECRET, "partnerCode", "accessKey", "payerId", "payerName", "payerAddress", "payerDistrict", "payerProvince",
    "docCode", "procedureName", "paids", "otherInfo", "decisionDate",
)  # fmt: skip


def sign(parts: Mapping[str, Any], order: Sequence[str], *, separator: str = "") -> str:
    """Lower-case hex. The values are taken exactly as they stand, `secretKey` among them: a code keeps its zeros."""
    return hashlib.sha256(separator.join(str(parts[name]) for name in order).encode()).hexdigest()


def holds(
    message: Mapping[str, Any], order: Sequence[str], *, keys: Iterable[Mapping[str, str]], separator: str = ""
) -> bool:
    """Whether `checksum` was made over exactly these values with one of the sets of `keys`; never without an order."""
    given = message.get(CHECKSUM)
    if not order or not isinstance(given, str) or not given.isascii():
        return False
    return any(
        is_signable(parts, order)
        and hmac.compare_digest(given.encode(), sign(parts, order, separator=separator).encode())
        for parts in ({**message, **own} for own in keys)
    )


def is_signable(parts: Mapping[str, Any], order: Sequence[str]) -> bool:
    """Every part is there, and is a text or a whole number that UTF-8 can write."""
    return all(_is_signable(parts.get(name)) for name in order)


def _is_signable(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, str | int):
        return False
    try:
        str(value).encode()
    except UnicodeEncodeError:  # half of a surrogate pair
        return False
    return True
