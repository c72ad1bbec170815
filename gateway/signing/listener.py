"""The TLS of a listener of our own: our certificate, and whose certificates callers may show. TLS 1.2 or newer."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from gateway.sdk.errors import ConfigurationError
from gateway.signing.model import Keys
from gateway.signing.settings import Domain, TrustSettings
from gateway.signing.tls import take_key

Shown = Literal["none", "asked", "required"]
"""Whether callers are asked for a certificate. One that does not hold ends the handshake, asked or required."""


def server_context(wanted: str, keys: Mapping[str, Keys], *, at: datetime) -> ssl.SSLContext:
    """With the youngest key of that name that is in force. `ConfigurationError`: there is none that TLS can use."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    take_key(context, wanted, keys, at=at, name="api.tls")
    return context


def ask_for_certificates(context: ssl.SSLContext, trust: TrustSettings, *, shown: Shown) -> None:
    """Callers' certificates hold when they are pinned, or lead to a root of `trust` and are for client authentication.
    `ConfigurationError`: the trust is of a domain that signs documents, or names nobody."""
    if trust.domain is not Domain.TECHNICAL or not (trust.roots or trust.pinned):
        raise ConfigurationError(
            "api.tls.client_ca names a trust of domain technical, with roots or pinned certificates.",
            vi="api.tls.client_ca phải trỏ tới một [trust] thuộc miền technical, có roots hoặc pinned.",
            what="trust",
        )
    try:
        for path in (*trust.roots, *trust.intermediates, *trust.pinned):
            context.load_verify_locations(path)
        for path in trust.crls:
            context.load_verify_locations(path)
            context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF
    except (OSError, ssl.SSLError) as exc:
        raise ConfigurationError(
            f"api.tls.client_ca: {path.name} is not readable as PEM.",
            vi=f"api.tls.client_ca: không đọc được tệp PEM {path.name}.",
            what="certificate",
        ) from exc
    if trust.pinned:
        context.verify_flags |= ssl.VerifyFlags.VERIFY_X509_PARTIAL_CHAIN
    context.verify_mode = {"none": ssl.CERT_NONE, "asked": ssl.CERT_OPTIONAL, "required": ssl.CERT_REQUIRED}[shown]
