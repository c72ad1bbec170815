"""The text of a JWS (RFC 7515, 7.1 and 7.2.2), read strictly: one signature, one protected header, no field twice.

joserfc reads leniently (the last of two equal members counts, base64 with bits left over passes, a header of more than
512 bytes does not), and takes no key that lives in an HSM: so the text is put together and taken apart here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from gateway.sdk.errors import ProtocolViolation, TrustError
from gateway.sdk.inbound import strict_object
from gateway.signing.algorithms import Algorithm
from gateway.signing.web.raw import from_base64url, refused, to_base64url

LONGEST_HEADER = 16_384
"""Characters of a protected header; three certificates fit."""
_FORBIDDEN = ("jku", "jwk", "x5u")
"""Where a message would say by which key it is to be believed (RFC 8725, 3.10)."""
_FLATTENED = {"protected", "payload", "signature"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """One JWS as it travels. `payload`: its text between the dots, empty when detached."""

    protected: str
    payload: str = field(repr=False)
    signature: str

    @property
    def unsafe_header(self) -> dict[str, Any]:
        """The protected header before anything is verified. `TrustError`: not one that everybody reads alike."""
        if len(self.protected) > LONGEST_HEADER:
            raise refused("The protected header is too long.", vi="Phần tiêu đề của chữ ký quá dài")
        return strict(from_base64url(self.protected))

    def signed_bytes(self, content: bytes, *, encoded: bool) -> bytes:
        """The signing input (RFC 7515, 5.1; RFC 7797, 3)."""
        return signing_input(self.protected, content, encoded=encoded)

    def compact(self) -> str:
        return f"{self.protected}.{self.payload}.{self.signature}"

    def flattened(self) -> bytes:
        return _json({"payload": self.payload, "protected": self.protected, "signature": self.signature})


def signing_input(protected: str, content: bytes, *, encoded: bool) -> bytes:
    return protected.encode() + b"." + (to_base64url(content).encode() if encoded else content)


def from_compact(text: str) -> Token:
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise refused("There is no signature, or not one.", vi="Không có chữ ký số hợp lệ")
    return Token(protected=parts[0], payload=parts[1], signature=parts[2])


def from_flattened(content: bytes) -> Token:
    """An unprotected `header` and the `signatures` of RFC 7515, 7.2.1 are refused."""
    members = strict(content)
    if members.keys() != _FLATTENED or not all(isinstance(part, str) for part in members.values()):
        raise refused("The body is not one signed JSON object.", vi="Nội dung không phải một đối tượng JSON có ký số")
    return Token(protected=members["protected"], payload=members["payload"], signature=members["signature"])


def protected_text(header: Mapping[str, object]) -> str:
    return to_base64url(_json(header))


def strict(content: bytes) -> dict[str, Any]:
    try:
        return strict_object(content)
    except ProtocolViolation as exc:
        raise refused("A signed header is not plain JSON.", vi="Tiêu đề của chữ ký không phải JSON hợp lệ") from exc


def algorithm_of(header: Mapping[str, Any], *, accepted: frozenset[Algorithm]) -> Algorithm:
    """By its exact name, and only if the rule takes it."""
    for algorithm in accepted:
        if header.get("alg") == algorithm.value and algorithm is not Algorithm.HS256:
            return algorithm
    raise refused("The algorithm is not accepted.", vi="Thuật toán ký không được chấp nhận", what="algorithm")


def require_understood(header: Mapping[str, Any], *, known: tuple[str, ...]) -> None:
    """RFC 7515, 4.1.11: what is critical and unknown is refused; and what no signer needs."""
    if any(name in header for name in _FORBIDDEN):
        raise refused("A message may not bring its own key.", vi="Bản tin không được tự kèm khoá", what="own_key")
    if "crit" not in header:
        return
    critical = header["crit"]
    sound = isinstance(critical, list) and critical and all(isinstance(name, str) for name in critical)
    if not sound or len(set(critical)) < len(critical) or not all(n in header and n in known for n in critical):
        raise _unknown()


def require_encoding(header: Mapping[str, Any], *, encoded: bool) -> None:
    """RFC 7797: `b64` is false and critical, or absent. Whoever reads it the other way reads other bytes."""
    critical = "b64" in header.get("crit", ())
    if encoded:
        if "b64" in header or critical:
            raise _unknown()
    elif header.get("b64") is not False or not critical:
        raise _unknown()


def _unknown() -> TrustError:
    return refused("The signature is of another form than was agreed.", vi="Chữ ký không đúng dạng đã thoả thuận")


def _json(document: Mapping[str, object]) -> bytes:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
