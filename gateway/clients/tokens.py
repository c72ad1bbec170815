"""Tokens of the province's authorisation server: JWT access tokens (RFC 9068), bound to a certificate where they say so
(RFC 8705). A token says who calls; what they may do is in our record of them, and a token can only narrow it."""

from __future__ import annotations

import base64
import hmac
import json
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

import structlog
from joserfc import jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jws import JWSRegistry

from gateway.clients.model import Scope
from gateway.clients.settings import OauthSettings
from gateway.clients.ways import Peer, thumbprint
from gateway.sdk.errors import TrustError
from gateway.signing.jwks import Jwks

LONGEST = 8192
"""Characters of a token that is looked at."""

log = structlog.get_logger()


class TokenRefusedError(Exception):
    """Caught by the authenticator, which says no more than that. `check`: which one it was, for the log."""

    def __init__(self, check: str) -> None:
        super().__init__(check)
        self.check = check


@dataclass(frozen=True, slots=True, kw_only=True)
class Claims:
    """What a token that holds says. `scopes` None: it narrows nothing."""

    subject: str
    scopes: frozenset[Scope] | None = None


class Tokens:
    """Verifies tokens of one issuer."""

    def __init__(self, settings: OauthSettings, keys: Jwks, *, clock: Callable[[], datetime]) -> None:
        self._settings = settings
        self._keys = keys
        self._clock = clock

    async def verify(self, token: str, *, peer: Peer) -> Claims:
        """`TokenRefusedError` unless all of it holds."""
        if len(token) > LONGEST:
            _refuse("length")
        claims = await self._verified(token)
        self._check_times(claims)
        self._check_parties(claims)
        _check_binding(claims, peer)
        subject = claims.get(self._settings.client_claim)
        if not isinstance(subject, str) or not subject:
            _refuse("client")
        return Claims(subject=str(subject), scopes=self._scopes(claims))

    async def _verified(self, token: str) -> Mapping[str, Any]:
        """The claims of a token whose signature holds. The key is ours to find: what a header brings is not looked at.
        The algorithm is checked before any key is."""
        own = self._settings
        try:
            header = _unsafe_header(token)
            kind = str(header.get("typ", "")).lower().removeprefix("application/")
            if header.get("alg") not in own.algorithms or kind not in own.types:
                _refuse("header")
            kid = header.get("kid")
            key = await self._keys.find(kid if isinstance(kid, str) else "", algorithm=header["alg"])
            with warnings.catch_warnings():  # EdDSA is the name that servers use, whatever RFC 9864 thinks of it
                warnings.simplefilter("ignore", SecurityWarning)
                allowed = JWSRegistry(algorithms=list(own.algorithms), strict_check_header=False)
                return jwt.decode(token, key, list(own.algorithms), allowed).claims
        except TrustError as exc:
            raise TokenRefusedError("key") from exc
        except (JoseError, ValueError, TypeError, KeyError, RecursionError) as exc:
            raise TokenRefusedError("signature") from exc

    def _check_times(self, claims: Mapping[str, Any]) -> None:
        now, own = self._clock().timestamp(), self._settings
        expires = _moment(claims, "exp")
        if expires is None or not now - own.leeway_s < expires <= now + own.longest_s + own.leeway_s:
            _refuse("exp")
        for name in ("nbf", "iat"):
            moment = _moment(claims, name)
            if moment is not None and not moment <= now + own.leeway_s:
                _refuse(name)

    def _check_parties(self, claims: Mapping[str, Any]) -> None:
        if claims.get("iss") != self._settings.issuer:
            _refuse("iss")
        said = claims.get("aud")
        if self._settings.audience not in (said if isinstance(said, list) else [said]):
            _refuse("aud")

    def _scopes(self, claims: Mapping[str, Any]) -> frozenset[Scope] | None:
        """Without the claim it was given nothing: fail closed."""
        own = self._settings
        if not own.scope_claim:
            return None
        said = claims.get(own.scope_claim, "")
        names = said.split() if isinstance(said, str) else said if isinstance(said, list) else []
        plain = {scope.value: (scope.value,) for scope in Scope}
        ours = own.scopes or plain
        given = {ours_name for name in names if isinstance(name, str) for ours_name in ours.get(name, ())}
        return frozenset(scope for scope in Scope if scope.value in given)


def _unsafe_header(token: str) -> Mapping[str, Any]:
    """What the token says of itself, believed by nobody yet."""
    first = token.partition(".")[0]
    header = json.loads(base64.urlsafe_b64decode(first + "=" * (-len(first) % 4)))
    if not isinstance(header, dict):
        _refuse("header")
    return header


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    """Seconds since 1970; anything else that stands there is refused."""
    said = claims.get(name)
    if said is None:
        return None
    if isinstance(said, bool) or not isinstance(said, int | float) or not abs(said) < 2**53:
        _refuse(name)
    return float(said)


def _check_binding(claims: Mapping[str, Any], peer: Peer) -> None:
    """A token for one certificate is worth nothing without its key. A binding of another kind is not held."""
    if "cnf" not in claims:
        return
    bound = claims["cnf"]
    if not isinstance(bound, dict) or set(bound) != {"x5t#S256"} or peer.certificate is None:
        _refuse("cnf")
    shown = base64.urlsafe_b64encode(thumbprint(peer.certificate)).rstrip(b"=")
    if not hmac.compare_digest(str(bound["x5t#S256"]).encode(), shown):
        _refuse("cnf")


def _refuse(why: str) -> NoReturn:
    raise TokenRefusedError(why)
