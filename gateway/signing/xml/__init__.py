"""Signatures in XML: WS-Security for SOAP, enveloped signatures for other messages, XAdES for documents."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.sdk.errors import ConfigurationError
from gateway.signing.model import Keys, Trust
from gateway.signing.protection import Protection
from gateway.signing.settings import ProtectionSettings
from gateway.signing.xml.documents import Policy, learn_document, sign_document, stamp_document, verify_document
from gateway.signing.xml.enveloped import XmlDsig
from gateway.signing.xml.wsse import WssX509

__all__ = [
    "Policy",
    "WssX509",
    "XmlDsig",
    "build",
    "learn_document",
    "sign_document",
    "stamp_document",
    "verify_document",
]


def build(rule: ProtectionSettings, *, keys: Mapping[str, Keys], trust: Mapping[str, Trust]) -> Protection:
    """`ConfigurationError` names the option, key or trust that is missing or wrong."""
    ours, theirs = keys.get(rule.key), trust.get(rule.trust)
    if ours is None:
        raise _missing("keys", rule.key)
    if theirs is None:
        raise _missing("trust", rule.trust)
    if rule.scheme == "wsse-x509":
        return WssX509(ours, theirs, rule)
    if rule.scheme == "xmldsig":
        return XmlDsig(ours, theirs, rule)
    raise ConfigurationError(
        f"The scheme {rule.scheme} is none of XML.", vi=f"Cơ chế {rule.scheme} không thuộc nhóm XML.", what="protection"
    )


def _missing(table: str, name: str) -> ConfigurationError:
    return ConfigurationError(
        f"A rule of protection names {name}, which is not in [{table}].",
        vi=f"Quy tắc bảo vệ dùng {name} nhưng [{table}] không có tên này.",
        what="protection",
    )
