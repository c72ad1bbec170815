"""The TLS of a listener of our own: our certificate, and whose certificates callers may show. TLS 1.2 or newer."""

from __future__ import annotations

import os
import secrets
import ssl
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.serialization import pkcs12

from gateway.sdk.errors import ConfigurationError
from gateway.signing.keys.files import from_pem, from_pkcs12
from gateway.signing.settings import Domain, KeySettings, TrustSettings

Shown = Literal["none", "asked", "required"]
"""Whether callers are asked for a certificate. One that does not hold ends the handshake, asked or required."""


def server_context(keys: Sequence[KeySettings], *, at: datetime, environment: Mapping[str, str]) -> ssl.SSLContext:
    """With the youngest of these keys that is in force. `ConfigurationError`: there is none that a listener can use."""
    in_force = [key for key in keys if key.since <= at < key.until]
    if not in_force:
        raise ConfigurationError(
            "api.tls.key: no key of that name is in force.",
            vi="api.tls.key: không có khoá nào mang tên này đang hiệu lực.",
            what="key",
        )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    context.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    _take_key(context, max(in_force, key=lambda key: key.since), environment=environment)
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


def _take_key(context: ssl.SSLContext, own: KeySettings, *, environment: Mapping[str, str]) -> None:
    """ssl reads files alone. What stands in a PKCS#12 file passes through memory that has no name, encrypted."""
    password = environment.get(own.password_env, "").encode() if own.password_env else None
    where = "api.tls.key"
    if own.path is None or own.source not in {"pem", "pkcs12"}:
        raise ConfigurationError(
            f"{where}: a listener takes pem or pkcs12.", vi=f"{where}: chỉ dùng được pem hoặc pkcs12.", what="key"
        )
    if own.source == "pem":
        from_pem(own, where=where, password=password)  # which says in words what is wrong with it
        context.load_cert_chain(own.certificate or own.path, own.path, password)
        return
    from_pkcs12(own, where=where, password=password)
    passing = secrets.token_bytes(32).hex().encode()
    key, certificate, others = pkcs12.load_key_and_certificates(own.path.read_bytes(), password)
    assert key is not None
    assert certificate is not None
    hidden = serialization.BestAvailableEncryption(passing)
    content = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, hidden)
    content += b"".join(one.public_bytes(serialization.Encoding.PEM) for one in (certificate, *others))
    descriptor = os.memfd_create("tls", os.MFD_CLOEXEC)
    try:
        os.write(descriptor, content)
        context.load_cert_chain(Path(f"/proc/self/fd/{descriptor}"), password=passing)
    finally:
        os.close(descriptor)
