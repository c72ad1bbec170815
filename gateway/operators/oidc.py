"""Operators by the province's own identity provider (OpenID Connect Core 1.0): its signed token, for us, fresh, with
a second factor that it vouches for (`amr`, RFC 8176, or `acr`). Without that nobody comes in (SEC-17)."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.operators.model import APART, LOGIN, Operator, Role
from gateway.operators.settings import OidcSettings
from gateway.operators.store import AccountStore
from gateway.sdk.errors import TrustError
from gateway.signing.jwks import Jwks
from gateway.signing.tokens import Expected, verify_token

NUMBER = re.compile(r"[0-9]{9}")


class OidcTokens:
    """Implements `TokenReader`. The account of the same login here, if there is one, must not be disabled."""

    def __init__(
        self,
        settings: OidcSettings,
        keys: Jwks,
        accounts: AccountStore,
        *,
        tenant: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._settings = settings
        self._keys = keys
        self._accounts = accounts
        self._tenant = tenant
        self._clock = clock
        self._expected = Expected(
            issuer=settings.issuer,
            audience=settings.audience,
            algorithms=settings.algorithms,
            leeway_s=settings.leeway_s,
        )

    async def read(self, token: str, *, nonce: str | None = None) -> Operator:
        """`nonce`: the one that was sent, where the token comes of a code flow."""
        now = self._clock()
        claims = await verify_token(token, self._keys, self._expected, at=now)
        if nonce is not None and claims.get("nonce") != nonce:
            raise _refused("answers another log-in")
        self._check_party(claims)
        self._check_factor(claims, now=now)
        login = _login(claims.get(self._settings.login_claim))
        roles = self._roles(claims.get(self._settings.roles_claim))
        account = await self._accounts.find(self._tenant, login)
        if account is not None and account.disabled_at is not None:
            raise _refused("is of somebody whose account is disabled")
        if account is not None and any(pair <= roles | account.roles for pair in APART):
            raise _refused("and the account here give roles that belong apart")  # one person by two doors is one
        return Operator(tenant=self._tenant, login=login, roles=roles)

    def _check_party(self, claims: Mapping[str, Any]) -> None:
        """A token for several audiences says who it was issued to (OpenID Connect Core 3.1.3.7)."""
        several = isinstance(claims.get("aud"), list) and len(claims["aud"]) > 1
        party = claims.get("azp")
        if (several or party is not None) and party != self._settings.audience:
            raise _refused("was issued to another application")

    def _check_factor(self, claims: Mapping[str, Any], *, now: datetime) -> None:
        methods = claims.get("amr")
        used = {each for each in methods if isinstance(each, str)} if isinstance(methods, list) else set()
        if used.isdisjoint(self._settings.amr) and claims.get("acr") not in self._settings.acr:
            raise TrustError(
                "The identity provider vouches for no second factor.",
                vi="Nhà cung cấp danh tính không xác nhận yếu tố xác thực thứ hai.",
                what="second_factor",
            )
        since = claims.get("auth_time", claims.get("iat"))  # without the one the token is no younger than its making
        if type(since) not in {int, float} or now.timestamp() >= since + self._settings.max_age_s:
            raise _refused("is of a log-in too long ago")

    def _roles(self, said: Any) -> frozenset[Role]:
        values = said if isinstance(said, list) else [said]
        named = [self._settings.roles.get(value, ()) for value in values if isinstance(value, str)]
        roles = frozenset(role for each in named for role in each)
        if not roles or any(pair <= roles for pair in APART):
            raise _refused("gives no role here, or roles that belong apart")
        return roles


def _login(said: Any) -> str:
    """As leaves name them: no personal number, and nothing that is no login."""
    login = said.lower() if isinstance(said, str) else ""
    if not LOGIN.fullmatch(login) or NUMBER.search(login):
        raise _refused("names nobody by a login")
    return login


def _refused(why: str) -> TrustError:
    return TrustError(f"The token {why}.", vi="Thẻ của nhà cung cấp danh tính không dùng được ở đây.", what="token")
