"""Signed tokens of an issuer (JWT, RFC 7519, RFC 8725): the signature first, with an allow-list of algorithms; then for
whom, by whom and when. Nothing of a token is told before all of it holds."""

from __future__ import annotations

import warnings
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from joserfc import jws
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jws import JWSRegistry

from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.jwks import Jwks

ASYMMETRIC = frozenset(Algorithm) - {Algorithm.HS256}
"""Of published keys nobody makes an HMAC."""
LONGEST = 16_384
"""Characters."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a token must say. `types`: allowed values of the header `typ`, lower case (RFC 8725 3.11); empty: any."""

    issuer: str
    audience: str
    algorithms: Collection[Algorithm] = ASYMMETRIC
    leeway_s: float = 60.0
    types: Collection[str] = ()


async def verify_token(token: str, keys: Jwks, expected: Expected, *, at: datetime) -> Mapping[str, Any]:
    """Its claims. `TrustError` otherwise: `security.token` for all that is wrong with the token itself."""
    header = _header(token)
    algorithm = str(header.get("alg", ""))
    if algorithm not in {allowed.value for allowed in expected.algorithms if allowed in ASYMMETRIC}:
        raise _refused("is signed with an algorithm that is not allowed")
    if "crit" in header or "b64" in header:
        raise _refused("asks for what we do not understand")
    if expected.types and str(header.get("typ", "")).lower().removeprefix("application/") not in expected.types:
        raise _refused("is of another type")
    key = await keys.find(str(header.get("kid", "")), algorithm=algorithm)
    known = JWSRegistry(algorithms=[algorithm], strict_check_header=False)  # what we do not know changes nothing
    try:
        with warnings.catch_warnings():  # EdDSA is the name that issuers use, whatever RFC 9864 thinks of it
            warnings.simplefilter("ignore", SecurityWarning)
            payload = jws.deserialize_compact(token, key, None, known).payload
        claims = orjson.loads(payload)
    except (JoseError, ValueError, TypeError) as exc:
        raise _refused("has no valid signature") from exc
    if not isinstance(claims, dict):
        raise _refused("holds no claims")
    check_claims(claims, expected, at=at)
    return claims


def check_claims(claims: Mapping[str, Any], expected: Expected, *, at: datetime) -> None:
    """Issuer, audience, and the times (RFC 7519 4.1). A token without an end is refused."""
    audience = claims.get("aud")
    named = audience if isinstance(audience, list) else [audience]
    if claims.get("iss") != expected.issuer or expected.audience not in named:
        raise _refused("is of another issuer, or for somebody else")
    now, leeway = at.timestamp(), expected.leeway_s
    times: dict[str, Any] = {name: claims[name] for name in ("exp", "nbf", "iat") if claims.get(name) is not None}
    if "exp" not in times or any(type(value) not in {int, float} for value in times.values()):
        raise _refused("says its times in no way that can be read")
    if now >= times["exp"] + leeway:
        raise _refused("is over")
    if now < max(times.get("nbf", 0), times.get("iat", 0)) - leeway:
        raise _refused("is not yet valid")


def _header(token: str) -> Mapping[str, Any]:
    """Not yet believed."""
    if len(token) > LONGEST or not token.isascii():
        raise _refused("cannot be read")
    try:
        return jws.extract_compact(token.encode()).headers()
    except (JoseError, ValueError, TypeError) as exc:
        raise _refused("cannot be read") from exc


def _refused(why: str) -> TrustError:
    return TrustError(f"The token {why}.", vi="Thẻ truy cập (token) không hợp lệ hoặc đã hết hạn.", what="token")
