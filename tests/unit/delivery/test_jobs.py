"""Long work: what was allowed is what is done, once, whatever stops it between."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, ListedRecorder, atomically

from gateway.approvals.many import Many
from gateway.delivery.control import Control
from gateway.delivery.jobs.memory import MemoryJobs
from gateway.delivery.jobs.model import DONE, LEASE, MOST_ITEMS, REFUSED, Item, Job, JobState, Work
from gateway.delivery.jobs.run import Run
from gateway.delivery.jobs.service import MOST_AT_ONCE, Jobs
from gateway.delivery.jobs.works import Wanted, releases, works
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft, Said, StreamKey, Trouble, Verdict
from gateway.operators.model import Operator, Role
from gateway.sdk.errors import ConflictError, GatewayError, IntegrityError, NotAllowedError, UnprocessableError

AN = Operator(tenant="H99", login="an", roles=frozenset({Role.OPERATOR}))
STREAM = StreamKey(tenant="H99", target="portal", key="A")
TROUBLE = Trouble(code="partner.refused", detail="refused", detail_vi="từ chối")
KEYS = ("A", "B", "C")


class Approvals:
    """Knows what was allowed, and spends it once."""

    def __init__(self) -> None:
        self.allowed: list[dict[str, str | int]] = []

    async def use(self, act: str, parameters: Any, *, by: Operator) -> None:
        assert (act, by) == ("release_many", AN)
        if parameters not in self.allowed:
            raise NotAllowedError("no", vi="không", what="needs_approval")
        self.allowed.remove(parameters)


class House:
    def __init__(self) -> None:
        self.now = NOW
        self.outbox, self.recorder, self.store = MemoryOutbox(), ListedRecorder(), MemoryJobs()
        self.approvals = Approvals()
        self.control = Control(
            self.outbox,
            recorder=self.recorder,
            targets=("portal",),
            replaces=lambda *_: False,
            atomically=atomically,
            clock=self.clock,
        )
        self.jobs = self.open(works(self.control))

    def clock(self) -> datetime:
        return self.now

    def open(self, does: Any, *, alone: int | None = None) -> Jobs:
        many = Many(self.approvals, alone=alone)  # type: ignore[arg-type]  # only what it calls
        return Jobs(self.store, does, many=many, recorder=self.recorder, atomically=atomically, clock=self.clock)

    async def held(self, *keys: str) -> Wanted:
        for key in keys:
            stream = StreamKey(tenant="H99", target="portal", key=key)
            draft = Draft(stream=stream, operation="step", call_id="C", at=NOW, mapping_version=1, body={})
            await self.outbox.enqueue([draft], now=NOW)
            assert await self.outbox.stop(stream, TROUBLE)
        views = await self.outbox.held("H99", "portal", limit=99)
        return releases(views, {"target": "portal", "how": "arrived"})

    async def job(self, job: Job) -> Job:
        return await self.jobs.find("H99", job.id)

    async def outcomes(self, job: Job) -> list[str]:
        return [item.outcome for item in await self.jobs.items(job, limit=99)]

    @property
    def told(self) -> list[str]:
        return [entry.operation for entry in self.recorder.entries]


@pytest.fixture
def house() -> House:
    return House()


async def run(jobs: Jobs, job: Job) -> None:
    await jobs.start(job.id, by=AN, context=CONTEXT)
    await jobs.finished()


async def test_each_item_is_done_and_told_and_what_changed_meanwhile_is_left_alone(house: House) -> None:
    """SYN-08 (part), SEC-04 (part)."""
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)
    assert await house.control.release(STREAM, Said(verdict=Verdict.MISSING), context=CONTEXT)
    await run(house.jobs, job)
    assert await house.outcomes(job) == [REFUSED, DONE, DONE]
    done = await house.job(job)
    assert (done.state, done.done, done.refused, done.ended_at) == (JobState.ENDED, 2, 1, NOW)
    assert house.told == ["draft_job", "release_stream", "start_job", "release_stream", "release_stream"]


async def test_a_stop_comes_between_two_items_and_the_rest_is_done_once(house: House) -> None:
    seen = list[str]()

    async def work(run: Run) -> None:
        async def act(item: Item) -> bool:
            seen.append(item.key)
            if item.key == "B":
                assert await house.jobs.stop(run.job.id, context=CONTEXT)
            return True

        await run.each(act)

    house.jobs = house.open({Work.RELEASE: work})
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)
    await run(house.jobs, job)
    stopped = await house.job(job)
    assert (stopped.state, stopped.done, stopped.trouble) == (JobState.INTERRUPTED, 2, "")
    assert not await house.jobs.stop(job.id, context=CONTEXT)
    await run(house.jobs, job)
    assert seen == ["A", "B", "C"]
    assert (await house.job(job)).state is JobState.ENDED


async def test_when_the_process_ends_the_item_under_way_is_finished_and_the_rest_marked(house: House) -> None:
    begun, may_end = asyncio.Event(), asyncio.Event()

    async def work(run: Run) -> None:
        async def act(item: Item) -> bool:
            begun.set()
            await may_end.wait()
            return True

        await run.each(act)

    house.jobs = house.open({Work.RELEASE: work})
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)
    await house.jobs.start(job.id, by=AN, context=CONTEXT)
    await begun.wait()
    closing = asyncio.create_task(house.jobs.close())
    await asyncio.sleep(0)
    may_end.set()
    await closing
    assert await house.outcomes(job) == [DONE, "", ""]
    assert (await house.job(job)).state is JobState.INTERRUPTED


async def test_a_process_that_died_leaves_a_job_that_is_shown_as_interrupted_and_gone_on_with(house: House) -> None:
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)
    lost = await house.store.take(job, owner="dead", now=NOW, stale=NOW - LEASE)
    assert lost
    await house.store.tell(lost, Item(number=1, key="A", said={"seq": 1}), DONE)
    with pytest.raises(ConflictError):
        await house.jobs.start(job.id, by=AN, context=CONTEXT)
    house.now += LEASE + timedelta(seconds=1)
    assert (await house.job(job)).seen(house.now) is JobState.INTERRUPTED
    await run(house.jobs, job)
    assert await house.outcomes(job) == [DONE, DONE, DONE]
    held = await house.outbox.held("H99", "portal", limit=9)
    assert [view.stream.key for view in held] == ["A"]


async def test_an_item_that_cannot_be_read_is_told_and_the_others_go_on(house: House) -> None:
    async def work(run: Run) -> None:
        async def act(item: Item) -> bool:
            if item.key == "B":
                raise IntegrityError("altered")
            return True

        await run.each(act)

    house.jobs = house.open({Work.RELEASE: work})
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)
    await run(house.jobs, job)
    assert await house.outcomes(job) == [DONE, IntegrityError.code, DONE]


@pytest.mark.parametrize(
    ("error", "told"),
    [(GatewayError("The log is away.", vi="Nhật ký hỏng."), "Nhật ký hỏng."), (OSError("away"), "liên thông")],
)
async def test_what_would_meet_the_rest_too_ends_the_run_in_words(house: House, error: Exception, told: str) -> None:
    """No evidence, no act: the first item whose leaf cannot be written is the last that is tried."""
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)

    class Away(ListedRecorder):
        async def record(self, entry: Any) -> Any:
            if entry.operation == "release_stream":
                raise error
            return await super().record(entry)

    house.recorder = Away()
    house.control = Control(
        house.outbox,
        recorder=house.recorder,
        targets=("portal",),
        replaces=lambda *_: False,
        atomically=atomically,
        clock=house.clock,
    )
    house.jobs = house.open(works(house.control))
    await run(house.jobs, job)
    found = await house.job(job)
    assert (found.state, found.done) == (JobState.INTERRUPTED, 0)
    assert told in found.trouble_vi


async def test_many_begin_only_when_a_second_person_allowed_exactly_these(house: House) -> None:
    """PDP-13 (part), SEC-09 (part)."""
    house.jobs = house.open(works(house.control), alone=2)
    job = await house.jobs.draft(await house.held(*KEYS), context=CONTEXT)
    assert house.jobs.needs_second(job)
    with pytest.raises(NotAllowedError):
        await house.jobs.start(job.id, by=AN, context=CONTEXT)
    house.approvals.allowed.append(dict(job.parameters) | {"count": 2})
    with pytest.raises(NotAllowedError):
        await house.jobs.start(job.id, by=AN, context=CONTEXT)
    house.approvals.allowed.append(dict(job.parameters))
    await run(house.jobs, job)
    assert (await house.job(job)).done == 3
    few = await house.jobs.draft(await house.held("D", "E"), context=CONTEXT)
    assert not house.jobs.needs_second(few)


async def test_jobs_of_one_kind_for_one_system_run_one_at_a_time_and_few_in_all(house: House) -> None:
    def wanted(target: str) -> Wanted:
        return Wanted(what=Work.RECONCILE, parameters={"target": target, "how": "reconcile"}, total=1)

    may_end = asyncio.Event()

    async def work(run: Run) -> None:
        await may_end.wait()
        await run.seen(1)

    house.jobs = house.open({Work.RECONCILE: work})
    drafted = [await house.jobs.draft(wanted(f"T{n}"), context=CONTEXT) for n in range(MOST_AT_ONCE + 1)]
    twin = await house.jobs.draft(wanted("T0"), context=CONTEXT)
    for job in drafted[:MOST_AT_ONCE]:
        await house.jobs.start(job.id, by=AN, context=CONTEXT)
    for job, code in ((twin, "caller.job_running"), (drafted[-1], "caller.jobs_busy")):
        with pytest.raises(ConflictError) as refused:
            await house.jobs.start(job.id, by=AN, context=CONTEXT)
        assert refused.value.error_code == code
    may_end.set()
    await house.jobs.finished()
    await run(house.jobs, drafted[-1])
    assert (await house.job(drafted[-1])).state is JobState.ENDED


async def test_work_without_items_stops_where_it_tells_how_far_it_is(house: House) -> None:
    told = list[int]()

    async def work(run: Run) -> None:
        for count in (1, 2, 3):
            told.append(count)
            if count == 2:
                assert await house.jobs.stop(run.job.id, context=CONTEXT)
            await run.seen(count)

    house.jobs = house.open({Work.RECONCILE: work})
    wanted = Wanted(what=Work.RECONCILE, parameters={"target": "portal", "how": "reconcile"}, total=3)
    job = await house.jobs.draft(wanted, context=CONTEXT)
    await run(house.jobs, job)
    found = await house.job(job)
    assert (told, found.state, found.done) == ([1, 2], JobState.INTERRUPTED, 1)


@pytest.mark.parametrize("size", [0, MOST_ITEMS + 1])
async def test_a_job_of_nothing_or_of_too_much_is_refused(house: House, size: int) -> None:
    items = [Item(number=number, key="K", said={"seq": 1}) for number in range(size)]
    wanted = Wanted(what=Work.RELEASE, parameters={"target": "portal", "how": "unknown"}, items=items)
    with pytest.raises(UnprocessableError):
        await house.jobs.draft(wanted, context=CONTEXT)
    assert house.told == []
