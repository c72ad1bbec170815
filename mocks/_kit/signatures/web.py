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
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

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

from mocks._kit.errors import MockError

Private = RSAPrivateKey | EllipticCurvePrivateKey | Ed25519PrivateKey
Public = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey
JWS_HEADER = "x-jws-signature"
LABEL = "sig1"


class NotAuthentic(MockError):  # noqa: N818 - names the fact
    """A signature does not hold, or does not say what it must."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """An HTTP message on the wire. Header names are lower-case; `status` is 0 of a request."""

    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    method: str = ""
    url: str = ""
    status: int = 0

    @property
    def status_code(self) -> int:
        return self.status


def sign_jws(seen: Seen, *, key: Private, kid: str, at: datetime, answers: Seen | None = None) -> dict[str, str]:
    """The header to send with the message."""
    header = {"alg": _jose_name(key), "kid": kid, "b64": False, "crit": ["b64"], **_jws_claims(seen, answers)}
    if seen.headers.get("content-type"):
        header["cty"] = seen.headers["content-type"]
    header |= {"iat": int(at.timestamp()), "jti": secrets.token_hex(12)}
    token = jws.serialize_compact(header, seen.content, _jwk(key), registry=_registry(header["alg"]))
    head, signature = token[: token.index(".")], token[token.rindex(".") + 1 :]
    return {JWS_HEADER: f"{head}..{signature}"}


def verify_jws(seen: Seen, *, key: Public, at: datetime, fresh_s: float = 300.0, answers: Seen | None = None) -> str:
    """The key id that was named."""
    try:
        name = _jose_name(key)
        token = jws.deserialize_compact(
            seen.headers.get(JWS_HEADER, ""), _jwk(key), registry=_registry(name), payload=seen.content
        )
    except (JoseError, ValueError) as exc:
        raise NotAuthentic("the JWS does not hold") from exc
    said = token.headers()
    wanted = {**_jws_claims(seen, answers), "b64": False, "cty": seen.headers.get("content-type")}
    if any(said.get(claim) != value for claim, value in wanted.items()) or not said.get("jti"):
        raise NotAuthentic("the JWS is about something else")
    _require_fresh(said.get("iat"), at=at, fresh_s=fresh_s)
    return str(said["kid"])


def _jws_claims(seen: Seen, answers: Seen | None) -> dict[str, Any]:
    if not seen.status:
        return {"htm": seen.method, "htu": seen.url}
    if answers is None:
        return {"hts": seen.status}
    digest = hashlib.sha256(answers.headers.get(JWS_HEADER, "").encode()).digest()
    return {"hts": seen.status, "htr": base64.urlsafe_b64encode(digest).decode().rstrip("=")}


class _Roomy(jws.JWSRegistry):
    max_header_length = 16_384
    max_payload_length = 20_971_520


def _registry(algorithm: str) -> jws.JWSRegistry:
    texts = {name: HeaderParameter(name, "str") for name in ("jti", "htm", "htu", "htr")}
    numbers = {name: HeaderParameter(name, "int") for name in ("iat", "hts")}
    return _Roomy(header_registry={**texts, **numbers}, algorithms=[algorithm])


def _jose_name(key: Private | Public) -> str:
    if isinstance(key, RSAPrivateKey | RSAPublicKey):
        return "PS256"
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        raise NotAuthentic("MOCK-SIGNATURES: JWS with RSA and elliptic curves only")
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


def sign_http(seen: Seen, *, key: Private, kid: str, at: datetime, answers: Seen | None = None) -> dict[str, str]:
    """The headers to send with the message."""
    message = _described(seen, answers)
    signer = HTTPMessageSigner(signature_algorithm=_http_algorithm(key), key_resolver=_OneKey(key))
    signer.sign(
        message,
        key_id=kid,
        created=at,
        expires=at + timedelta(minutes=5),
        nonce=secrets.token_hex(12),
        label=LABEL,
        covered_component_ids=_covered(seen, answers),
        body=seen.content,
    )
    return {name.lower(): value for name, value in message.headers.items() if name.lower() not in seen.headers}


def verify_http(seen: Seen, *, key: Public, at: datetime, fresh_s: float = 300.0, answers: Seen | None = None) -> str:
    """The key id that was named."""
    verifier = _AtATime(signature_algorithm=_http_algorithm(key), key_resolver=_OneKey(key))
    verifier.allow_label_only_selection = True
    try:
        [result] = verifier.verify(
            _described(seen, answers),
            max_age=None,
            require_components=(*_covered(seen, answers), "content-digest"),
            body=seen.content,
        )
    except (HTTPMessageSignaturesException, ValueError) as exc:
        raise NotAuthentic("the HTTP signature does not hold") from exc
    _require_fresh(result.parameters.get("created"), at=at, fresh_s=fresh_s)
    return str(result.parameters["keyid"])


def _described(seen: Seen, answers: Seen | None) -> _Request | _Response:
    if not seen.status:
        return _Request(method=seen.method, url=seen.url, headers=dict(seen.headers))
    asked = _described(answers, None) if answers else None
    assert asked is None or isinstance(asked, _Request)
    return _Response(status_code=seen.status, headers=dict(seen.headers), request=asked)


def _covered(seen: Seen, answers: Seen | None) -> tuple[str, ...]:
    kind = ("content-type",) if "content-type" in seen.headers else ()
    if not seen.status:
        return ("@method", "@target-uri", *kind)
    return ("@status", *kind, *((f'"signature";req;key="{LABEL}"',) if answers else ()))


def _http_algorithm(key: Private | Public) -> Any:
    if isinstance(key, RSAPrivateKey | RSAPublicKey):
        return algorithms.RSA_V1_5_SHA256
    if isinstance(key, Ed25519PrivateKey | Ed25519PublicKey):
        return algorithms.ED25519
    return algorithms.ECDSA_P256_SHA256 if key.curve.name == "secp256r1" else algorithms.ECDSA_P384_SHA384


def sign_hmac(seen: Seen, *, secret: bytes, kid: str, at: datetime, answers: Seen | None = None) -> dict[str, str]:
    """The headers to send with the message."""
    said = {"x-key-id": kid, "x-timestamp": str(int(at.timestamp())), "x-nonce": secrets.token_hex(12)}
    return {**said, "x-signature": _mac(seen, said, secret, answers)}


def verify_hmac(seen: Seen, *, secret: bytes, at: datetime, fresh_s: float = 300.0, answers: Seen | None = None) -> str:
    """The key id that was named."""
    given = seen.headers.get("x-signature", "")
    if not hmac.compare_digest(given.encode(), _mac(seen, seen.headers, secret, answers).encode()):
        raise NotAuthentic("the HMAC does not hold")
    _require_fresh(int(seen.headers["x-timestamp"]), at=at, fresh_s=fresh_s)
    return seen.headers["x-key-id"]


def _mac(seen: Seen, said: Mapping[str, str], secret: bytes, answers: Seen | None) -> str:
    if seen.status:
        bound = answers.headers.get("x-signature", "") if answers else ""
        about = f"reply\n{_named(said)}\n{seen.status}\n{bound}"
    else:
        parts = urlsplit(seen.url)
        about = f"request\n{_named(said)}\n{seen.method}\n{parts.geturl()}"
    body = hashlib.sha256(seen.content).hexdigest()
    text = f"lienthong-hmac-1\n{about}\n{seen.headers.get('content-type', '')}\n{body}"
    return hmac.new(secret, text.encode(), "sha256").hexdigest()


def _named(said: Mapping[str, str]) -> str:
    return "\n".join(said.get(name, "") for name in ("x-key-id", "x-timestamp", "x-nonce"))


def _require_fresh(seconds: object, *, at: datetime, fresh_s: float) -> None:
    if not isinstance(seconds, int) or abs(at - datetime.fromtimestamp(seconds, tz=UTC)) > timedelta(seconds=fresh_s):
        raise NotAuthentic("too old, or of the future")
