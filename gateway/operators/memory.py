"""Accounts, sessions and failures in dictionaries, for tests."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.operators.account import Account, Session
from gateway.operators.model import Role
from gateway.operators.store import FORGOTTEN, Ladder, taken


class MemoryAccounts:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], Account] = {}
        self._steps: dict[tuple[str, str], int] = {}

    async def add(self, account: Account) -> None:
        if (account.tenant, account.login) in self._kept:
            raise taken()
        self._kept[account.tenant, account.login] = account

    async def find(self, tenant: str, login: str) -> Account | None:
        return self._kept.get((tenant, login))

    async def all(self, tenant: str) -> Sequence[Account]:
        return [account for name, account in sorted(self._kept.items()) if name[0] == tenant]

    async def set_roles(self, tenant: str, login: str, roles: Collection[Role]) -> bool:
        return self._change(tenant, login, roles=frozenset(roles))

    async def set_disabled(self, tenant: str, login: str, *, at: datetime | None) -> bool:
        account = self._kept.get((tenant, login))
        if account is None or (account.disabled_at is None) == (at is None):
            return False
        return self._change(tenant, login, disabled_at=at)

    async def set_password(self, tenant: str, login: str, hashed: str) -> bool:
        return self._change(tenant, login, password=hashed)

    async def set_second(self, account: Account) -> bool:
        self._steps.pop((account.tenant, account.login), None)
        return self._change(
            account.tenant,
            account.login,
            secret=account.secret,
            recovery=account.recovery,
            enrolled_by=account.enrolled_by,
        )

    async def take_step(self, tenant: str, login: str, step: int) -> bool:
        if self._steps.get((tenant, login), 0) >= step:
            return False
        self._steps[tenant, login] = step
        return True

    async def take_recovery(self, tenant: str, login: str, digest: bytes) -> bool:
        left = self._kept[tenant, login].recovery
        return digest in left and self._change(tenant, login, recovery=tuple(code for code in left if code != digest))

    async def entered(self, tenant: str, login: str, *, at: datetime) -> None:
        self._change(tenant, login, last_login_at=at)

    def _change(self, tenant: str, login: str, **values: Any) -> bool:
        if (tenant, login) not in self._kept:
            return False
        self._kept[tenant, login] = replace(self._kept[tenant, login], **values)
        return True


class MemorySessions:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, bytes], Session] = {}

    async def begin(self, session: Session, *, most: int) -> None:
        self._kept[session.tenant, session.digest] = session
        own = [each for each in await self.all(session.tenant) if each.login == session.login]
        for old in own[most:]:
            await self.end(old.tenant, old.digest)

    async def find(self, tenant: str, digest: bytes) -> Session | None:
        return self._kept.get((tenant, digest))

    async def seen(self, tenant: str, digest: bytes, *, at: datetime) -> None:
        if session := self._kept.get((tenant, digest)):
            self._kept[tenant, digest] = replace(session, seen_at=at)

    async def end(self, tenant: str, digest: bytes) -> bool:
        return self._kept.pop((tenant, digest), None) is not None

    async def end_all(self, tenant: str, login: str, *, but: bytes = b"") -> int:
        own = [each for each in self._kept.values() if (each.tenant, each.login) == (tenant, login)]
        gone = [(each.tenant, each.digest) for each in own if each.digest != but]
        for key in gone:
            del self._kept[key]
        return len(gone)

    async def all(self, tenant: str) -> Sequence[Session]:
        found = [each for each in self._kept.values() if each.tenant == tenant]
        return sorted(found, key=lambda each: (each.begun_at, each.digest), reverse=True)

    async def sweep(self, tenant: str, *, begun_before: datetime) -> None:
        for key, each in list(self._kept.items()):
            if each.tenant == tenant and each.begun_at < begun_before:
                del self._kept[key]


class MemoryFailures:
    def __init__(self) -> None:
        self._kept: dict[tuple[str, str], tuple[int, datetime, datetime]] = {}

    async def attempt(self, tenant: str, party: str, *, now: datetime, ladder: Ladder) -> tuple[bool, int]:
        failures, last_at, until = self._kept.get((tenant, party), (0, now, now))
        if until > now:
            return False, failures
        count = 1 if last_at + FORGOTTEN < now else failures + 1
        self._kept[tenant, party] = (count, now, now + ladder(count))
        return True, count

    async def forget(self, tenant: str, party: str) -> None:
        self._kept.pop((tenant, party), None)

    async def waiting(self, tenant: str, *, now: datetime) -> Mapping[str, datetime]:
        return {party: until for (owner, party), (_, _, until) in self._kept.items() if owner == tenant and until > now}
