"""Sessions: a random token, of which only a keyed digest is kept; over when idle, when old, or when the account is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from gateway.operators.account import Session
from gateway.operators.model import APART, Operator, Role
from gateway.operators.policy import Policy
from gateway.operators.store import AccountStore, SessionStore
from gateway.signing.model import Digester

TOKEN = re.compile(r"lts_[0-9a-f]{64}", re.ASCII)
PURPOSE = "operator-session"
SEEN_EVERY = timedelta(seconds=10)
"""A session that is used all the time is written this often."""


class Sessions:
    """Begin, recognise, end."""

    def __init__(
        self,
        store: SessionStore,
        accounts: AccountStore,
        digester: Digester,
        *,
        policy: Policy,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._accounts = accounts
        self._digester = digester
        self._policy = policy
        self._clock = clock

    async def begin(self, tenant: str, login: str, *, roles: frozenset[Role] | None = None) -> tuple[str, datetime]:
        """Its token, which nobody chose but we, and when it is over at the latest. `roles`: as of `Session`."""
        token, now = f"lts_{secrets.token_hex(32)}", self._clock()
        digest = self.digest(tenant, token)
        session = Session(tenant=tenant, digest=digest, login=login, begun_at=now, seen_at=now, roles=roles)
        await self._store.begin(session, most=self._policy.sessions)
        await self._store.sweep(tenant, begun_before=now - self._policy.absolute)
        return token, now + self._policy.absolute

    async def operator_of(self, tenant: str, token: str, *, is_used: bool = True) -> Operator | None:
        """Whose it is, if it holds and their account does. `is_used`: from now on it counts as idle."""
        session = await self._store.find(tenant, self.digest(tenant, token)) if TOKEN.fullmatch(token) else None
        if session is None:
            return None
        now = self._clock()
        if now >= session.seen_at + self._policy.idle or now >= session.begun_at + self._policy.absolute:
            await self._store.end(tenant, session.digest)
            return None
        operator = await self._holder(session)
        if operator is not None and is_used and now >= session.seen_at + SEEN_EVERY:
            await self._store.seen(tenant, session.digest, at=now)
        return operator

    async def _holder(self, session: Session) -> Operator | None:
        """An account here is asked each time; of whoever has none, the identity provider vouched."""
        account = await self._accounts.find(session.tenant, session.login)
        if account is not None and account.disabled_at is not None:
            return None
        if session.roles is None:
            return account.operator if account else None
        if account is not None and any(pair <= session.roles | account.roles for pair in APART):
            return None  # one person by two doors is one
        return Operator(tenant=session.tenant, login=session.login, roles=session.roles)

    async def end(self, tenant: str, token: str) -> bool:
        return bool(TOKEN.fullmatch(token)) and await self._store.end(tenant, self.digest(tenant, token))

    async def end_one(self, tenant: str, login: str, digest: bytes) -> bool:
        """Of that login's; False: it is over, or somebody else's."""
        session = await self._store.find(tenant, digest)
        return session is not None and session.login == login and await self._store.end(tenant, digest)

    async def end_all(self, tenant: str, login: str, *, but: str = "") -> int:
        """How many. `but`: the token of one that goes on."""
        return await self._store.end_all(tenant, login, but=self.digest(tenant, but) if but else b"")

    async def open(self, tenant: str) -> Sequence[Session]:
        """Those that still hold, newest first."""
        now = self._clock()
        return [
            session
            for session in await self._store.all(tenant)
            if now < min(session.seen_at + self._policy.idle, session.begun_at + self._policy.absolute)
        ]

    def digest(self, tenant: str, token: str) -> bytes:
        """As the session is stored and told of; nobody makes the token of it."""
        return self._digester.digest(token.encode(), purpose=f"{PURPOSE}/{tenant}")
