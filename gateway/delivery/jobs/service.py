"""Draft, start, stop and go on with jobs. They run in this process; another process may go on with them."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime, timedelta

import structlog

from gateway.approvals.many import Many, exact
from gateway.approvals.model import Approval
from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.delivery.jobs.model import LEASE, MOST_ITEMS, Item, Job, JobState, Work
from gateway.delivery.jobs.run import Run, StoppedError
from gateway.delivery.jobs.store import End, JobStore
from gateway.delivery.jobs.works import Wanted
from gateway.domain import Context
from gateway.operators.model import Operator
from gateway.sdk.errors import ConflictError, GatewayError, NotFoundError, UnprocessableError

MOST_AT_ONCE = 3
"""Running jobs of one tenant."""
KEEP = timedelta(days=90)
PATIENCE_S = 10.0
"""How long the work under way may take when the process ends."""

log = structlog.get_logger()


class Jobs:
    def __init__(
        self,
        store: JobStore,
        works: Mapping[Work, Callable[[Run], Awaitable[object]]],
        *,
        many: Many,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._works = works
        self.many = many
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock
        self._stopping = asyncio.Event()
        self._starting = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()

    async def draft(self, wanted: Wanted, *, context: Context) -> Job:
        """Fix what shall be done. Nothing is done yet. `ConflictError`: too many run, or one like it runs."""
        if len(wanted.items) > MOST_ITEMS or (wanted.what is not Work.RECONCILE and not wanted.items):
            raise UnprocessableError(
                f"A job has from 1 to {MOST_ITEMS} items.",
                vi=f"Mỗi việc gồm từ 1 đến {MOST_ITEMS} mục.",
                what="job_size",
            )
        now, job_id = self._clock(), secrets.token_hex(10).upper()
        await self._check_room(context.tenant, (wanted.what, str(wanted.parameters["target"])))
        job = Job(
            tenant=context.tenant,
            id=job_id,
            what=wanted.what,
            state=JobState.DRAFTED,
            parameters=exact({**wanted.parameters, "job": job_id}, wanted.chosen),
            total=wanted.total,
            asked_by=context.actor,
            begun_at=now,
            moved_at=now,
        )
        await self._store.forget(context.tenant, before=now - KEEP)
        async with self._atomically():
            await self._store.add(job, wanted.items)
            await self._record("draft_job", job, context=context)
        return job

    async def find(self, tenant: str, job_id: str) -> Job:
        found = await self._store.find(tenant, job_id)
        if found is None:
            raise NotFoundError("There is no such job.", vi="Không có việc này.")
        return found

    async def listed(self, tenant: str, *, before: datetime | None = None, limit: int) -> Sequence[Job]:
        return await self._store.listed(tenant, before=before, limit=limit)

    async def items(self, job: Job, *, after: int = 0, limit: int) -> Sequence[Item]:
        return await self._store.items(job, after=after, limit=limit)

    def needs_second(self, job: Job) -> bool:
        """Whether a second person must allow it before it begins."""
        return job.state is JobState.DRAFTED and job.what is not Work.RECONCILE and self.many.needs(job.total)

    async def approval(self, job: Job) -> Approval | None:
        return await self.many.newest(job.tenant, job.parameters)

    async def ask(self, job_id: str, *, reason: str, by: Operator) -> Approval:
        """Ask a second person to allow exactly this."""
        job = await self.find(by.tenant, job_id)
        return await self.many.ask(job.parameters, reason=reason, by=by)

    async def start(self, job_id: str, *, by: Operator, context: Context) -> Job:
        """Begin, or go on. `NotAllowedError` (`caller.needs_approval`); `ConflictError`: too many run, one like it
        runs, or this one has ended or runs already."""
        async with self._starting:
            job = await self.find(context.tenant, job_id)
            await self._check(job)
            if self.needs_second(job):
                await self.many.use(job.parameters, by=by)
            async with self._atomically():
                now = self._clock()
                taken = await self._store.take(job, owner=secrets.token_hex(8), now=now, stale=now - LEASE)
                if taken is None:
                    raise _over()
                await self._record("start_job", taken, context=context)
            task = asyncio.create_task(self._run(taken, context))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
        return taken

    async def stop(self, job_id: str, *, context: Context) -> bool:
        """After the item that is under way. False: it does not run."""
        job = await self.find(context.tenant, job_id)
        async with self._atomically():
            done = await self._store.stop(context.tenant, job_id, now=self._clock())
            if done:
                await self._record("stop_job", job, context=context)
        return done

    async def close(self) -> None:
        """Finish the items under way; what is left is marked as interrupted."""
        self._stopping.set()
        if self._running:
            await asyncio.wait(set(self._running), timeout=PATIENCE_S)
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def finished(self) -> None:
        """When nothing of this process runs any more."""
        await asyncio.gather(*self._running)

    async def _check(self, job: Job) -> None:
        if job.seen(self._clock()) not in {JobState.DRAFTED, JobState.INTERRUPTED}:
            raise _over()
        await self._check_room(job.tenant, (job.what, job.target))

    async def _check_room(self, tenant: str, like: tuple[Work, str]) -> None:
        running = await self._store.running(tenant, since=self._clock() - LEASE)
        if any((each.what, each.target) == like for each in running):
            raise ConflictError(
                "A job of this kind runs for this system already; wait until it has ended.",
                vi="Đang có một việc cùng loại chạy cho hệ thống này; hãy chờ việc đó xong.",
                what="job_running",
            )
        if len(running) >= MOST_AT_ONCE:
            raise ConflictError(
                f"{MOST_AT_ONCE} jobs run already; wait until one has ended.",
                vi=f"Đang có {MOST_AT_ONCE} việc chạy; hãy chờ một việc xong.",
                what="jobs_busy",
            )

    async def _run(self, job: Job, context: Context) -> None:
        run = Run(
            job,
            self._store,
            context=context,
            stopping=self._stopping,
            atomically=self._atomically,
            clock=self._clock,
        )
        beating = asyncio.create_task(run.beat())
        end = await self._end_of(run)
        beating.cancel()
        try:
            await self._store.end(job, end)
        except Exception:  # without a sign of life it is interrupted all the same
            log.exception("job_end_not_written", what=job.what.value)

    async def _end_of(self, run: Run) -> End:
        """Do the work. Whatever keeps it from being done is told in words; that it was stopped needs none."""
        what, trouble = run.job.what, GatewayError("It failed on our side; it is logged.")
        try:
            await self._works[what](run)
        except (StoppedError, asyncio.CancelledError):
            return End(state=JobState.INTERRUPTED, at=self._clock())
        except GatewayError as exc:
            log.warning("job_interrupted", what=what.value, code=exc.error_code)
            trouble = exc
        except Exception:
            log.exception("job_failed", what=what.value)
        else:
            return End(state=JobState.ENDED, at=self._clock())
        told = {"trouble": trouble.detail, "trouble_vi": trouble.detail_vi}
        return End(state=JobState.INTERRUPTED, at=self._clock(), **told)

    async def _record(self, operation: str, job: Job, *, context: Context) -> None:
        entry = Act(
            operation=operation,
            system=job.target,
            reference=f"job:{job.id}",
            facts={**job.parameters, "what": job.what.value, "total": job.total},
        ).entry(context, at=self._clock())
        await self._recorder.record(entry)


def _over() -> ConflictError:
    return ConflictError("The job runs, or has ended.", vi="Việc này đang chạy hoặc đã xong.", what="job_over")
