"""Sessions: a random token, of which only a keyed digest is kept; over when idle, when old, or when the account is."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from gateway.operators.account import Account, Session
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

    async def begin(self, account: Account) -> tuple[str, datetime]:
        """Its token, which nobody chose but we, and when it is over at the latest."""
        token, now = f"lts_{secrets.token_hex(32)}", self._clock()
        digest = self._digest(account.tenant, token)
        session = Session(tenant=account.tenant, digest=digest, login=account.login, begun_at=now, seen_at=now)
        await self._store.begin(session, most=self._policy.sessions)
        await self._store.sweep(account.tenant, begun_before=now - self._policy.absolute)
        return token, now + self._policy.absolute

    async def account_of(self, tenant: str, token: str, *, is_used: bool = True) -> Account | None:
        """Whose it is, if it holds and its account does. `is_used`: from now on it counts as idle."""
        session = await self._store.find(tenant, self._digest(tenant, token)) if TOKEN.fullmatch(token) else None
        if session is None:
            return None
        now = self._clock()
        if now >= session.seen_at + self._policy.idle or now >= session.begun_at + self._policy.absolute:
            await self._store.end(tenant, session.digest)
            return None
        account = await self._accounts.find(tenant, session.login)
        if account is None or account.disabled_at is not None:
            return None
        if is_used and now >= session.seen_at + SEEN_EVERY:
            await self._store.seen(tenant, session.digest, at=now)
        return account

    async def end(self, tenant: str, token: str) -> bool:
        return bool(TOKEN.fullmatch(token)) and await self._store.end(tenant, self._digest(tenant, token))

    async def end_all(self, tenant: str, login: str) -> int:
        return await self._store.end_all(tenant, login)

    async def open(self, tenant: str) -> Sequence[Session]:
        """Those that still hold, newest first."""
        now = self._clock()
        return [
            session
            for session in await self._store.all(tenant)
            if now < min(session.seen_at + self._policy.idle, session.begun_at + self._policy.absolute)
        ]

    def _digest(self, tenant: str, token: str) -> bytes:
        return self._digester.digest(token.encode(), purpose=f"{PURPOSE}/{tenant}")
