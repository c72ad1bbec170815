"""HMAC-SHA-256 with a shared secret, over a text of ours that says all that counts, a fact a line (docs/signing.md):

    lienthong-hmac-1 │ request or reply │ key id │ seconds since 1970 │ nonce │ method and address, or status and the
    signature of the request │ content type │ SHA-256 of the body, hex

Whoever can verify can sign: it proves nothing to a third party, and so signs no document (SIG-07).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterator, Sequence
from datetime import datetime

from cryptography import x509

from gateway.sdk.errors import ConfigurationError, TrustError
from gateway.signing.explaining import Remark, of_replay, of_time
from gateway.signing.model import SharedSecret, Trust
from gateway.signing.protection import Mark, Message, with_headers
from gateway.signing.settings import ProtectionSettings
from gateway.signing.web import seen, target
from gateway.signing.web.options import HmacOptions, read
from gateway.signing.web.raw import forgotten_at, instant, refused, require_fresh

_VERSION = "lienthong-hmac-1"
_SECONDS = re.compile(r"[0-9]{1,12}", re.ASCII)
_NONCE = re.compile(r"[A-Za-z0-9_-]{16,64}", re.ASCII)
_DIGEST = re.compile(r"[0-9a-f]{64}", re.ASCII)


class HmacProtection:
    """Mã xác thực bản tin. Implements `Protection`. The secret is of the trust: both sides have the same one."""

    def __init__(self, trust: Trust, rule: ProtectionSettings) -> None:
        self._trust = trust
        self._rule = rule
        self._options = read(rule, HmacOptions)

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        target.require_signable(message)
        secret, names = self._secret(at), self._options
        said = {
            names.kid_header: secret.kid,
            names.time_header: str(int(at.timestamp())),
            names.nonce_header: secrets.token_urlsafe(18),
        }
        signed = with_headers(message, said)
        text = self._text(signed, answers=answers)
        return with_headers(signed, {names.header: secret.digest(text).hex()})

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        target.require_clean(message)
        given = message.headers.get(self._options.header, "")
        if not _DIGEST.fullmatch(given):
            raise refused("There is no signature, or not one.", vi="Không có mã xác thực hợp lệ")
        made = self._made(message)
        self._require_nonce(message)
        secret = self._trust.secret(message.headers.get(self._options.kid_header, ""), at=at)
        expected = secret.digest(self._text(message, answers=answers)).hex()
        if not hmac.compare_digest(given.encode(), expected.encode()):
            raise refused("The signature does not hold.", vi="Mã xác thực không khớp với nội dung")
        require_fresh(made, at=at, fresh_s=self._rule.fresh_s)

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:
        """Implements `Explains`. What the secret would make of it is not told: whoever reads it could sign."""
        names = self._options
        yield seen.hmac(message, names.header, names.kid_header)
        yield seen.secret(self._trust, message.headers.get(names.kid_header, ""), at=at)
        yield of_time(self._made(message), at=at, fresh_s=self._rule.fresh_s)
        yield of_replay(bool(_NONCE.fullmatch(message.headers.get(names.nonce_header, ""))))
        if not message.status or not self._rule.bound or answers is not None:
            yield seen.base(self._text(message, answers=answers))

    def reveal(self, message: Message) -> Message:
        return message

    def mark(self, message: Message) -> Mark:
        names = self._options
        said = [message.headers.get(name, "") for name in (names.kid_header, names.nonce_header)]
        digest = hashlib.sha256("\n".join(("hmac", *said)).encode()).digest()
        return Mark(digest=digest, until=forgotten_at(self._made(message), self._rule.fresh_s))

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:  # noqa: ARG002 - it brings none
        return ()

    def _secret(self, at: datetime) -> SharedSecret:
        try:
            return self._trust.secret(at=at)
        except TrustError as exc:
            raise ConfigurationError(
                "The scheme hmac needs a shared secret; this trust has none in force.",
                vi="Cơ chế hmac cần khoá bí mật dùng chung; nơi tin cậy này không có khoá đang hiệu lực.",
                what="protection",
            ) from exc

    def _text(self, message: Message, *, answers: Message | None) -> bytes:
        names, headers = self._options, message.headers
        if message.status:
            about = [str(message.status), self._answered(answers)]
        else:
            about = [message.method, target.address(message).named(names.target)]
        lines = [
            _VERSION,
            "reply" if message.status else "request",
            *(headers.get(name, "") for name in (names.kid_header, names.time_header, names.nonce_header)),
            *about,
            headers.get("content-type", ""),
            hashlib.sha256(message.content).hexdigest(),
        ]
        return "\n".join(lines).encode()

    def _answered(self, answers: Message | None) -> str:
        """The signature of the request; it has a nonce, so no two are alike."""
        if not self._rule.bound:
            return ""
        given = target.require_request(answers).headers.get(self._options.header, "")
        if not _DIGEST.fullmatch(given):
            raise target.not_ours()
        return given

    def _made(self, message: Message) -> datetime:
        said = message.headers.get(self._options.time_header, "")
        return instant(int(said) if _SECONDS.fullmatch(said) else None)

    def _require_nonce(self, message: Message) -> None:
        if not _NONCE.fullmatch(message.headers.get(self._options.nonce_header, "")):
            raise refused("The message holds no nonce.", vi="Bản tin không có mã dùng một lần", what="stale")
