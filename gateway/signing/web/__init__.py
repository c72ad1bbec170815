"""Protection of JSON and plain HTTP: JWS (RFC 7515, RFC 7797), JWE (RFC 7516), HTTP Message Signatures (RFC 9421) and
HMAC. Each is built from one rule; none asks the network, and none believes a key that a message brings."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.sdk.errors import ConfigurationError
from gateway.signing.model import Keys, Trust
from gateway.signing.protection import Protection
from gateway.signing.settings import ProtectionSettings
from gateway.signing.web.encryption import JweProtection
from gateway.signing.web.fields import HttpSignatureProtection
from gateway.signing.web.jws import JwsProtection
from gateway.signing.web.shared import HmacProtection

__all__ = ["HmacProtection", "HttpSignatureProtection", "JweProtection", "JwsProtection", "build"]


def build(rule: ProtectionSettings, *, keys: Mapping[str, Keys], trust: Mapping[str, Trust]) -> Protection:
    """`ConfigurationError` names the option, key or trust that is missing or wrong."""
    theirs = trust.get(rule.trust)
    if theirs is None:
        raise _missing("trust", rule.trust)
    if rule.scheme == "hmac":
        return HmacProtection(theirs, rule)
    ours = keys.get(rule.key)
    if ours is None:
        raise _missing("keys", rule.key)
    if rule.scheme == "jws":
        return JwsProtection(ours, theirs, rule)
    if rule.scheme == "jwe":
        return JweProtection(ours, theirs, rule)
    if rule.scheme == "http-signature":
        return HttpSignatureProtection(ours, theirs, rule)
    raise ConfigurationError(
        f"The scheme {rule.scheme} is none of JSON or HTTP.",
        vi=f"Cơ chế {rule.scheme} không thuộc nhóm JSON/HTTP.",
        what="protection",
    )


def _missing(table: str, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"A rule of protection names {name}, which is not in [{table}].",
        vi=f"Quy tắc bảo vệ dùng {name} nhưng [{table}] không có tên này.",
        what="protection",
    )
