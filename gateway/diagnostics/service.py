"""Try a partner: started by a person, goes on by itself, is kept and is evidence. Console and command line share it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.diagnostics.model import Finding, Run
from gateway.diagnostics.settings import DiagnosticsSettings
from gateway.diagnostics.store import RunStore
from gateway.diagnostics.trying import Talk, Trying
from gateway.diagnostics.ways import Way, ways_of
from gateway.domain import Context, local_day
from gateway.exchange.ids import new_id
from gateway.exchange.system import System
from gateway.sdk import NotFoundError
from gateway.sdk.errors import TooManyRequestsError

_LATE = timedelta(seconds=10)
"""After its limit a try that has not ended was cut off."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What all tries share. `talk`: how to speak over a way, for whom, under which reference."""

    systems: Mapping[str, System]
    trying: Trying
    talk: Callable[[Way, Context, str], Talk]
    tenant: str
    settings: DiagnosticsSettings
    clock: Callable[[], datetime]


class Diagnostics:
    """Chẩn đoán. Only configured systems, over their configured ways."""

    def __init__(self, store: RunStore, house: House, *, recorder: Recorder) -> None:
        self._store = store
        self._house = house
        self._recorder = recorder
        self._tasks: dict[tuple[str, str], tuple[Run, asyncio.Task[None]]] = {}

    @property
    def systems(self) -> Mapping[str, System]:
        return self._house.systems

    def ways(self, system: str) -> Mapping[str, Way]:
        """`NotFoundError`: no such system."""
        found = self._house.systems.get(system)
        if found is None:
            raise NotFoundError("No such system is configured.", vi="Chưa cấu hình hệ thống này.")
        return ways_of(found, on=local_day(self._house.clock()))

    async def start(self, system: str, way: str = "", *, context: Context) -> Run:
        """Begin a try of that way (none: the one that most calls take), or return the one that is under way there. The
        leaf is durable before anything leaves. `TooManyRequestsError`: too many at a time."""
        chosen = self._chosen(system, way)
        under_way = self._tasks.get((system, chosen.name))
        if under_way is not None:
            return under_way[0]
        if len(self._tasks) >= self._house.settings.at_once:
            raise TooManyRequestsError(
                "Other tries are under way; wait until one has ended.",
                vi="Đang có lượt thử khác chạy; hãy đợi một lượt kết thúc.",
                retry_after_s=5,
            )
        now = self._house.clock()
        run = Run(
            tenant=self._house.tenant,
            system=system,
            id=new_id(now),
            line=chosen.name,
            actor=context.actor,
            began_at=now,
        )
        begun = asyncio.Event()
        task = asyncio.create_task(self._go(run, chosen, begun, context=context))
        self._tasks[system, chosen.name] = run, task
        task.add_done_callback(lambda ended: self._ended(run, ended))
        begin = asyncio.create_task(begun.wait())
        await asyncio.wait([begin, task], return_when=asyncio.FIRST_COMPLETED)
        begin.cancel()
        if not begun.is_set():
            await task  # which raises what kept it from beginning
        return run

    async def find(self, system: str, run_id: str) -> Run:
        """`NotFoundError`."""
        run = await self._store.find(self._house.tenant, system, run_id)
        if run is None:
            raise NotFoundError("There is no such try, or it is kept no more.", vi="Không có lượt thử này.")
        return run

    async def listed(self, system: str) -> Sequence[Run]:
        """The newest first, as many as are kept."""
        return await self._store.listed(self._house.tenant, system, most=self._house.settings.kept)

    def is_under_way(self, run: Run) -> bool:
        """Not ended, and not older than it may become: otherwise the process was ended over it."""
        limit = timedelta(seconds=self._house.settings.limit_s) + _LATE
        return run.ended_at is None and self._house.clock() < run.began_at + limit

    async def wait(self, run: Run) -> Run:
        """Until it has ended."""
        found = self._tasks.get((run.system, run.line))
        if found is not None:
            await asyncio.wait([found[1]])
        return await self.find(run.system, run.id)

    async def finish(self) -> None:
        """End what is under way."""
        tasks = [task for _, task in self._tasks.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _chosen(self, system: str, way: str) -> Way:
        ways = self.ways(system)
        usual = self._house.systems[system].line("", on=local_day(self._house.clock()))
        found = ways.get(way) if way else next(one for one in ways.values() if one.line is usual)
        if found is None:
            raise NotFoundError("There is no such way to this system.", vi="Không có đường truyền này.")
        return found

    def _ended(self, run: Run, task: asyncio.Task[None]) -> None:
        self._tasks.pop((run.system, run.line), None)
        if not task.cancelled() and (failure := task.exception()):
            log.error("diagnosis_not_kept", system=run.system, exc_info=failure)

    async def _go(self, run: Run, way: Way, begun: asyncio.Event, *, context: Context) -> None:
        """No evidence, no act: the leaf of the beginning is durable before anything leaves."""
        settings = self._house.settings
        await self._record(run, context, outcome="accepted")
        await self._store.save(run)
        begun.set()

        async def report(findings: Sequence[Finding]) -> None:
            await self._store.save(replace(run, findings=tuple(findings)))

        talk = self._house.talk(way, context, run.id)
        findings = await self._house.trying.all(way, talk, report, limit_s=settings.limit_s)
        ended = replace(run, findings=tuple(findings), ended_at=self._house.clock())
        await self._store.save(ended)
        await self._store.forget(run.tenant, run.system, kept=settings.kept)
        await self._record(ended, context, outcome="answered")

    async def _record(self, run: Run, context: Context, *, outcome: str) -> None:
        entry = Act(
            operation="diagnose",
            outcome=outcome,
            system=run.system,
            reference=run.id,
            facts={"over": run.line, **{finding.step.value: finding.verdict.value for finding in run.findings}},
        ).entry(context, at=self._house.clock())
        await self._recorder.record(entry)
