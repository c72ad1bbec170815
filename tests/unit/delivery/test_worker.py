"""What a worker does after each kind of answer. The outbox is the one in memory; the courier answers from a script."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import pytest
from couriers import DONE, OTHER, STREAM, Courier, Delivered, FollowUp, House, Step
from services import NOW

from gateway.audit.errors import AuditUnavailableError
from gateway.delivery.backoff import Backoff
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import StreamKey, StreamState
from gateway.domain import Context
from gateway.sdk import (
    Absent,
    Accepted,
    Answered,
    Call,
    CannotTell,
    Pending,
    ProtocolViolation,
    Refused,
    SendNow,
    TookEffect,
    TransientRemoteError,
    TrustError,
    Unsettled,
)
from gateway.sdk.errors import ConfigurationError, IntegrityError


async def test_messages_go_out_in_order_and_only_once() -> None:
    house = House(Courier())
    await house.put(1, 2, 3)
    await house.drain()
    await house.drain()
    assert house.courier.call_ids == ["C1", "C2", "C3"]
    seen = await house.view()
    assert (seen.state, seen.head, seen.tail) == (StreamState.IDLE, 3, 3)


async def test_a_transient_failure_waits_and_sends_the_same_again() -> None:
    house = House(Courier(DONE, TransientRemoteError("busy")))
    await house.put(1, 2, 3)
    await house.drain()
    seen = await house.view()
    assert (seen.state, seen.head, seen.attempts, seen.unsettled) == (StreamState.WAITING, 1, 1, False)
    assert seen.trouble.code == "partner.unavailable"
    assert seen.next_attempt_at == NOW + timedelta(seconds=2)
    await house.drain(after_s=2)
    assert house.courier.call_ids == ["C1", "C2", "C2", "C3"]
    assert house.courier.asked == []


async def test_the_wait_grows_and_honours_retry_after() -> None:
    house = House(
        Courier(TransientRemoteError("a"), TransientRemoteError("b"), TransientRemoteError("c", retry_after_s=100))
    )
    await house.put(1)
    for expected in (2, 4, 108):
        await house.drain()
        due = (await house.view()).next_attempt_at
        assert due - house.now == timedelta(seconds=expected)
        house.now = due


@pytest.mark.parametrize("what", ["circuit_open", "no_room"])
async def test_what_was_not_tried_does_not_lengthen_the_wait(what: str) -> None:
    house = House(Courier(TransientRemoteError("kept back", what=what, retry_after_s=5)))
    await house.put(1)
    await house.drain()
    assert (await house.view()).attempts == 0


async def test_an_unsettled_message_is_asked_about_before_it_is_sent_again() -> None:
    """SYN-08: unclear is not failed."""
    house = House(Courier(Unsettled("no answer")))
    await house.put(1)
    await house.drain()
    seen = await house.view()
    assert (seen.state, seen.unsettled) == (StreamState.WAITING, True)
    assert seen.next_attempt_at == NOW + timedelta(seconds=17)
    house.courier.settlements = [TookEffect(reference="x")]
    await house.drain(after_s=17)
    assert house.courier.call_ids == ["C1"]
    assert house.courier.asked == ["C1"]
    assert (await house.view()).state is StreamState.IDLE


async def test_a_message_that_did_not_arrive_is_sent_with_what_was_learnt() -> None:
    house = House(Courier(Unsettled("no answer")))
    await house.put(1)
    await house.drain()
    call = Call(operation="sync", body={"n": 1}, call_id="C1", at=NOW, hints={"exists": True})
    house.courier.settlements = [SendNow(call=call)]
    await house.drain(after_s=60)
    assert house.courier.sent[1] == ("D1", "C1", {"exists": True})


async def test_what_nobody_can_tell_is_held_for_a_person() -> None:
    house = House(Courier(Unsettled("no answer")))
    await house.put(1)
    await house.drain()
    house.courier.settlements = [CannotTell(reason="look", reason_vi="đối chiếu")]
    await house.drain(after_s=60)
    seen = await house.view()
    assert (seen.state, seen.trouble.detail_vi) == (StreamState.HELD, "đối chiếu")
    assert house.courier.call_ids == ["C1"]


async def test_a_question_that_fails_leaves_the_message_unsettled() -> None:
    house = House(Courier(Unsettled("no answer")))
    await house.put(1)
    await house.drain()
    house.courier.settlements = [TransientRemoteError("down")]
    await house.drain(after_s=60)
    seen = await house.view()
    assert (seen.state, seen.unsettled) == (StreamState.WAITING, True)
    assert house.courier.call_ids == ["C1"]


async def test_the_first_message_of_a_stream_is_asked_about_if_the_target_wants_it() -> None:
    house = House(Courier(ask_first=True))
    await house.put(1, 2)
    await house.drain()
    assert house.courier.asked == ["C1"]
    assert house.courier.call_ids == ["C1", "C2"]


@pytest.mark.parametrize(
    ("step", "code"),
    [
        (ProtocolViolation("?"), "partner.protocol_violation"),
        (TrustError("?"), "security.not_trusted"),
        (IntegrityError("?"), "ours.integrity"),
        (Refused(code="-1", reason="Thiếu trường"), "partner.refused"),
        (Absent(), "partner.no_such_value"),
    ],
)
async def test_what_will_not_mend_itself_is_held_and_says_why(step: Step, code: str) -> None:
    house = House(Courier(step))
    await house.put(1, 2)
    await house.drain()
    await house.drain(after_s=100_000)
    seen = await house.view()
    assert (seen.state, seen.head, seen.trouble.code) == (StreamState.HELD, 0, code)
    assert house.courier.call_ids == ["C1"]


async def test_a_refusal_is_told_in_the_systems_words_without_long_numbers() -> None:
    house = House(Courier(Refused(code="-1", reason="Số 099185000001 chưa đúng")))
    await house.put(1)
    await house.drain()
    assert (await house.view()).trouble.detail_vi.startswith("Hệ thống quốc gia từ chối (mã -1): Số … chưa đúng")


async def test_one_dossiers_trouble_does_not_stop_another() -> None:
    house = House(Courier(Refused(code="-1", reason="")))
    await house.put(1)
    await house.put(2, stream=OTHER)
    await house.drain()
    states = {(await house.view(STREAM)).state, (await house.view(OTHER)).state}
    assert states == {StreamState.HELD, StreamState.IDLE}


async def test_a_fault_of_ours_after_sending_is_unsettled() -> None:
    """The audit log was down: the target may have acted all the same."""
    house = House(Courier(AuditUnavailableError("down")))
    await house.put(1)
    await house.drain()
    assert (await house.view()).unsettled


async def test_an_unforeseen_error_waits_and_shows_and_is_asked_about() -> None:
    house = House(Courier(ZeroDivisionError()))
    await house.put(1)
    await house.drain()
    seen = await house.view()
    assert (seen.state, seen.unsettled, seen.attempts, seen.trouble.code) == (
        StreamState.WAITING,
        True,
        1,
        "ours.unexpected",
    )
    await house.drain(after_s=61)
    assert house.courier.asked == ["C1"]


async def test_a_worker_whose_clock_jumps_ahead_does_not_serve_its_own_stream_twice() -> None:
    """SYN-08."""
    gate, deep = asyncio.Event(), asyncio.Event()

    class Slow(Courier):
        async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
            deep.set()
            await gate.wait()
            return await super().deliver(stream, call, context=context)

    house = House(Slow())
    await house.put(1)
    first = asyncio.create_task(house.worker.drain())
    await deep.wait()
    house.now += timedelta(seconds=61)
    assert await house.worker.drain() == 0
    gate.set()
    await first
    assert house.courier.call_ids == ["C1"]


async def test_a_lost_lease_acknowledges_nothing() -> None:
    class Slow(Courier):
        async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
            house.now += timedelta(seconds=61)
            await house.outbox.claim(owner="another", now=house.now, lease_s=60, room={"portal": 1})
            return await super().deliver(stream, call, context=context)

    house = House(Slow())
    await house.put(1, 2)
    await house.drain()
    assert (await house.view()).head == 0
    assert house.courier.call_ids == ["C1"]


async def test_an_open_answer_climbs_the_ladder_and_ends_with_a_person() -> None:
    """PAY-08."""
    pending = Pending(reference="R", look_again_after_s=0)
    follow_up = FollowUp()
    house = House(Courier(pending, Absent(), pending), follow_up=follow_up)
    await house.put(1)
    waits = []
    for _ in range(2):
        await house.drain()
        due = (await house.view()).next_attempt_at
        waits.append((due - house.now).total_seconds())
        house.now = due
    await house.drain()
    assert waits == [30, 120]
    assert (await house.view()).state is StreamState.HELD


async def test_the_owner_acts_on_the_answer() -> None:
    follow_up = FollowUp()
    house = House(Courier(Answered(body={})), follow_up=follow_up)
    await house.put(1)
    await house.drain()
    assert follow_up.concluded == [{}]


async def test_an_answer_that_its_owner_cannot_accept_is_held() -> None:
    class Doubting(FollowUp):
        async def conclude(self, stream: StreamKey, canonical: Mapping[str, Any]) -> None:
            raise ProtocolViolation("differs", what="payment_differs")

    house = House(Courier(Answered(body={})), follow_up=Doubting())
    await house.put(1)
    await house.drain()
    seen = await house.view()
    assert (seen.state, seen.head) == (StreamState.HELD, 0)
    assert seen.trouble.code == "partner.payment_differs"


async def test_a_question_whose_answer_cannot_be_read_is_asked_again_before_a_person_looks() -> None:
    house = House(Courier(Unsettled("cut")))
    await house.put(1)
    await house.drain()
    house.courier.settlements = [ProtocolViolation("html")] * 6
    states = []
    for _ in range(6):
        await house.drain(after_s=1000)
        states.append((await house.view()).state)
    assert states == [StreamState.WAITING] * 4 + [StreamState.HELD] * 2
    assert house.courier.call_ids == ["C1"]


async def test_a_message_for_a_system_without_configuration_waits() -> None:
    house = House(Courier(ConfigurationError("no such system", what="system_missing")))
    await house.put(1)
    await house.drain()
    assert (await house.view()).state is StreamState.WAITING


async def test_a_question_that_nobody_needs_is_not_asked() -> None:
    house = House(Courier(), follow_up=FollowUp(needed=False))
    await house.put(1)
    await house.drain()
    assert house.courier.sent == []
    assert (await house.view()).state is StreamState.IDLE


async def test_a_target_that_is_left_in_peace_is_not_even_claimed_for() -> None:
    house = House(Courier())
    elsewhere = StreamKey(tenant="H99", target="payment", key="D1")
    await house.put(1)
    await house.put(2, stream=elsewhere)
    house.courier.rooms = {"portal": 0}
    await house.drain()
    assert house.courier.call_ids == ["C2"]
    assert (await house.view()).attempts == 0
    house.courier.rooms = {}
    await house.drain()
    assert house.courier.call_ids == ["C2", "C1"]


async def test_a_target_that_just_came_back_gets_no_more_than_it_may_take() -> None:
    house = House(Courier())
    for number in range(5):
        await house.put(number, stream=StreamKey(tenant="H99", target="portal", key=f"D{number}"))
    house.courier.rooms = {"portal": 2}
    await house.drain()
    assert len(house.courier.sent) == 2


class Bell:
    def __init__(self, outbox: MemoryOutbox) -> None:
        self.outbox = outbox

    async def wait(self, timeout_s: float) -> None:
        await self.outbox.bell.wait()
        self.outbox.bell.clear()


async def test_a_slow_target_takes_no_place_from_another() -> None:
    class Stuck(Courier):
        async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
            if stream.target == "portal":
                await never.wait()
            return await super().deliver(stream, call, context=context)

    never, stop = asyncio.Event(), asyncio.Event()
    house = House(Stuck())
    for number in range(50):
        await house.put(number, stream=StreamKey(tenant="H99", target="portal", key=f"D{number}"))
    running = asyncio.create_task(house.worker.run(Bell(house.outbox), stop=stop))
    await asyncio.sleep(0)
    await house.put(99, stream=StreamKey(tenant="H99", target="payment", key="P"))
    await asyncio.wait_for(until(lambda: "C99" in house.courier.call_ids), 60)
    never.set()
    stop.set()
    await asyncio.wait_for(running, 60)


async def test_a_worker_runs_until_it_is_told_to_stop() -> None:
    house = House(Courier())
    stop = asyncio.Event()

    running = asyncio.create_task(house.worker.run(Bell(house.outbox), stop=stop))
    await house.put(1)
    await asyncio.wait_for(until(lambda: house.courier.call_ids == ["C1"]), 60)
    await house.put(2)
    await asyncio.wait_for(until(lambda: house.courier.call_ids == ["C1", "C2"]), 60)
    stop.set()
    await asyncio.wait_for(running, 60)


async def until(holds: Callable[[], bool]) -> None:
    """Until the worker, which runs on this loop, has done it."""
    while not holds():  # noqa: ASYNC110 - the condition is the worker's own state; nothing signals it
        await asyncio.sleep(0)


def test_backoff_is_bounded_and_jittered() -> None:
    backoff = Backoff(base_s=2, cap_s=900)
    for attempts in (0, 1, 5, 10_000):
        assert 0 <= backoff.wait_s(attempts) <= min(900, 2 * 2.0 ** min(attempts, 30))
    assert backoff.wait_s(3, at_least_s=50) >= 50
    assert len({backoff.wait_s(8) for _ in range(20)}) > 10


async def test_what_an_answer_told_goes_with_the_messages_after_it() -> None:
    home = House(Courier(Accepted(reference="x", learned={"dossier": "7"})))
    await home.put(1, 2)
    await home.drain()
    assert home.courier.known == [{}, {"dossier": "7"}]
    await home.put(3)
    await home.drain()
    assert home.courier.known[-1] == {"dossier": "7"}


async def test_what_the_look_up_shows_of_an_unsettled_message_is_known_afterwards() -> None:
    home = House(Courier(Unsettled("lost")))
    home.courier.settlements = [TookEffect(reference="x", learned={"dossier": "7"})]
    await home.put(1, 2)
    await home.drain()
    await home.drain(after_s=60)
    assert home.courier.known == [{}, {"dossier": "7"}]


async def test_a_message_that_goes_in_two_parts_is_acknowledged_with_the_second() -> None:
    """What the first part told is kept even if the second finds the target away: the first is not sent twice."""
    begun = Accepted(reference="x", learned={"dossier": "7"}, unfinished=True)
    home = House(Courier(begun, TransientRemoteError("away"), DONE))
    await home.put(1, 2)
    await home.drain()
    view = await home.view()
    assert (view.head, view.known) == (0, {"dossier": "7"})
    await home.drain(after_s=60)
    assert home.courier.call_ids == ["C1", "C1", "C1", "C2"]
    assert home.courier.known == [{}, *[{"dossier": "7"}] * 3]
    assert (await home.view()).head == 2
