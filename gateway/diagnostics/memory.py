"""Tries in memory, for tests."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.diagnostics.model import Run


class MemoryRuns:
    """Implements `RunStore`."""

    def __init__(self) -> None:
        self._runs: dict[tuple[str, str, str], Run] = {}

    async def save(self, run: Run) -> None:
        self._runs[run.tenant, run.system, run.id] = run

    async def find(self, tenant: str, system: str, run_id: str) -> Run | None:
        return self._runs.get((tenant, system, run_id))

    async def listed(self, tenant: str, system: str, *, most: int) -> Sequence[Run]:
        found = [run for run in self._runs.values() if (run.tenant, run.system) == (tenant, system)]
        return sorted(found, key=lambda run: (run.began_at, run.id), reverse=True)[:most]

    async def forget(self, tenant: str, system: str, *, kept: int) -> None:
        for run in (await self.listed(tenant, system, most=len(self._runs)))[kept:]:
            del self._runs[tenant, system, run.id]
