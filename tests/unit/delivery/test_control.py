"""What people do to the outbox: each act that did something is one leaf, and what did nothing is none."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, Clock, ListedRecorder, atomically

from gateway.delivery.control import Control
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft, PastSearch, Said, StreamKey, Trouble, Verdict
from gateway.sdk.errors import NotFoundError

STREAM = StreamKey(tenant="H99", target="portal", key="A")
TROUBLE = Trouble(code="partner.refused", detail="refused", detail_vi="từ chối")
DAY = timedelta(days=1)


class House:
    def __init__(self) -> None:
        self.outbox, self.recorder = MemoryOutbox(), ListedRecorder()
        self.control = Control(
            self.outbox,
            recorder=self.recorder,
            targets=("portal",),
            replaces=lambda _, operation: operation == "state",
            atomically=atomically,
            clock=Clock(),
        )

    async def put(self, *operations: str, stream: StreamKey = STREAM) -> None:
        drafts = [
            Draft(stream=stream, operation=name, call_id=f"C{n}", at=NOW, mapping_version=1, body={"n": n})
            for n, name in enumerate(operations)
        ]
        await self.outbox.enqueue(drafts, now=NOW)

    async def held(self, *operations: str, stream: StreamKey = STREAM) -> None:
        await self.put(*operations, stream=stream)
        assert await self.outbox.stop(stream, TROUBLE)

    async def deliver(self, *operations: str) -> None:
        await self.put(*operations)
        [claim] = await self.outbox.claim(owner="w", now=NOW, lease_s=60, room={"portal": 9})
        assert await self.outbox.acknowledge(claim, seq=claim.messages[-1].seq, now=NOW, last=True)

    async def release(self, verdict: Verdict, **more: Any) -> bool:
        seq = more.pop("seq", None)
        return await self.control.release(STREAM, Said(verdict=verdict, **more), context=CONTEXT, seq=seq)

    @property
    def told(self) -> list[tuple[str, str, dict[str, str | int]]]:
        return [(entry.operation, entry.reference, dict(entry.facts)) for entry in self.recorder.entries]


@pytest.fixture
def house() -> House:
    return House()


async def test_a_lane_is_paused_and_resumed_at_a_rate_by_name(house: House) -> None:
    """SEC-04 (part)."""
    await house.control.pause("portal", context=CONTEXT)
    await house.control.resume("portal", context=CONTEXT, rate=2.5)
    assert house.told == [("pause_target", "portal", {}), ("resume_target", "portal", {"rate": "2.5"})]
    assert {entry.actor for entry in house.recorder.entries} == {CONTEXT.actor}


async def test_a_system_that_is_not_configured_is_neither_paused_nor_replayed(house: House) -> None:
    for act in (
        house.control.pause("weather", context=CONTEXT),
        house.control.resume("weather", context=CONTEXT),
        house.control.replays("H99", PastSearch(target="weather", since=NOW, until=NOW)),
    ):
        with pytest.raises(NotFoundError, match="portal"):
            await act
    assert house.told == []


async def test_what_is_released_is_told_with_what_was_said(house: House) -> None:
    """SYN-08 (part)."""
    await house.held("step", "step")
    assert await house.release(Verdict.ARRIVED, count=1, learned={"dossier": "A7"}, seq=1)
    facts = {"target": "portal", "verdict": "arrived", "count": 1}
    assert house.told == [("release_stream", "A", facts)]
    assert house.recorder.entries[-1].bodies == {"learned": b'{"dossier":"A7"}'}
    [view] = await house.outbox.views("H99", "A", now=NOW)
    assert (view.head, dict(view.known)) == (1, {"dossier": "A7"})


async def test_a_stream_that_is_not_held_is_not_released_and_no_leaf_says_so(house: House) -> None:
    await house.put("step")
    assert not await house.release(Verdict.MISSING)
    assert not await house.control.hold(replace(STREAM, key="nobody"), context=CONTEXT)
    assert house.told == []


async def test_a_verdict_on_a_message_that_was_passed_since_is_not_taken(house: House) -> None:
    """SYN-08 (part)."""
    await house.held("step", "step")
    assert await house.release(Verdict.ARRIVED, seq=1)
    assert await house.control.hold(STREAM, context=CONTEXT)
    assert not await house.release(Verdict.ARRIVED, seq=1)
    [view] = await house.outbox.views("H99", "A", now=NOW)
    assert view.head == 1
    assert await house.release(Verdict.ARRIVED, seq=2)


@pytest.mark.parametrize(
    ("operation", "fits"),
    [("state", {"unknown", "arrived", "missing", "replaced"}), ("step", {"unknown", "arrived", "missing", "dropped"})],
)
async def test_only_a_state_is_replaced_and_only_what_is_none_is_dropped(
    house: House, operation: str, fits: set[str]
) -> None:
    """SYN-08 (part): otherwise a dossier would go out of step, or never be told."""
    assert {verdict.value for verdict in house.control.choices(STREAM, operation)} == fits
    await house.held(operation, operation)
    for verdict in {Verdict.REPLACED, Verdict.DROPPED} - {Verdict(name) for name in fits}:
        assert not await house.release(verdict)
    [one] = {Verdict.REPLACED, Verdict.DROPPED} & {Verdict(name) for name in fits}
    assert await house.release(one)


async def test_an_older_version_is_never_offered_again_and_what_was_told_meanwhile_is_not_overtaken(
    house: House,
) -> None:
    """SYN-08 (part)."""
    await house.deliver("state", "step", "state")
    search = PastSearch(target="portal", since=NOW - DAY, until=NOW + DAY)
    step, state = await house.control.replays("H99", search)
    assert [(past.seq, past.operation, past.tail) for past in (step, state)] == [(2, "step", 3), (3, "state", 4)]
    assert await house.control.replay(step, context=CONTEXT)
    assert await house.control.replay(state, context=CONTEXT)
    assert not await house.control.replay(state, context=CONTEXT)
    assert [facts["seq"] for _, _, facts in house.told] == [2, 3]


async def test_after_a_restore_every_stream_that_owes_something_is_asked_about(house: House) -> None:
    await house.put("step")
    assert await house.control.ask_first(context=CONTEXT) == 1
    assert house.told == [("ask_first", "", {"streams": 1})]
