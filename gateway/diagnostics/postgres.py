"""Tries in PostgreSQL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from psycopg.types.json import Jsonb

from gateway.database import Database, queries
from gateway.diagnostics.model import Finding, Run, Step, Verdict

SQL = queries("diagnostics")


class PostgresRuns:
    """Implements `RunStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def save(self, run: Run) -> None:
        values = {
            "tenant": run.tenant,
            "system": run.system,
            "id": run.id,
            "line": run.line,
            "actor": run.actor,
            "began_at": run.began_at,
            "ended_at": run.ended_at,
            "steps": Jsonb([_written(finding) for finding in run.findings]),
        }
        await self._database.run(SQL["save"], values)

    async def find(self, tenant: str, system: str, run_id: str) -> Run | None:
        found = await self._rows("find", tenant=tenant, system=system, id=run_id)
        return found[0] if found else None

    async def listed(self, tenant: str, system: str, *, most: int) -> Sequence[Run]:
        return await self._rows("listed", tenant=tenant, system=system, most=most)

    async def forget(self, tenant: str, system: str, *, kept: int) -> None:
        await self._database.run(SQL["forget"], {"tenant": tenant, "system": system, "kept": kept})

    async def _rows(self, name: str, **values: Any) -> list[Run]:
        rows = await (await self._database.run(SQL[name], values)).fetchall()
        return [Run(**{**row, "findings": tuple(map(_read, row["findings"]))}) for row in rows]


def _written(finding: Finding) -> dict[str, Any]:
    return {
        "step": finding.step.value,
        "verdict": finding.verdict.value,
        "why": finding.why,
        "facts": dict(finding.facts),
        "took_ms": finding.took_ms,
    }


def _read(said: Mapping[str, Any]) -> Finding:
    return Finding(**{**said, "step": Step(said["step"]), "verdict": Verdict(said["verdict"])})
