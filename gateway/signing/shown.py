"""A signature that is held against no rule of ours: only against a certificate or public key that somebody shows. For
explanations; nothing that comes in is ever believed by it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NoReturn

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from gateway.sdk.errors import ConfigurationError, TrustError, UnprocessableError
from gateway.signing.certificates import spki, strong
from gateway.signing.model import PublicKey, SharedSecret, SigningKey
from gateway.signing.protection import Message, Protection
from gateway.signing.schemes import protection
from gateway.signing.settings import Domain, ProtectionSettings

_COMPACT = re.compile(rb"\s*[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+\s*")
_SECURITY = b"oasis-200401-wss-wssecurity-secext-1.0.xsd"


class Shown:
    """Implements `Trust`: believes the key that was shown, and no other."""

    domain = Domain.TECHNICAL

    def __init__(self, pem: str) -> None:
        """`UnprocessableError`: it is no certificate and no public key. A private key is refused, whoever's it is."""
        self._key = _read(pem) if pem.strip() else None

    def check(
        self,
        certificate: x509.Certificate,
        chain: Sequence[x509.Certificate],  # noqa: ARG002 - a key was shown, no root
        *,
        at: datetime,
        stamps: bool = False,  # noqa: ARG002 - as above
    ) -> None:
        theirs = strong(certificate.public_key())
        if self._key is None or theirs is None or spki(theirs) != spki(self._key):
            _unknown()
        if not certificate.not_valid_before_utc <= at <= certificate.not_valid_after_utc:
            raise TrustError(
                "The certificate is not valid at this time.",
                vi="Chứng thư số không còn (hoặc chưa có) hiệu lực vào lúc này.",
                what="certificate_expired",
            )

    def public_key(self, kid: str, *, at: datetime) -> PublicKey:  # noqa: ARG002 - whatever it is called, it was shown
        return self._key or _unknown()

    def secret(self, kid: str = "", *, at: datetime) -> SharedSecret:  # noqa: ARG002 - nobody shows a secret
        raise TrustError(
            "A shared secret is never typed in: choose a rule of the settings.",
            vi="Không bao giờ nhập khoá bí mật ở đây; hãy chọn một quy tắc trong cấu hình.",
            what="unknown_key",
        )

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        """Nobody is asked."""


class NoKeys:
    """Implements `Keys`: we sign nothing and open nothing."""

    def signing(self, at: datetime) -> SigningKey:  # noqa: ARG002 - at no time
        raise ConfigurationError("There is no key here.", what="key")

    def accepted(self, at: datetime) -> Sequence[SigningKey]:  # noqa: ARG002 - at no time
        return ()


def guessed(message: Message) -> ProtectionSettings | None:
    """The scheme that a message looks like, with every option that leaves something open: what is explained then is the
    signature alone. None: it looks like none."""
    names = message.headers.keys()
    if "signature-input" in names:
        return _rule("http-signature", unsafe_no_nonce=True)
    if "x-jws-signature" in names:
        return _jws("detached")
    if {"x-signature", "x-timestamp"} <= names:
        return _rule("hmac")
    if message.content.lstrip().removeprefix(b"\xef\xbb\xbf").startswith(b"<"):
        is_soap = _SECURITY in message.content
        return _rule("wsse-x509") if is_soap else _rule("xmldsig", unsafe_undated=True)
    if _COMPACT.fullmatch(message.content):
        return _jws("compact")
    return _jws("flattened") if b'"signature"' in message.content and b'"protected"' in message.content else None


def held_against(rule: ProtectionSettings, shown: Shown) -> Protection:
    return protection(rule, keys={rule.key: NoKeys()}, trust={rule.trust: shown})


def _jws(form: str) -> ProtectionSettings:
    loose = {"accept_x5c": True, "unsafe_no_nonce": True, "unsafe_unbound": True, "unsafe_content_type": True}
    return _rule("jws", form=form, **loose)


def _rule(scheme: str, **options: object) -> ProtectionSettings:
    said = {"scheme": scheme, "key": "none", "trust": "shown", "bound": False, "options": options}
    return ProtectionSettings.model_validate(said)


def _read(pem: str) -> PublicKey:
    content = pem.encode()
    if b"PRIVATE" in content:
        raise UnprocessableError(
            "Never paste a private key anywhere.", vi="Không bao giờ dán khoá riêng vào bất kỳ đâu.", what="private_key"
        )
    try:
        if b"CERTIFICATE" in content:
            key = strong(x509.load_pem_x509_certificate(content).public_key())
        else:
            key = strong(serialization.load_pem_public_key(content))
    except (ValueError, UnsupportedAlgorithm) as exc:
        raise _unreadable() from exc
    if key is None:
        raise _unreadable()
    return key


def _unreadable() -> UnprocessableError:
    return UnprocessableError(
        "This is no certificate or public key (PEM) that may be used.",
        vi="Đây không phải chứng thư số hoặc khoá công khai (PEM) dùng được.",
        what="public_key",
    )


def _unknown() -> NoReturn:
    raise TrustError(
        "No certificate or public key of the signer was given to hold it against.",
        vi="Chưa có chứng thư số hoặc khoá công khai của bên ký để đối chiếu.",
        what="unknown_key",
    )
