"""Who owns a message hears its end, and decides what follows a refusal; it is never sent again unasked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from couriers import DONE, STREAM, Courier, House

from gateway.delivery.model import StreamKey, StreamState
from gateway.sdk import Accepted, Pending, Refused, TookEffect, Unsettled


class Owned:
    def __init__(self) -> None:
        self.is_needed = True
        self.heard: list[Any] = []

    async def needed(self, stream: StreamKey) -> bool:
        return self.is_needed

    async def accepted(self, stream: StreamKey, told: Mapping[str, Any]) -> None:
        self.heard.append(dict(told))

    async def refused(self, stream: StreamKey, refused: Refused) -> None:
        self.heard.append(refused.code)


def house(*script: Any) -> tuple[House, Owned]:
    owned = Owned()
    return House(Courier(*script), owner=owned), owned


async def test_an_owner_hears_what_was_accepted_and_goes_alone() -> None:
    told, owned = house(Accepted(reference="x", learned={"n": "R1"}))
    told.courier.together = 5
    await told.put(1, 2)
    await told.drain()
    assert owned.heard == [{"n": "R1"}, {}]
    assert told.courier.batches == [[1], [2]]


async def test_a_refusal_is_the_owners_and_the_stream_goes_on() -> None:
    told, owned = house(Refused(code="95", reason="too late"), DONE)
    await told.put(1, 2)
    await told.drain()
    assert owned.heard == ["95", {}]
    assert (await told.view()).state is StreamState.IDLE


async def test_what_is_not_needed_any_more_is_not_sent_and_nobody_hears_of_it() -> None:
    told, owned = house()
    owned.is_needed = False
    await told.put(1)
    await told.drain()
    assert (told.courier.sent, owned.heard, (await told.view()).state) == ([], [], StreamState.IDLE)


async def test_an_unclear_answer_is_asked_about_and_what_took_effect_is_heard_not_sent() -> None:
    """PAY-08 (part)."""
    for unclear in (Unsettled("cut"), Pending(reference="x", look_again_after_s=1)):
        told, owned = house(unclear)
        told.courier.settlements = [TookEffect(reference="x", learned={"n": "R1"})]
        await told.put(1)
        await told.drain()
        assert owned.heard == []
        await told.drain(after_s=3600)
        assert (len(told.courier.sent), len(told.courier.asked), owned.heard) == (1, 1, [{"n": "R1"}])


async def test_a_worker_that_died_with_it_asks_before_it_is_sent_again() -> None:
    """PAY-08 (part)."""
    told, owned = house()
    await told.put(1)
    await told.outbox.claim(owner="dead", now=told.now, lease_s=60, room={STREAM.target: 1})
    told.courier.settlements = [TookEffect(reference="x")]
    await told.drain(after_s=61)
    assert (told.courier.sent, len(told.courier.asked), owned.heard) == ([], 1, [{}])
