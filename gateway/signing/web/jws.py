"""JWS around an HTTP message: a detached signature in a header (RFC 7797), or the body inside a JWS (RFC 7515).

The protected header says, beside `alg` and `kid`, what else must hold. The names are options; the defaults are ours:

    iat   when it was signed         htm  method ┐ of a request          cty  content type of the body
    jti   the nonce of a request     htu  address┘                       hts  status ┐ of a reply
                                                                         htr  SHA-256 of the request's signature ┘
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from cryptography import x509

from gateway.sdk.errors import TrustError
from gateway.signing.explaining import Remark, of_certificate, of_kid, of_replay, of_time
from gateway.signing.model import Keys, PublicKey, SigningKey, Trust
from gateway.signing.protection import Mark, Message, with_headers
from gateway.signing.settings import ProtectionSettings
from gateway.signing.web import seen, target, tokens
from gateway.signing.web.brought import believed_key, chain_of, unsafe_chain
from gateway.signing.web.options import JwsOptions, read
from gateway.signing.web.raw import (
    chosen,
    forgotten_at,
    from_base64url,
    instant,
    refused,
    require_fresh,
    to_base64url,
    verify_bytes,
)
from gateway.signing.web.tokens import Token
from gateway.signing.web.wrapping import unwrapped, wrapped

_TYPES = {"compact": "application/jose", "flattened": "application/jose+json"}


class JwsProtection:
    """Chữ ký số JSON. Implements `Protection`."""

    def __init__(self, keys: Keys, trust: Trust, rule: ProtectionSettings) -> None:
        self._keys = keys
        self._trust = trust
        self._rule = rule
        self._options = read(rule, JwsOptions)

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        target.require_signable(message)
        key = self._keys.signing(at)
        header = self._header(message, key, at=at, answers=answers)
        detached, encoded = self._is_detached(message), self._is_encoded(message)
        protected = tokens.protected_text(header)
        signed = tokens.signing_input(protected, message.content, encoded=encoded)
        signature = key.sign(signed, algorithm=chosen(key, self._options.algorithm))
        payload = "" if detached else to_base64url(message.content)
        token = Token(protected=protected, payload=payload, signature=to_base64url(signature))
        if detached:
            return with_headers(message, {self._options.header: token.compact()})
        content = token.compact().encode() if self._options.form == "compact" else token.flattened()
        return wrapped(message, content, kind=_TYPES[self._options.form])

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        target.require_clean(message)
        token, content = self._taken_apart(message)
        header = token.unsafe_header
        algorithm = tokens.algorithm_of(header, accepted=self._options.accepted)
        encoded = self._is_encoded(message)
        tokens.require_understood(header, known=("b64", *self._options.params))
        tokens.require_encoding(header, encoded=encoded)
        verify_bytes(
            from_base64url(token.signature),
            token.signed_bytes(content, encoded=encoded),
            key=self._key(header, at=at),
            algorithm=algorithm,
        )
        require_fresh(instant(header.get(self._options.time_param)), at=at, fresh_s=self._rule.fresh_s)
        self._require_content_type(header, message)
        if message.status:
            self._require_reply(header, message, answers=answers)
        else:
            self._require_request(header, message)

    def explain(self, message: Message, *, at: datetime, answers: Message | None = None) -> Iterator[Remark]:
        """Implements `Explains`."""
        token, content = self._taken_apart(message)
        header, names = token.unsafe_header, self._options
        yield seen.jws(header, content, form="detached" if self._is_detached(message) else names.form)
        yield seen.algorithm(header.get("alg"), names.accepted)
        if names.accept_x5c and (chain := unsafe_chain(header)):
            yield of_certificate(chain[0], chain[1:], trust=self._trust, at=at)
        else:
            yield of_kid(header.get("kid", names.default_kid), trust=self._trust, at=at)
        yield of_time(instant(header.get(names.time_param)), at=at, fresh_s=self._rule.fresh_s)
        if not message.status:
            yield of_replay(bool(header.get(names.nonce_param)))
            if not (names.unsafe_unbound and header.get(names.target_param) is None):
                yield seen.bound(
                    header.get(names.method_param), header.get(names.target_param), message, how=names.target
                )
        elif self._rule.bound:
            expected = self._digest(answers) if answers is not None else ""
            yield seen.reply(header.get(names.answers_param), expected)

    def reveal(self, message: Message) -> Message:
        if self._is_detached(message):
            return message
        token, content = self._taken_apart(message)
        return unwrapped(message, content, kind=token.unsafe_header.get("cty"))

    def mark(self, message: Message) -> Mark:
        """By key and nonce. Never by the signature: one of ECDSA can be written in two ways."""
        token, content = self._taken_apart(message)
        header = token.unsafe_header
        until = forgotten_at(instant(header.get(self._options.time_param)), self._rule.fresh_s)
        if nonce := header.get(self._options.nonce_param):
            what = b"nonce\n" + tokens.protected_text({"kid": header.get("kid"), "nonce": nonce}).encode()
        else:
            what = b"signed\n" + token.signed_bytes(content, encoded=self._is_encoded(message))
        return Mark(digest=hashlib.sha256(b"jws\n" + what).digest(), until=until)

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:
        if not self._options.accept_x5c:
            return ()
        token, _ = self._taken_apart(message)
        return unsafe_chain(token.unsafe_header)

    def _is_detached(self, message: Message) -> bool:
        return self._options.form == "detached" or not message.content

    def _is_encoded(self, message: Message) -> bool:
        return self._options.encoded or not self._is_detached(message)

    def _header(self, message: Message, key: SigningKey, *, at: datetime, answers: Message | None) -> dict[str, object]:
        names = self._options
        header: dict[str, object] = {"alg": chosen(key, names.algorithm).value, "kid": key.kid}
        if not self._is_encoded(message):
            header |= {"b64": False, "crit": ["b64"]}
        if names.send_x5c and (chain := chain_of(key)):
            header["x5c"] = chain
        if kind := message.headers.get("content-type", ""):
            header["cty"] = kind
        header[names.time_param] = int(at.timestamp())
        header[names.nonce_param] = secrets.token_urlsafe(16)
        if not message.status:
            header[names.method_param] = message.method
            header[names.target_param] = target.address(message).named(names.target)
            return header
        header[names.status_param] = message.status
        if self._rule.bound:
            header[names.answers_param] = self._digest(target.require_request(answers))
        return header

    def _taken_apart(self, message: Message) -> tuple[Token, bytes]:
        """The JWS, and what it is about. `TrustError`: there is none."""
        if self._is_detached(message):
            token = tokens.from_compact(message.headers.get(self._options.header, ""))
            if token.payload:
                raise refused("A detached signature holds no body.", vi="Chữ ký tách rời không được kèm nội dung")
            return token, message.content
        if self._options.form == "flattened":
            token = tokens.from_flattened(message.content)
        else:
            token = tokens.from_compact(_text(message.content))
        return token, from_base64url(token.payload)

    def _key(self, header: Mapping[str, Any], *, at: datetime) -> PublicKey:
        if self._options.accept_x5c and (chain := unsafe_chain(header)):
            return believed_key(chain, trust=self._trust, at=at)
        kid = header.get("kid", self._options.default_kid)
        if not isinstance(kid, str) or not kid:
            raise refused("The message names no key.", vi="Bản tin không nêu khoá đã ký", what="unknown_key")
        return self._trust.public_key(kid, at=at)

    def _require_request(self, header: Mapping[str, Any], message: Message) -> None:
        names, where = self._options, header.get(self._options.target_param)
        if names.status_param in header or names.answers_param in header:
            raise target.elsewhere()  # a reply of theirs, sent back as if it were a request
        nonce = header.get(names.nonce_param)
        if not (isinstance(nonce, str) and nonce) and not (names.unsafe_no_nonce and nonce is None):
            raise refused("The request holds no nonce.", vi="Yêu cầu không có mã dùng một lần", what="stale")
        if names.unsafe_unbound and names.method_param not in header and where is None:
            return
        if header.get(names.method_param) != message.method or where != target.address(message).named(names.target):
            raise target.elsewhere()

    def _require_reply(self, header: Mapping[str, Any], message: Message, *, answers: Message | None) -> None:
        names, status = self._options, header.get(self._options.status_param)
        if names.method_param in header or names.target_param in header:
            raise target.not_ours()
        unsaid = names.unsafe_unbound and status is None
        if not unsaid and (isinstance(status, bool) or status != message.status):
            raise target.not_ours()
        if not self._rule.bound:
            return
        said = header.get(names.answers_param)
        expected = self._digest(target.require_request(answers))
        if not isinstance(said, str) or not hmac.compare_digest(said.encode(), expected.encode()):
            raise target.not_ours()

    def _require_content_type(self, header: Mapping[str, Any], message: Message) -> None:
        """Of a wrapped body it is `cty` that counts, and is signed anyway."""
        if not self._is_detached(message) or self._options.unsafe_content_type:
            return
        if header.get("cty", "") != message.headers.get("content-type", ""):
            raise refused("The content type is not the one that was signed.", vi="Kiểu nội dung khác lúc ký")

    def _digest(self, request: Message) -> str:
        """Of a request as it travelled: of its signature, or of the body that the signature wraps."""
        inside = request.content if not self._is_detached(request) else b""
        signed = inside or request.headers.get(self._options.header, "").encode()
        if not signed:
            raise target.not_ours()
        return to_base64url(hashlib.sha256(signed).digest())


def _text(content: bytes) -> str:
    try:
        return content.decode("ascii")
    except UnicodeDecodeError as exc:
        raise _no_token() from exc


def _no_token() -> TrustError:
    return refused("The body is not signed.", vi="Nội dung không có chữ ký số")
