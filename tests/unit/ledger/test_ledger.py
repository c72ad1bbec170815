"""What comparing finds, what is repaired, and what is left to a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from couriers import Courier
from couriers import House as Delivery
from services import CONTEXT, NOW, atomically

from gateway.audit.model import Entry, Recorded
from gateway.delivery.model import Draft, StreamKey
from gateway.delivery.troubles import of_operator
from gateway.domain import Context
from gateway.ledger.model import Care, Finding, Line, Round
from gateway.ledger.service import PATIENCE, Ledger
from gateway.sdk import Call, CannotTell, SendNow, Settlement, TookEffect, TransientRemoteError

CANNOT = CannotTell(reason="?", reason_vi="?")


class Recorder:
    def __init__(self) -> None:
        self.entries: list[Entry] = []

    async def record(self, entry: Entry) -> Recorded:
        self.entries.append(entry)
        return Recorded(index=len(self.entries), leaf_hash=b"")


class Lines:
    """The ledger in a dictionary."""

    def __init__(self) -> None:
        self.lines: dict[StreamKey, Line] = {}
        self.rounds: list[Round] = []

    async def line(self, stream: StreamKey) -> Line | None:
        return self.lines.get(stream)

    async def note(self, line: Line) -> None:
        self.lines[line.stream] = line

    async def record(self, tenant: str, found: Round) -> None:
        self.rounds.append(found)


class Portal:
    """Shows what it holds: the newest state and the steps of each dossier."""

    def __init__(self) -> None:
        self.states: dict[str, Any] = {}
        self.steps: dict[str, list[Any]] = {}
        self.blind: set[str] = set()
        self.failure: Exception | None = None
        self.meanwhile: Any = None

    def take(self, stream: StreamKey, operation: str, body: Mapping[str, Any]) -> None:
        if operation == "state":
            self.states[stream.key] = body["n"]
        else:
            assert stream.key in self.states, "a step needs its dossier"
            self.steps.setdefault(stream.key, []).append(body["n"])

    def settle(self, stream: StreamKey, call: Call) -> Settlement:
        held = self.states.get(stream.key)
        if stream.key in self.blind and call.operation == "step":
            return CANNOT
        if call.operation == "state":
            same = held == call.body["n"]
            differs = () if held is None else ("Trang thai",)
            hinted = replace(call, hints={"exists": held is not None})
            return TookEffect(reference="x") if same else SendNow(call=hinted, differs=differs)
        there = call.body["n"] in self.steps.get(stream.key, [])
        return TookEffect(reference="x") if there else SendNow(call=call)

    async def compare(self, stream: StreamKey, calls: Sequence[Call], *, context: Context) -> list[Settlement]:
        if self.failure:
            raise self.failure
        if self.meanwhile:
            await self.meanwhile()
        return [self.settle(stream, call) for call in calls]

    def replaces(self, stream: StreamKey, operation: str) -> bool:
        return operation == "state"

    def compares(self, stream: StreamKey, operation: str) -> bool:
        return operation != "unseen"


class House:
    def __init__(self) -> None:
        self.portal, self.lines, self.recorder = Portal(), Lines(), Recorder()
        self.delivery = Delivery(self._courier())
        self.ledger = Ledger(
            self.lines,  # type: ignore[arg-type]
            self.delivery.outbox,
            self.portal,
            recorder=self.recorder,
            atomically=atomically,
            clock=lambda: self.delivery.now,
        )

    def _courier(self) -> Courier:
        portal = self.portal

        class Honest(Courier):
            async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Any:
                portal.take(stream, call.operation, call.body)
                return await super().deliver(stream, call, context=context)

            async def settle(self, stream: StreamKey, call: Call, *, context: Context) -> Settlement:
                return portal.settle(stream, call)

        return Honest()

    async def tell(self, key: str, *messages: tuple[str, int]) -> StreamKey:
        stream = StreamKey(tenant="H99", target="portal", key=key)
        drafts = [
            Draft(stream=stream, operation=op, call_id=f"{key}{op}{n}", at=NOW, mapping_version=1, body={"n": n})
            for op, n in messages
        ]
        await self.delivery.outbox.enqueue(drafts, now=self.delivery.now)
        return stream

    async def deliver(self) -> None:
        for _ in range(5):
            await self.delivery.drain(after_s=30)

    async def compare(self, *, repair: bool = True) -> Round:
        return await self.ledger.reconcile("portal", context=CONTEXT, repair=repair)


@pytest.fixture
async def house() -> House:
    """Three dossiers, delivered."""
    house = House()
    for key in ("D1", "D2", "D3"):
        await house.tell(key, ("state", 1), ("step", 1), ("state", 2), ("step", 2))
    await house.deliver()
    return house


async def test_what_is_there_and_equal_counts_as_equal(house: House) -> None:
    """SYN-12."""
    done = await house.compare()
    assert (done.counts, done.ended_at is not None) == ({"equal": 3}, True)
    assert house.recorder.entries == []


async def test_each_kind_of_discrepancy_is_found_repaired_and_closed(house: House) -> None:
    """SYN-12: typed, repaired, and only what is lacking is sent."""
    del house.portal.states["D1"], house.portal.steps["D1"]
    house.portal.states["D2"] = 1
    house.portal.steps["D3"].remove(1)
    found = await house.compare()
    assert found.counts == {"missing": 1, "different": 1, "steps_missing": 1}
    lines = {stream.key: line for stream, line in house.lines.lines.items()}
    assert {line.care for line in lines.values()} == {Care.REPAIRING}
    assert "Trang thai" in lines["D2"].detail_vi
    assert (await house.compare()).counts == {"under_way": 3}
    await house.deliver()
    assert (await house.compare()).counts == {"equal": 3}
    assert house.portal.states == {"D1": 2, "D2": 2, "D3": 2}
    assert {key: sorted(steps) for key, steps in house.portal.steps.items()} == {k: [1, 2] for k in ("D1", "D2", "D3")}
    outcomes = [(entry.reference, entry.outcome) for entry in house.recorder.entries]
    assert ("D1", "missing") in outcomes
    assert ("D2", "different") in outcomes


async def test_one_in_a_hundred_is_found_among_many() -> None:
    """SYN-12: seeded discrepancies are all found, and nothing else."""
    house = House()
    for number in range(250):
        await house.tell(f"D{number:03}", ("state", 1))
    for _ in range(20):
        await house.delivery.drain()
    for number in (7, 101, 249):
        del house.portal.states[f"D{number:03}"]
    found = await house.compare(repair=False)
    assert found.counts == {"equal": 247, "missing": 3}
    wrong = sorted(stream.key for stream, line in house.lines.lines.items() if line.finding is Finding.MISSING)
    assert wrong == ["D007", "D101", "D249"]


async def test_what_repairing_does_not_mend_goes_to_a_person(house: House) -> None:
    cares = []
    for _ in range(PATIENCE + 1):
        house.portal.states["D1"] = 99
        await house.compare()
        cares.append(house.lines.lines[StreamKey(tenant="H99", target="portal", key="D1")].care)
        await house.deliver()
        house.portal.states["D1"] = 99
        await house.compare(repair=False)
    assert cares[0] is Care.REPAIRING
    assert cares[-1] is Care.PERSON


async def test_without_repair_nothing_is_sent(house: House) -> None:
    house.portal.states["D1"] = 1
    await house.compare(repair=False)
    await house.deliver()
    assert house.portal.states["D1"] == 1
    assert house.lines.lines[StreamKey(tenant="H99", target="portal", key="D1")].care is Care.PERSON


async def test_a_target_that_does_not_show_its_steps_is_not_called_equal(house: House) -> None:
    """It never reports a success it was not told."""
    house.portal.blind = {"D1"}
    assert (await house.compare()).counts == {"equal": 2, "cannot_tell": 1}


async def test_a_target_that_cannot_be_asked_is_no_finding(house: House) -> None:
    house.portal.failure = TransientRemoteError("down")
    assert (await house.compare()).counts == {"not_asked": 3}
    assert all(line.care is Care.NONE for line in house.lines.lines.values())


async def test_what_moves_while_it_is_compared_is_not_judged(house: House) -> None:
    async def told() -> None:
        await house.tell("D1", ("state", 3))

    house.portal.states["D1"] = 1
    house.portal.meanwhile = told
    assert (await house.compare()).counts == {"under_way": 1, "equal": 2}


async def test_what_is_told_before_the_repair_is_not_overtaken_by_it(house: House) -> None:
    """A dossier told anew between the comparison and its repair keeps its newest state there."""
    line = house.lines.line

    async def told_meanwhile(stream: StreamKey) -> Any:
        if stream.key == "D1":
            await house.tell("D1", ("state", 3))
        return await line(stream)

    house.portal.states["D1"] = 1
    house.lines.line = told_meanwhile  # type: ignore[method-assign]
    assert (await house.compare()).counts == {"under_way": 1, "equal": 2}
    house.lines.line = line  # type: ignore[method-assign]
    await house.deliver()
    assert house.portal.states["D1"] == 3


async def test_what_is_held_or_waits_is_counted_as_such(house: House) -> None:
    stream = await house.tell("D1", ("state", 3))
    await house.tell("D2", ("state", 3))
    await house.delivery.outbox.stop(stream, of_operator())
    assert (await house.compare()).counts == {"held": 1, "under_way": 1, "equal": 1}


async def test_a_step_sent_twice_by_replay_is_looked_for_once(house: House) -> None:
    house.portal.steps["D1"].remove(1)
    await house.compare()
    await house.deliver()
    house.delivery.now += timedelta(days=1)
    assert (await house.compare()).counts == {"equal": 3}
    assert sorted(house.portal.steps["D1"]) == [1, 2]


async def test_what_is_only_told_is_not_asked_about_and_needs_nobody(house: House) -> None:
    """Nobody is called every night for figures of ratings that the portal shows nowhere."""
    house.portal.take = lambda *_: None  # type: ignore[method-assign] # it takes these, and shows none of them
    await house.tell("D4", ("unseen", 1), ("unseen", 2))
    await house.tell("D1", ("unseen", 3))
    await house.deliver()
    assert (await house.compare()).counts == {"equal": 3, "not_shown": 1}
    assert all(line.care is Care.NONE for line in house.lines.lines.values())
