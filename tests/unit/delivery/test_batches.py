"""Messages of one dossier that go out as one call, and what becomes of them when one is bad or nobody answers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from couriers import DONE, STREAM, Courier, House
from services import NOW

from gateway.delivery.model import Draft, PastSearch, StreamState, Verdict
from gateway.sdk import CannotTell, Refused, TookEffect, TransientRemoteError, Unsettled

NO = Refused(code="-1", reason="bước sai")
NOTHING_KEPT = Refused(code="-1", reason="bước sai", nothing_kept=True)


class Killed(BaseException):
    """The worker is no more: nothing that it would have written is written."""


def house(*script: Any, together: int = 10) -> House:
    courier = Courier(*script)
    courier.together = together
    return House(courier)


async def test_steps_go_together_and_count_as_delivered_together() -> None:
    home = house(together=3)
    await home.put(1, 2, 3, 4)
    await home.drain()
    assert home.courier.batches == [[1, 2, 3], [4]]
    assert (await home.view()).head == 4


async def test_only_neighbours_of_one_operation_go_together() -> None:
    home = house()
    await home.put(1)
    other = Draft(stream=STREAM, operation="other", call_id="C2", at=NOW, mapping_version=1, body={"n": 2})
    await home.outbox.enqueue([other], now=NOW)
    await home.put(3, 4)
    await home.drain()
    assert home.courier.batches == [[1], [2], [3, 4]]


async def test_a_batch_that_never_left_waits_without_doubt() -> None:
    home = house(TransientRemoteError("busy"))
    await home.put(1, 2)
    await home.drain()
    assert not (await home.view()).unsettled
    await home.drain(after_s=2)
    assert home.courier.batches == [[1, 2], [1, 2]]
    assert home.courier.asked == []


async def test_of_an_unanswered_batch_each_message_is_asked_about() -> None:
    """SYN-08: two of three had arrived; the third is sent, alone."""
    home = house(Unsettled("cut"))
    await home.put(1, 2, 3)
    await home.drain()
    home.courier.settlements = [TookEffect(reference="x"), TookEffect(reference="x")]
    await home.drain(after_s=20)
    assert home.courier.asked == ["C1", "C2", "C3"]
    assert home.courier.batches == [[1, 2, 3], [3]]
    assert (await home.view()).state is StreamState.IDLE


async def test_a_poisoned_message_is_isolated_and_the_good_ones_before_it_arrive() -> None:
    home = house(NOTHING_KEPT, DONE, NO)
    await home.put(1, 2, 3)
    await home.drain()
    assert home.courier.batches == [[1, 2, 3], [1], [2]]
    assert home.courier.asked == []
    seen = await home.view()
    assert (seen.state, seen.head, seen.trouble.code) == (StreamState.HELD, 1, "partner.refused")


async def test_a_target_that_may_keep_part_of_a_refused_batch_is_asked_about_each() -> None:
    home = house(NO, DONE, NO)
    home.courier.settlements = [TookEffect(reference="x")]
    await home.put(1, 2, 3)
    await home.drain()
    assert home.courier.asked == ["C1", "C2", "C3"]
    assert home.courier.batches == [[1, 2, 3], [2], [3]]
    seen = await home.view()
    assert (seen.state, seen.head) == (StreamState.HELD, 2)


async def test_a_worker_that_dies_with_a_batch_leaves_all_of_it_in_doubt() -> None:
    home = house(Killed())
    await home.put(1, 2, 3)
    with pytest.raises(Killed):
        await home.drain()
    home.courier.settlements = [TookEffect(reference="x")] * 3
    await home.drain(after_s=61)
    assert home.courier.asked == ["C1", "C2", "C3"]
    assert home.courier.batches == [[1, 2, 3]]
    assert (await home.view()).state is StreamState.IDLE


async def test_a_person_says_how_many_of_an_unanswered_batch_arrived() -> None:
    home = house(Unsettled("cut"))
    home.courier.settlements = [CannotTell(reason="?", reason_vi="?")] * 2
    await home.put(1, 2, 3)
    await home.drain()
    await home.drain(after_s=20)
    assert (await home.view()).state is StreamState.HELD
    assert not await home.outbox.release(STREAM, Verdict.ARRIVED, now=home.now, count=4)
    assert await home.outbox.release(STREAM, Verdict.ARRIVED, now=home.now, count=2)
    await home.drain()
    assert (await home.view()).state is StreamState.HELD  # the third is in doubt still
    assert await home.outbox.release(STREAM, Verdict.MISSING, now=home.now)
    await home.drain()
    assert home.courier.batches == [[1, 2, 3], [3]]
    assert (await home.view()).head == 3


async def test_a_replayed_message_is_asked_about_and_sent_only_if_it_is_missing() -> None:
    home = house()
    await home.put(1, 2)
    await home.drain()
    since, until = NOW - timedelta(days=1), NOW + timedelta(days=1)
    past = await home.outbox.delivered("H99", PastSearch(target="portal", since=since, until=until))
    assert [(p.seq, p.superseded, p.mapping_version) for p in past] == [(1, True, 1), (2, False, 1)]
    home.courier.settlements = [TookEffect(reference="x")]
    assert await home.outbox.replay(past[0], now=home.now)
    await home.drain()
    assert (home.courier.asked, home.courier.batches) == (["C1"], [[1, 2]])
    home.courier.settlements = []
    assert await home.outbox.replay(past[1], now=home.now)
    await home.drain()
    assert (home.courier.asked, home.courier.batches) == (["C1", "C2"], [[1, 2], [2]])
    assert home.courier.call_ids == ["C1", "C2"]


async def test_nothing_that_was_delivered_goes_out_again_by_itself() -> None:
    """Pausing, resuming, holding and releasing never replay the past."""
    home = house()
    await home.put(1, 2)
    await home.drain()
    await home.outbox.pause("H99", "portal", now=home.now)
    await home.outbox.resume("H99", "portal", rate=5, now=home.now)
    for verdict in Verdict:
        assert not await home.outbox.release(STREAM, verdict, now=home.now)
    await home.drain(after_s=100_000)
    assert home.courier.batches == [[1, 2]]
