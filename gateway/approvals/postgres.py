"""Approvals in PostgreSQL; the reason, which a person wrote, is sealed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from gateway.approvals.model import Approval, ApprovalState
from gateway.approvals.store import Decision
from gateway.database import Database, queries
from gateway.signing.model import Sealer

SQL = queries("approvals")


class PostgresApprovals:
    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def add(self, approval: Approval, *, digest: bytes) -> None:
        sealed = self._sealer.seal(approval.reason.encode(), purpose=_purpose(approval.tenant, approval.id))
        values = {
            "tenant": approval.tenant,
            "id": approval.id,
            "act": approval.act,
            "parameters": Jsonb(dict(approval.parameters)),
            "digest": digest,
            "reason": sealed,
            "asked_by": approval.asked_by,
            "asked_at": approval.asked_at,
            "expires_at": approval.expires_at,
        }
        await self._database.run_alone(SQL["add"], values)

    async def find(self, tenant: str, approval_id: str) -> Approval | None:
        return self._one(await self._rows("find", tenant=tenant, id=approval_id))

    async def decide(self, tenant: str, approval_id: str, decision: Decision) -> Approval | None:
        said = {"state": decision.state.value, "by": decision.by, "now": decision.at}
        return self._one(await self._rows("decide", tenant=tenant, id=approval_id, **said))

    async def use(self, tenant: str, digest: bytes, *, by: str, now: datetime) -> Approval | None:
        return self._one(await self._rows("use", tenant=tenant, digest=digest, by=by, now=now))

    async def waiting(self, tenant: str, *, now: datetime) -> Sequence[Approval]:
        return [self._approval(row) for row in await self._rows("waiting", tenant=tenant, now=now)]

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Approval]:
        return [self._approval(row) for row in await self._rows("listed", tenant=tenant, limit=limit)]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run_alone(SQL[name], values)).fetchall()

    def _one(self, rows: list[dict[str, Any]]) -> Approval | None:
        return self._approval(rows[0]) if rows else None

    def _approval(self, row: dict[str, Any]) -> Approval:
        reason = self._sealer.unseal(bytes(row["reason"]), purpose=_purpose(row["tenant"], row["id"]))
        return Approval(
            id=row["id"],
            tenant=row["tenant"],
            act=row["act"],
            parameters=row["parameters"],
            reason=reason.decode(),
            asked_by=row["asked_by"],
            asked_at=row["asked_at"],
            expires_at=row["expires_at"],
            state=ApprovalState(row["state"]),
            decided_by=row["decided_by"],
            decided_at=row["decided_at"],
            used_at=row["used_at"],
        )


def _purpose(tenant: str, approval_id: str) -> str:
    return f"approval/{tenant}/{approval_id}"
