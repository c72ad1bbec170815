"""The index of whom leaves are about, in PostgreSQL (`audit_subject`, migration 0032)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from gateway.audit.rows import Row
from gateway.audit.store import AuditStore
from gateway.database import Database, queries

SQL = queries("privacy")


class PostgresSubjects:
    """Implements `SubjectIndex`."""

    def __init__(self, database: Database, log: AuditStore) -> None:
        self._database = database
        self._log = log

    async def of_subject(
        self, tenant: str, digest: bytes, *, before: int | None = None, limit: int = 50
    ) -> Sequence[Row]:
        return await self._log.of_subject(tenant, digest, before=before, limit=limit)

    async def subjects_of(self, tenant: str, indexes: Sequence[int]) -> Mapping[int, Sequence[bytes]]:
        found: dict[int, list[bytes]] = defaultdict(list)
        for row in await self._rows("subjects_of", tenant=tenant, indexes=list(indexes)):
            found[row["index"]].append(bytes(row["digest"]))
        return found

    async def subjects_since(self, tenant: str) -> datetime | None:
        since: datetime | None = (await self._rows("subjects_since", tenant=tenant))[0]["since"]
        return since

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()
