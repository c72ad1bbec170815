"""A worker with more to send than it has places: what it claims, and when."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from couriers import Courier, Delivered, House
from services import NOW

from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Claim, StreamKey
from gateway.delivery.places import Places
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.sdk import Call

PLACES = 20


class Counting(Courier):
    """Knows how many messages were under way at once, at the most. Waits for `gate` before it answers."""

    def __init__(self) -> None:
        super().__init__()
        self.under_way = self.most = 0
        self.gate = asyncio.Event()
        self.gate.set()

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        self.under_way += 1
        self.most = max(self.most, self.under_way)
        await asyncio.sleep(0)
        await self.gate.wait()
        self.under_way -= 1
        return await super().deliver(stream, call, context=context)


class Disk(MemoryOutbox):
    """An outbox whose acknowledgements are durable when `flushed` says so."""

    def __init__(self) -> None:
        super().__init__()
        self.flushed = asyncio.Event()

    async def acknowledge(self, claim: Claim, **told: Any) -> bool:
        await self.flushed.wait()
        return await super().acknowledge(claim, **told)


@asynccontextmanager
async def at_work(courier: Courier, outbox: MemoryOutbox, *, gather_s: float = 3600):
    """A worker that lets things come together for so long that no test would end, if that were what it waits for."""
    house = House(courier)
    house.outbox, stop = outbox, asyncio.Event()
    worker = Worker(
        outbox, courier, name="w", atomically=house.worker._atomically, clock=lambda: NOW,
        policy=Policy(gather_s=gather_s), follow_ups={},
    )  # fmt: skip

    class Silent:
        async def wait(self, timeout_s: float) -> None:
            await asyncio.sleep(3600)

    await _put(house, 3 * PLACES)
    running = asyncio.create_task(worker.run(Silent(), stop=stop))
    yield house
    stop.set()
    running.cancel()  # it lets things come together
    await asyncio.wait([running])


async def _put(house: House, count: int) -> None:
    for number in range(count):
        await house.put(number, stream=StreamKey(tenant="H99", target="portal", key=f"D{number}"))


async def _until(holds: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not holds():  # noqa: ASYNC110 - the condition is the worker's own state; nothing signals it
            await asyncio.sleep(0)


async def _at_rest() -> None:
    for _ in range(200):
        await asyncio.sleep(0)


async def test_a_backlog_is_served_without_a_pause_and_never_beyond_the_places() -> None:
    courier = Counting()
    async with at_work(courier, MemoryOutbox()):
        await _until(lambda: len(courier.call_ids) == 3 * PLACES)
    assert courier.most == PLACES


async def test_the_next_are_sent_while_the_last_acknowledgement_is_written() -> None:
    courier, disk = Counting(), Disk()
    async with at_work(courier, disk):
        await _until(lambda: len(courier.call_ids) == 2 * PLACES)
        assert not disk.flushed.is_set()
        disk.flushed.set()
        await _until(lambda: len(courier.call_ids) == 3 * PLACES)
    assert len(set(courier.call_ids)) == 3 * PLACES


async def test_no_more_is_taken_in_hand_than_twice_the_places_while_nothing_becomes_durable() -> None:
    courier, disk = Counting(), Disk()
    async with at_work(courier, disk, gather_s=0.0):
        await _until(lambda: len(courier.call_ids) == 2 * PLACES)
        await _at_rest()
        assert len(courier.call_ids) == 2 * PLACES
        disk.flushed.set()
        await _until(lambda: len(courier.call_ids) == 3 * PLACES)


async def test_a_place_is_taken_as_long_as_something_may_be_sent() -> None:
    courier = Counting()
    courier.gate.clear()
    async with at_work(courier, MemoryOutbox(), gather_s=0.0):
        await _until(lambda: courier.under_way == PLACES)
        await _at_rest()
        assert courier.under_way == PLACES
        courier.gate.set()
        await _until(lambda: len(courier.call_ids) == 3 * PLACES)
    assert courier.most == PLACES


class TestWhenToLook:
    def test_after_all_was_claimed_the_end_of_a_stream_is_a_reason_and_its_last_sending_is_none(self) -> None:
        places, (claim, *_) = _filled(due=3, room=PLACES)
        places.leave(claim)
        assert not places.stirred.is_set()
        places.end(claim)
        assert places.stirred.is_set()
        assert not places.enough.is_set()

    def test_with_more_due_a_free_place_is_a_reason_and_half_of_them_are_enough(self) -> None:
        places, claims = _filled(due=PLACES, room=PLACES)
        for claim in claims[: PLACES // 2 - 1]:
            places.leave(claim)
        assert places.stirred.is_set()
        assert not places.enough.is_set()
        places.leave(claims[PLACES // 2 - 1])
        assert places.enough.is_set()

    def test_a_target_that_had_no_room_is_still_known_to_have_more(self) -> None:
        places, claims = _filled(due=PLACES, room=PLACES)
        elsewhere = places.room()
        assert elsewhere == {"payment": PLACES}
        assert places.fill([], room=elsewhere) == []
        places.leave(claims[0])
        assert places.stirred.is_set()

    def test_a_stream_that_is_served_again_keeps_its_place_when_its_last_claim_ends(self) -> None:
        places, (before, *_) = _filled(due=1, room=PLACES)
        places.leave(before)
        [again] = places.fill([_claim(0, owner="w/2")], room=places.room())
        places.end(before)
        assert places.room()["portal"] == PLACES - 1
        places.end(again)
        assert places.room()["portal"] == PLACES


def test_our_own_lease_that_a_clock_makes_look_lost_is_not_taken_again() -> None:
    places, (mine, *_) = _filled(due=1, room=PLACES)
    lost = _claim(0, owner="w/2", doubt=1)
    assert places.fill([lost], room=places.room()) == []
    places.end(mine)
    assert places.fill([lost], room=places.room()) == [lost]


def _filled(*, due: int, room: int) -> tuple[Places, list[Claim]]:
    places = Places(Courier(), most=PLACES)
    wanted = {**places.room(), "portal": room}
    return places, places.fill([_claim(number) for number in range(due)], room=wanted)


def _claim(number: int, *, owner: str = "w/1", doubt: int = 0) -> Claim:
    return Claim(
        stream=StreamKey(tenant="H99", target="portal", key=f"D{number}"),
        owner=owner,
        lease_until=NOW + timedelta(seconds=60),
        attempts=0,
        doubt=doubt,
        acknowledged=0,
        messages=(),
    )
