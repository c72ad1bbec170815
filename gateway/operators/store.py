"""Where accounts, sessions and failed log-ins are kept."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from gateway.operators.account import Account, Session
from gateway.operators.model import Role
from gateway.sdk.errors import ConflictError

Ladder = Callable[[int], timedelta]
"""How long to wait after so many failures."""
FORGOTTEN = timedelta(days=1)
"""A failure is forgotten after this time without another one."""


class AccountStore(Protocol):
    async def add(self, account: Account) -> None:
        """`ConflictError` when the login is taken, by a disabled account too: logins stand in the log for ever."""

    async def find(self, tenant: str, login: str) -> Account | None: ...

    async def all(self, tenant: str) -> Sequence[Account]:
        """By login."""

    async def set_roles(self, tenant: str, login: str, roles: Collection[Role]) -> bool: ...

    async def set_disabled(self, tenant: str, login: str, *, at: datetime | None) -> bool:
        """False: no such account, or it is so already."""

    async def set_password(self, tenant: str, login: str, hashed: str) -> bool: ...

    async def set_second(self, account: Account) -> bool:
        """Secret and recovery codes anew; steps of the old secret are forgotten."""

    async def take_step(self, tenant: str, login: str, step: int) -> bool:
        """Spend a time step and all before it; of many at once one gets it (RFC 6238 5.2)."""

    async def take_recovery(self, tenant: str, login: str, digest: bytes) -> bool:
        """Spend a recovery code; of many at once one gets it."""

    async def entered(self, tenant: str, login: str, *, at: datetime) -> None: ...


class SessionStore(Protocol):
    async def begin(self, session: Session, *, most: int) -> None:
        """The oldest ones of the same login go, so that `most` are left."""

    async def find(self, tenant: str, digest: bytes) -> Session | None: ...

    async def seen(self, tenant: str, digest: bytes, *, at: datetime) -> None: ...

    async def end(self, tenant: str, digest: bytes) -> bool: ...

    async def end_all(self, tenant: str, login: str, *, but: bytes = b"") -> int:
        """All of the login, but the one with that digest."""

    async def all(self, tenant: str) -> Sequence[Session]:
        """Newest first."""

    async def sweep(self, tenant: str, *, begun_before: datetime) -> None: ...


class FailureStore(Protocol):
    async def attempt(self, tenant: str, party: str, *, now: datetime, ladder: Ladder) -> tuple[bool, int]:
        """Whether `party` need not wait, and its failures with this one. Counted before it is known how it ends, so
        that many at once are not tried for the price of one; what has to wait is not counted."""

    async def forget(self, tenant: str, party: str) -> None: ...

    async def waiting(self, tenant: str, *, now: datetime) -> Mapping[str, datetime]:
        """Who has to wait, and until when."""


def taken() -> ConflictError:
    return ConflictError("This login is taken.", vi="Tên đăng nhập này đã có.", what="operator_exists")
