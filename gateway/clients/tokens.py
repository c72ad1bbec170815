"""Tokens of the province's authorisation server: JWT access tokens (RFC 9068), bound to a certificate where they say so
(RFC 8705). A token says who calls; what they may do is in our record of them, and a token can only narrow it."""

from __future__ import annotations

import base64
import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NoReturn

from gateway.clients.model import Scope
from gateway.clients.settings import OauthSettings
from gateway.clients.ways import Peer, thumbprint
from gateway.sdk.errors import TrustError
from gateway.signing.algorithms import Algorithm
from gateway.signing.jwks import Jwks
from gateway.signing.tokens import Expected, verify_token


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
        self._expected = Expected(
            issuer=settings.issuer,
            audience=settings.audience,
            algorithms=[Algorithm(name) for name in settings.algorithms],
            leeway_s=settings.leeway_s,
            types=settings.types,
        )
        self._keys = keys
        self._clock = clock

    async def verify(self, token: str, *, peer: Peer) -> Claims:
        """`TokenRefusedError` unless all of it holds."""
        now = self._clock()
        try:
            claims = await verify_token(token, self._keys, self._expected, at=now)
        except TrustError as exc:
            raise TokenRefusedError("token") from exc
        if claims["exp"] > now.timestamp() + self._settings.longest_s + self._settings.leeway_s:
            _refuse("lifetime")
        _check_binding(claims, peer)
        subject = claims.get(self._settings.client_claim)
        if not isinstance(subject, str) or not subject:
            _refuse("client")
        return Claims(subject=str(subject), scopes=self._scopes(claims))

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
