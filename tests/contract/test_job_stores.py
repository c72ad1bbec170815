"""What every store of jobs, and every board of the outbox, promises."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.delivery.jobs.memory import MemoryJobs
from gateway.delivery.jobs.model import DONE, LEASE, REFUSED, Item, Job, JobState, Work
from gateway.delivery.jobs.postgres import PostgresJobs
from gateway.delivery.jobs.store import End, JobStore
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.memory_board import MemoryBoard
from gateway.delivery.model import Draft, StreamKey, Stuck, Trouble, Verdict
from gateway.delivery.postgres import PostgresOutbox
from gateway.delivery.postgres_board import PostgresBoard
from gateway.delivery.store import Board, Outbox
from gateway.signing import Keyring

LATER = NOW + timedelta(seconds=5)
SECOND = timedelta(seconds=1)


@pytest.fixture
def jobs(on: Any) -> JobStore:
    return PostgresJobs(on) if on else MemoryJobs()


@pytest.fixture
def job() -> Job:
    return Job(
        tenant=uuid4().hex,  # of this test's own
        id="A" * 20,
        what=Work.RELEASE,
        state=JobState.DRAFTED,
        parameters={"target": "portal", "how": "unknown", "count": 3},
        total=3,
        asked_by="operator:an",
        begun_at=NOW,
        moved_at=NOW,
    )


ITEMS = [Item(number=number, key=f"K{number}", said={"seq": number}) for number in (1, 2, 3)]


async def taken(jobs: JobStore, job: Job, *, owner: str = "run", stale: Any = NOW - LEASE) -> Job:
    found = await jobs.take(job, owner=owner, now=NOW, stale=stale)
    assert found
    return found


async def test_a_job_is_kept_with_its_items_in_order(jobs: JobStore, job: Job) -> None:
    await jobs.add(job, ITEMS)
    assert await jobs.find(job.tenant, job.id) == job
    assert await jobs.find(job.tenant, "B" * 20) is None
    assert await jobs.find("another", job.id) is None
    assert list(await jobs.items(job, limit=2)) == ITEMS[:2]
    assert list(await jobs.items(job, after=2, limit=2)) == ITEMS[2:]


async def test_the_newest_are_listed_first_page_by_page(jobs: JobStore, job: Job) -> None:
    for number in range(3):
        at = NOW + number * SECOND
        await jobs.add(replace(job, id=str(number) * 20, begun_at=at, moved_at=at), [])
    first = await jobs.listed(job.tenant, limit=2)
    assert [each.id[0] for each in first] == ["2", "1"]
    assert [each.id[0] for each in await jobs.listed(job.tenant, before=first[-1].begun_at, limit=2)] == ["0"]


async def test_of_two_runs_one_gets_the_job(jobs: JobStore, job: Job) -> None:
    await jobs.add(job, ITEMS)
    mine = await taken(jobs, job)
    assert (mine.state, mine.owner) == (JobState.RUNNING, "run")
    assert await jobs.take(job, owner="other", now=LATER, stale=LATER - LEASE) is None
    assert await jobs.running(job.tenant, since=NOW) == [mine]
    assert await jobs.running(job.tenant, since=LATER) == []


async def test_a_run_that_gave_no_sign_loses_its_job_and_changes_nothing_more(jobs: JobStore, job: Job) -> None:
    await jobs.add(job, ITEMS)
    lost = await taken(jobs, job)
    assert await jobs.keep(lost, now=NOW)
    other = await taken(jobs, job, owner="other", stale=NOW + SECOND)
    assert not await jobs.keep(lost, now=LATER)
    assert not await jobs.count(lost, 9, now=LATER)
    assert not await jobs.end(lost, End(state=JobState.ENDED, at=LATER))
    assert await jobs.keep(other, now=LATER)
    found = await jobs.find(job.tenant, job.id)
    assert found
    assert (found.done, found.state, found.moved_at) == (0, JobState.RUNNING, LATER)


async def test_what_became_of_each_item_is_counted_and_the_rest_is_found(jobs: JobStore, job: Job) -> None:
    await jobs.add(job, ITEMS)
    mine = await taken(jobs, job)
    await jobs.tell(mine, ITEMS[0], DONE)
    await jobs.tell(mine, ITEMS[1], REFUSED)
    found = await jobs.find(job.tenant, job.id)
    assert found
    assert (found.done, found.refused) == (1, 1)
    assert list(await jobs.items(job, outcome="", limit=9)) == ITEMS[2:]
    assert [item.outcome for item in await jobs.items(job, limit=9)] == [DONE, REFUSED, ""]


async def test_a_stopped_job_is_gone_on_with_and_an_ended_one_never(jobs: JobStore, job: Job) -> None:
    await jobs.add(job, ITEMS)
    mine = await taken(jobs, job)
    assert await jobs.stop(job.tenant, job.id, now=LATER)
    assert not await jobs.stop(job.tenant, job.id, now=LATER)
    assert not await jobs.keep(mine, now=LATER)
    again = await taken(jobs, job, owner="again")
    told = End(state=JobState.INTERRUPTED, at=LATER, trouble="broken", trouble_vi="hỏng")
    assert await jobs.end(again, told)
    found = await jobs.find(job.tenant, job.id)
    assert found
    assert (found.state, found.trouble_vi, found.ended_at) == (JobState.INTERRUPTED, "hỏng", None)
    last = await taken(jobs, job, owner="last")
    assert last.trouble == ""
    assert await jobs.end(last, End(state=JobState.ENDED, at=LATER))
    over = await jobs.find(job.tenant, job.id)
    assert over
    assert (over.state, over.ended_at) == (JobState.ENDED, LATER)
    assert await jobs.take(job, owner="never", now=LATER, stale=LATER) is None


async def test_work_without_items_tells_how_far_it_is_and_may_find_more_than_was_thought(
    jobs: JobStore, job: Job
) -> None:
    await jobs.add(job, [])
    mine = await taken(jobs, job)
    assert await jobs.count(mine, 5, now=LATER)
    found = await jobs.find(job.tenant, job.id)
    assert found
    assert (found.done, found.total) == (5, 5)


async def test_old_jobs_are_forgotten_with_their_items_unless_they_run(jobs: JobStore, job: Job) -> None:
    running = replace(job, id="C" * 20)
    for each in (job, running):
        await jobs.add(each, ITEMS)
    await taken(jobs, running)
    await jobs.forget(job.tenant, before=NOW)
    assert len(await jobs.listed(job.tenant, limit=9)) == 2
    await jobs.forget(job.tenant, before=LATER)
    assert [each.id for each in await jobs.listed(job.tenant, limit=9)] == [running.id]
    assert list(await jobs.items(job, limit=9)) == []


@pytest.fixture
def outbox(on: Any, keyring: Keyring) -> Outbox:
    return PostgresOutbox(on, keyring) if on else MemoryOutbox()


@pytest.fixture
def board(on: Any, outbox: Outbox) -> Board:
    if on:
        return PostgresBoard(on)
    assert isinstance(outbox, MemoryOutbox)
    return MemoryBoard(outbox)


@pytest.fixture
def tenant() -> str:
    return uuid4().hex


async def put(outbox: Outbox, stream: StreamKey, *, count: int = 1, operation: str = "sync") -> None:
    drafts = [
        Draft(stream=stream, operation=operation, call_id=f"CALL{n}", at=NOW, mapping_version=3, body={"n": n})
        for n in range(1, count + 1)
    ]
    await outbox.enqueue(drafts, now=NOW)


async def test_held_streams_are_counted_by_target_and_cause_and_read_page_by_page(
    outbox: Outbox, board: Board, tenant: str
) -> None:
    """KPI-10 (part)."""
    causes = {"A": "partner.refused", "B": "partner.refused", "C": "operator.held"}
    for key, code in causes.items():
        stream = StreamKey(tenant=tenant, target="portal", key=key)
        await put(outbox, stream)
        assert await outbox.stop(stream, Trouble(code=code, detail=f"{code} {key}", detail_vi=f"vì {key}"))
    await put(outbox, StreamKey(tenant=tenant, target="portal", key="D"))
    groups = await board.groups(tenant, limit=9)
    assert [(group.target, group.code, group.streams) for group in groups] == [
        ("portal", "partner.refused", 2),
        ("portal", "operator.held", 1),
    ]
    assert groups[0].detail_vi in {"vì A", "vì B"}
    assert len(await board.groups(tenant, limit=1)) == 1
    assert await board.groups("another", limit=9) == []
    first = await outbox.held(tenant, "portal", limit=2)
    assert [view.stream.key for view in first] == ["A", "B"]
    assert [view.stream.key for view in await outbox.held(tenant, "portal", after="B", limit=2)] == ["C"]
    assert [v.stream.key for v in await outbox.held(tenant, "portal", code="partner.refused", after="A", limit=2)] == [
        "B"
    ]
    assert await board.count(tenant, "portal") == 4


async def test_a_lane_that_a_person_stopped_is_seen_also_when_nothing_waits(
    outbox: Outbox, board: Board, tenant: str
) -> None:
    await outbox.pause(tenant, "portal", now=NOW)
    await outbox.resume(tenant, "payment", rate=0.5, now=LATER)
    found = await board.brakes(tenant)
    assert [(b.target, b.paused, b.rate, b.set_at) for b in found] == [
        ("payment", False, 0.5, LATER),
        ("portal", True, None, NOW),
    ]
    await outbox.resume(tenant, "portal", now=LATER)
    assert [brake.target for brake in await board.brakes(tenant)] == ["payment"]


async def test_messages_are_seen_newest_first_without_their_bodies(outbox: Outbox, board: Board, tenant: str) -> None:
    stream = StreamKey(tenant=tenant, target=uuid4().hex, key="A")
    await put(outbox, stream, count=3)
    [claim] = await outbox.claim(owner="w", now=NOW, lease_s=60, room={stream.target: 1})
    assert await outbox.acknowledge(claim, seq=1, now=LATER)
    seen = await board.messages(stream, limit=2)
    assert [(message.seq, message.acknowledged_at) for message in seen] == [(3, None), (2, None)]
    [oldest] = await board.messages(stream, before=2, limit=2)
    assert (oldest.seq, oldest.acknowledged_at, oldest.taken_at, oldest.call_id) == (1, LATER, NOW, "CALL1")
    assert not hasattr(oldest, "body")
    assert await board.messages(replace(stream, key="nobody"), limit=2) == []


async def test_the_first_message_of_a_held_stream_is_what_a_verdict_is_about(outbox: Outbox, tenant: str) -> None:
    stream = StreamKey(tenant=tenant, target="portal", key="A")
    assert await outbox.stuck(stream) is None
    await put(outbox, stream, count=2)
    assert await outbox.stuck(stream) is None
    trouble = Trouble(code="operator.held", detail="held", detail_vi="giữ")
    assert await outbox.stop(stream, trouble)
    assert await outbox.stuck(stream) == Stuck(seq=1, operation="sync")
    assert await outbox.release(stream, Verdict.ARRIVED, now=NOW)
    assert await outbox.stop(stream, trouble)
    assert await outbox.stuck(stream) == Stuck(seq=2, operation="sync")
