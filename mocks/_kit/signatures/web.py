"""JWS with a detached body (RFC 7797), HTTP Message Signatures (RFC 9421, RFC 9530) and HMAC, as a partner of the
gateway makes and checks them. Other code than the gateway's: joserfc's own serialisation, and http-message-signatures.

The names of JWS header parameters and the text of the HMAC are in no standard: MOCK-SIGNATURES, as in docs/signing.md.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from http_message_signatures import (
    HTTPMessageSignaturesException,
    HTTPMessageSigner,
    HTTPMessageVerifier,
    HTTPSignatureKeyResolver,
    algorithms,
)
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.registry import HeaderParameter

from mocks._kit.clock import Clock, utc_now
from mocks._kit.signatures import NotSigned, Said

Private = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
Public = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
JWS_HEADER = "x-jws-signature"
LABEL = "sig1"


def sign_jws(said: Said, *, key: Private, kid: str, at: datetime, answers: Said | None = None) -> dict[str, str]:
    """The header to send with the message."""
    header = {"alg": _jose_name(key), "kid": kid, "b64": False, "crit": ["b64"], **_jws_claims(said, answers)}
    if said.headers.get("content-type"):
        header["cty"] = said.headers["content-type"]
    header |= {"iat": int(at.timestamp()), "jti": secrets.token_hex(12)}
    token = jws.serialize_compact(header, said.content, _jwk(key), None, _accepted(header["alg"]))
    head, signature = token[: token.index(".")], token[token.rindex(".") + 1 :]
    return {JWS_HEADER: f"{head}..{signature}"}


def verify_jws(said: Said, *, key: Public, at: datetime, fresh_s: float = 300.0, answers: Said | None = None) -> str:
    """The key id that was named."""
    try:
        name = _jose_name(key)
        token = jws.deserialize_compact(
            said.headers.get(JWS_HEADER, ""), _jwk(key), None, _accepted(name), payload=said.content
        )
    except (JoseError, ValueError) as exc:
        raise NotSigned("the JWS does not hold") from exc
    header = token.headers()
    wanted = {**_jws_claims(said, answers), "b64": False, "cty": said.headers.get("content-type")}
    if any(header.get(claim) != value for claim, value in wanted.items()) or not header.get("jti"):
        raise NotSigned("the JWS is about something else")
    _require_fresh(header.get("iat"), at=at, fresh_s=fresh_s)
    return str(header["kid"])


def _jws_claims(said: Said, answers: Said | None) -> dict[str, Any]:
    if not said.status:
        return {"htm": said.method, "htu": said.url}
    if answers is None:
        return {"hts": said.status}
    digest = hashlib.sha256(answers.headers.get(JWS_HEADER, "").encode()).digest()
    return {"hts": said.status, "htr": base64.urlsafe_b64encode(digest).decode().rstrip("=")}


class _Roomy(jws.JWSRegistry):
    max_header_length = 16_384
    max_payload_length = 20_971_520


def _accepted(algorithm: str) -> jws.JWSRegistry:
    texts = {name: HeaderParameter(name, "str") for name in ("jti", "htm", "htu", "htr")}
    numbers = {name: HeaderParameter(name, "int") for name in ("iat", "hts")}
    return _Roomy({**texts, **numbers}, algorithms=[algorithm])


def _jose_name(key: Private | Public) -> str:
    if isinstance(key, RSAPrivateKey | RSAPublicKey):
        return "PS256"
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise NotSigned("MOCK-SIGNATURES: JWS with RSA and elliptic curves only")
    return "ES256" if key.curve.name == "secp256r1" else "ES384"


def _jwk(key: Private | Public) -> Any:
    if isinstance(key, RSAPrivateKey | RSAPublicKey):
        return RSAKey.import_key(key)
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return OKPKey.import_key(key)
    return ECKey.import_key(key)


@dataclass(frozen=True, kw_only=True)
class _Request:
    """As http-message-signatures wants it: it may change `headers`, and knows a reply by its `status_code`."""

    method: str
    url: str
    headers: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class _Response:
    status_code: int
    headers: dict[str, str]
    request: _Request | None


class _OneKey(HTTPSignatureKeyResolver):
    def __init__(self, key: Private | Public) -> None:
        self._key = key

    def resolve_public_key(self, key_id: str) -> Any:  # noqa: ARG002 - there is one
        return self._key

    def resolve_private_key(self, key_id: str) -> Any:  # noqa: ARG002 - there is one
        return self._key


class _AtATime(HTTPMessageVerifier):
    """The library asks the machine's clock."""

    def validate_created_and_expires(self, sig_input: Any, max_age: timedelta | None = None) -> None:
        """Done by `_require_fresh`."""


def sign_http(said: Said, *, key: Private, kid: str, at: datetime, answers: Said | None = None) -> dict[str, str]:
    """The headers to send with the message."""
    message = _described(said, answers)
    signer = HTTPMessageSigner(signature_algorithm=_http_algorithm(key), key_resolver=_OneKey(key))
    signer.sign(
        message,
        key_id=kid,
        created=at,
        expires=at + timedelta(minutes=5),
        nonce=secrets.token_hex(12),
        label=LABEL,
        covered_component_ids=_covered(said, answers),
        body=said.content,
    )
    return {name.lower(): value for name, value in message.headers.items() if name.lower() not in said.headers}


def verify_http(said: Said, *, key: Public, at: datetime, fresh_s: float = 300.0, answers: Said | None = None) -> str:
    """The key id that was named."""
    verifier = _AtATime(signature_algorithm=_http_algorithm(key), key_resolver=_OneKey(key))
    verifier.allow_label_only_selection = True
    try:
        [result] = verifier.verify(
            _described(said, answers),
            max_age=None,
            require_components=(*_covered(said, answers), "content-digest"),
            body=said.content,
        )
    except (HTTPMessageSignaturesException, ValueError) as exc:
        raise NotSigned("the HTTP signature does not hold") from exc
    _require_fresh(result.parameters.get("created"), at=at, fresh_s=fresh_s)
    return str(result.parameters["keyid"])


def _described(said: Said, answers: Said | None) -> _Request | _Response:
    if not said.status:
        return _Request(method=said.method, url=said.url, headers=dict(said.headers))
    asked = _described(answers, None) if answers else None
    assert asked is None or isinstance(asked, _Request)
    return _Response(status_code=said.status, headers=dict(said.headers), request=asked)


def _covered(said: Said, answers: Said | None) -> tuple[str, ...]:
    kind = ("content-type",) if "content-type" in said.headers else ()
    if not said.status:
        return ("@method", "@target-uri", *kind)
    return ("@status", *kind, *((f'"signature";req;key="{LABEL}"',) if answers else ()))


def _http_algorithm(key: Private | Public) -> Any:
    if isinstance(key, RSAPrivateKey | RSAPublicKey):
        return algorithms.RSA_V1_5_SHA256
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return algorithms.ED25519
    return algorithms.ECDSA_P256_SHA256 if key.curve.name == "secp256r1" else algorithms.ECDSA_P384_SHA384


def sign_hmac(said: Said, *, secret: bytes, kid: str, at: datetime, answers: Said | None = None) -> dict[str, str]:
    """The headers to send with the message."""
    named = {"x-key-id": kid, "x-timestamp": str(int(at.timestamp())), "x-nonce": secrets.token_hex(12)}
    return {**named, "x-signature": _mac(said, named, secret=secret, answers=answers)}


def verify_hmac(said: Said, *, secret: bytes, at: datetime, fresh_s: float = 300.0, answers: Said | None = None) -> str:
    """The key id that was named."""
    given = said.headers.get("x-signature", "")
    if not hmac.compare_digest(given.encode(), _mac(said, said.headers, secret=secret, answers=answers).encode()):
        raise NotSigned("the HMAC does not hold")
    _require_fresh(int(said.headers["x-timestamp"]), at=at, fresh_s=fresh_s)
    return said.headers["x-key-id"]


def _mac(said: Said, headers: Mapping[str, str], *, secret: bytes, answers: Said | None) -> str:
    named = "\n".join(headers.get(name, "") for name in ("x-key-id", "x-timestamp", "x-nonce"))
    if said.status:
        bound = answers.headers.get("x-signature", "") if answers else ""
        about = f"reply\n{named}\n{said.status}\n{bound}"
    else:
        about = f"request\n{named}\n{said.method}\n{said.url}"
    body = hashlib.sha256(said.content).hexdigest()
    text = f"lienthong-hmac-1\n{about}\n{said.headers.get('content-type', '')}\n{body}"
    return hmac.new(secret, text.encode(), "sha256").hexdigest()


def _require_fresh(seconds: object, *, at: datetime, fresh_s: float) -> None:
    if not isinstance(seconds, int) or abs(at - datetime.fromtimestamp(seconds, tz=UTC)) > timedelta(seconds=fresh_s):
        raise NotSigned("too old, or of the future")


@dataclass(frozen=True, kw_only=True)
class JwsWitness:
    """Implements `Witness`: a detached JWS in `x-jws-signature`. `theirs`: the province's key, which may not be in a
    message."""

    key: Private
    kid: str
    theirs: Public
    clock: Clock = utc_now

    def check(self, request: Said) -> Said:
        verify_jws(request, key=self.theirs, at=self.clock())
        return _without(request, JWS_HEADER)

    def sign(self, answer: Said, request: Said) -> Said:
        return _with(answer, sign_jws(answer, key=self.key, kid=self.kid, at=self.clock(), answers=request))


@dataclass(frozen=True, kw_only=True)
class HttpWitness:
    """Implements `Witness`: `Signature` and `Signature-Input`."""

    key: Private
    kid: str
    theirs: Public
    clock: Clock = utc_now

    def check(self, request: Said) -> Said:
        verify_http(request, key=self.theirs, at=self.clock())
        return _without(request, "signature", "signature-input", "content-digest")

    def sign(self, answer: Said, request: Said) -> Said:
        return _with(answer, sign_http(answer, key=self.key, kid=self.kid, at=self.clock(), answers=request))


@dataclass(frozen=True, kw_only=True)
class HmacWitness:
    """Implements `Witness`: `x-signature` by a shared secret."""

    secret: bytes
    kid: str
    clock: Clock = utc_now

    def check(self, request: Said) -> Said:
        verify_hmac(request, secret=self.secret, at=self.clock())
        return _without(request, "x-signature", "x-timestamp", "x-nonce", "x-key-id")

    def sign(self, answer: Said, request: Said) -> Said:
        return _with(answer, sign_hmac(answer, secret=self.secret, kid=self.kid, at=self.clock(), answers=request))


def _with(said: Said, headers: Mapping[str, str]) -> Said:
    return replace(said, headers={**said.headers, **headers})


def _without(said: Said, *names: str) -> Said:
    return replace(said, headers={name: value for name, value in said.headers.items() if name not in names})
