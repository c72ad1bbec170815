"""What everybody may do with their own account, whatever their roles: sessions and password."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.operators.account import Session
from gateway.operators.accounts import Accounts
from gateway.operators.entrance import Credentials, Entrance, Opened
from gateway.operators.log import AccountLog, Happening
from gateway.operators.model import Operator
from gateway.operators.passwords import check_password
from gateway.operators.sessions import Sessions
from gateway.sdk.errors import NotFoundError


class Own:
    """Tài khoản của tôi."""

    def __init__(self, accounts: Accounts, entrance: Entrance, sessions: Sessions, *, log: AccountLog) -> None:
        self._accounts = accounts
        self._entrance = entrance
        self._sessions = sessions
        self._log = log

    async def sessions(self, who: Operator) -> Sequence[Session]:
        """Their open ones, newest first."""
        return [each for each in await self._sessions.open(who.tenant) if each.login == who.login]

    async def end(self, who: Operator, digest: bytes) -> None:
        """One of their sessions. `NotFoundError`: it is over, or somebody else's."""
        if not await self._sessions.end_one(who.tenant, who.login, digest):
            raise NotFoundError("You have no such session.", vi="Bạn không có phiên này, hoặc phiên đã hết.")
        await self._write("end_session", who, sessions=1)

    async def end_others(self, who: Operator, *, but: str) -> int:
        """All but the one with this token."""
        ended = await self._sessions.end_all(who.tenant, who.login, but=but)
        await self._write("end_sessions", who, sessions=ended)
        return ended

    async def change_password(self, who: Operator, said: Credentials, new: str) -> Opened:
        """Old password and code are asked as at a log-in, and count as one. All sessions end; a new one begins.
        `UnprocessableError`: the new one is too weak, and nothing was spent."""
        check_password(new, login=who.login)
        account = await self._entrance.prove(who.tenant, said, operation="set_password")
        await self._accounts.set_password(who.tenant, account.login, new, by=who.actor)
        account = await self._accounts.find(who.tenant, account.login)
        return await self._entrance.open(account, Credentials(login=account.login, password=new, code=""))

    async def _write(self, operation: str, who: Operator, *, sessions: int) -> None:
        facts: dict[str, str | int] = {"sessions": sessions}
        happening = Happening(operation=operation, tenant=who.tenant, login=who.login, actor=who.actor, facts=facts)
        await self._log.write(happening)
