"""Accounts, sessions and failures in PostgreSQL, shared by all processes."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from gateway.database import Database, queries
from gateway.operators.account import Account, Session
from gateway.operators.model import Role
from gateway.operators.store import FORGOTTEN, Ladder, taken
from gateway.signing.model import Sealer

SQL = queries("operators")


class PostgresAccounts:
    """Title and second factor are sealed."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, account: Account) -> None:
        values = {
            "tenant": account.tenant,
            "login": account.login,
            "roles": sorted(account.roles),
            "password": account.password,
            "secrets": self._seal(account),
            "recovery": list(account.recovery),
            "created_at": account.created_at,
        }
        if not await self._done("add", **values):
            raise taken()

    async def find(self, tenant: str, login: str) -> Account | None:
        cursor = await self._database.run(SQL["find"], {"tenant": tenant, "login": login})
        row = await cursor.fetchone()
        return self._account(row) if row else None

    async def all(self, tenant: str) -> Sequence[Account]:
        cursor = await self._database.run(SQL["all"], {"tenant": tenant})
        return [self._account(row) for row in await cursor.fetchall()]

    async def set_roles(self, tenant: str, login: str, roles: Collection[Role]) -> bool:
        return await self._done("set_roles", tenant=tenant, login=login, roles=sorted(roles))

    async def set_disabled(self, tenant: str, login: str, *, at: datetime | None) -> bool:
        return await self._done("set_disabled", tenant=tenant, login=login, at=at)

    async def set_password(self, tenant: str, login: str, hashed: str) -> bool:
        return await self._done("set_password", tenant=tenant, login=login, password=hashed)

    async def set_second(self, account: Account) -> bool:
        values = {"secrets": self._seal(account), "recovery": list(account.recovery)}
        return await self._done("set_second", tenant=account.tenant, login=account.login, **values)

    async def take_step(self, tenant: str, login: str, step: int) -> bool:
        return await self._done("take_step", tenant=tenant, login=login, step=step)

    async def take_recovery(self, tenant: str, login: str, digest: bytes) -> bool:
        return await self._done("take_recovery", tenant=tenant, login=login, digest=digest)

    async def entered(self, tenant: str, login: str, *, at: datetime) -> None:
        await self._done("entered", tenant=tenant, login=login, at=at)

    async def _done(self, name: str, **values: Any) -> bool:
        return (await self._database.run(SQL[name], values)).rowcount == 1

    def _seal(self, account: Account) -> bytes:
        secrets = orjson.dumps({"title": account.title, "secret": account.secret, "by": account.enrolled_by})
        return self._sealer.seal(secrets, purpose=_purpose(account.tenant, account.login))

    def _account(self, row: dict[str, Any]) -> Account:
        secrets = orjson.loads(
            self._sealer.unseal(bytes(row["secrets"]), purpose=_purpose(row["tenant"], row["login"]))
        )
        return Account(
            tenant=row["tenant"],
            login=row["login"],
            roles=frozenset(Role(role) for role in row["roles"]),
            password=row["password"],
            secret=secrets["secret"],
            recovery=tuple(bytes(digest) for digest in row["recovery"]),
            title=secrets["title"],
            enrolled_by=secrets["by"],
            created_at=row["created_at"],
            disabled_at=row["disabled_at"],
            last_login_at=row["last_login_at"],
        )


class PostgresSessions:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def begin(self, session: Session, *, most: int) -> None:
        values = {
            "tenant": session.tenant,
            "digest": session.digest,
            "login": session.login,
            "begun_at": session.begun_at,
            "seen_at": session.seen_at,
            "roles": None if session.roles is None else sorted(session.roles),
        }
        async with self._database.transaction() as connection:
            await connection.execute(SQL["begin_session"], values)
            await connection.execute(SQL["crowd_out"], {**values, "most": most})

    async def find(self, tenant: str, digest: bytes) -> Session | None:
        row = await (await self._run("find_session", tenant=tenant, digest=digest)).fetchone()
        return _session(row) if row else None

    async def seen(self, tenant: str, digest: bytes, *, at: datetime) -> None:
        await self._run("seen", tenant=tenant, digest=digest, at=at)

    async def end(self, tenant: str, digest: bytes) -> bool:
        return bool((await self._run("end_session", tenant=tenant, digest=digest)).rowcount)

    async def end_all(self, tenant: str, login: str, *, but: bytes = b"") -> int:
        return int((await self._run("end_all", tenant=tenant, login=login, but=but)).rowcount)

    async def all(self, tenant: str) -> Sequence[Session]:
        return [_session(row) for row in await (await self._run("all_sessions", tenant=tenant)).fetchall()]

    async def sweep(self, tenant: str, *, begun_before: datetime) -> None:
        await self._run("sweep_sessions", tenant=tenant, before=begun_before)

    async def _run(self, name: str, **values: Any) -> Any:
        return await self._database.run(SQL[name], values)


class PostgresFailures:
    """Each attempt is a transaction of its own: whatever is rolled back around it, it was made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def attempt(self, tenant: str, party: str, *, now: datetime, ladder: Ladder) -> tuple[bool, int]:
        who = {"tenant": tenant, "party": party, "now": now}
        async with self._database.own_transaction() as connection:
            await connection.execute(SQL["forget_old"], {**who, "before": now - FORGOTTEN})
            await connection.execute(SQL["first_failure"], who)
            row = await (await connection.execute(SQL["failures"], who)).fetchone()
            assert row is not None
            if row["until_at"] > now:
                return False, int(row["failures"])
            count = int(row["failures"]) + 1
            await connection.execute(SQL["count_failure"], {**who, "count": count, "until": now + ladder(count)})
            return True, count

    async def forget(self, tenant: str, party: str) -> None:
        await self._database.run_alone(SQL["forget_failures"], {"tenant": tenant, "party": party})

    async def waiting(self, tenant: str, *, now: datetime) -> Mapping[str, datetime]:
        cursor = await self._database.run(SQL["waiting"], {"tenant": tenant, "now": now})
        return {row["party"]: row["until_at"] for row in await cursor.fetchall()}


def _session(row: dict[str, Any]) -> Session:
    return Session(
        tenant=row["tenant"],
        digest=bytes(row["digest"]),
        login=row["login"],
        begun_at=row["begun_at"],
        seen_at=row["seen_at"],
        roles=None if row["roles"] is None else frozenset(Role(role) for role in row["roles"]),
    )


def _purpose(tenant: str, login: str) -> str:
    return f"operator/{tenant}/{login}"
