"""Whoever may hear of money is told once, in order, and nobody hears of a person."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from callbacks_house import FACTS, TENANT, House
from rechecks_house import RECEIVER, client
from services import NOW, PURPOSE
from structlog.testing import capture_logs

from gateway.callbacks.model import EventState, EventType
from gateway.clients.audience import PaymentReaders
from gateway.clients.memory import MemoryClients
from gateway.clients.model import Scope
from gateway.sdk import TransientRemoteError

PAID, REFUNDED = EventType.PAYMENT_PAID, EventType.REFUND_DONE


def heard(house: House) -> list[str]:
    return [json.loads(request.content)["type"] for request in house.listener.heard]


async def test_what_was_told_arrives_signed_with_ids_amounts_and_states_alone() -> None:
    """PDP-15 (part), SYN-08 (part)."""
    house = House()
    await house.open()
    await house.tell()
    shown = await house.drain()
    assert [(event.state, event.tries) for event in shown] == [(EventState.DELIVERED, 1)]
    sent = house.listener.heard[0]
    assert (sent.url, sent.headers["webhook-id"]) == (RECEIVER.url, shown[0].event_id)
    assert json.loads(sent.content) == {"type": "payment.paid", "id": shown[0].event_id, "at": NOW.isoformat(), **FACTS}
    leaf = house.leaves.entries[0]
    assert (leaf.operation, leaf.outcome, leaf.reference) == ("call_client", "answered", PURPOSE.dossier_code)
    assert leaf.facts == {
        "event_id": shown[0].event_id,
        "event_type": "payment.paid",
        "try": 1,
        "http_status": 204,
    }


async def test_each_client_with_an_address_hears_it_and_nobody_else() -> None:
    house = House()
    await house.open()
    await house.receivers.put(replace(RECEIVER, client_id="khac", url="https://khac.example/cb"))
    await house.receivers.put(replace(RECEIVER, client_id="la", url="https://la.example/cb"))
    house.audience.names |= {"khac", "chua-dang-ky"}
    await house.tell()
    await house.drain()
    assert sorted(request.url for request in house.listener.heard) == ["https://khac.example/cb", RECEIVER.url]
    assert len({(r.headers["webhook-id"], r.content) for r in house.listener.heard}) == 1


async def test_without_an_address_nothing_is_kept() -> None:
    house = House()
    await house.tell()
    assert house.events.rows == []


async def test_what_did_not_arrive_is_tried_again_with_the_same_bytes_until_it_does() -> None:
    house = House()
    house.listener.script = [503, TransientRemoteError("down"), 204]
    await house.open()
    await house.tell()
    assert (await house.drain())[0].trouble == "partner.callback_refused"
    assert len((await house.drain(after_s=4)) and house.listener.heard) == 1
    assert (await house.drain(after_s=1))[0].tries == 2
    assert (await house.drain(after_s=30))[0].state is EventState.DELIVERED
    assert len({(r.headers["webhook-id"], r.content) for r in house.listener.heard}) == 1


async def test_a_later_word_about_a_payment_waits_for_the_earlier_one() -> None:
    """What happened to one payment is heard in the order in which it happened."""
    house = House()
    house.listener.script = [503]
    await house.open()
    await house.tell(PAID)
    await house.tell(REFUNDED)
    await house.tell(PAID, payment_id="P2")
    await house.drain()
    assert heard(house) == ["payment.paid", "payment.paid"]  # of P1, refused, and of P2
    await house.drain(after_s=5)
    assert heard(house)[2:] == ["payment.paid", "refund.done"]


async def test_after_three_days_it_is_given_up_and_the_next_word_follows() -> None:
    house = House()
    house.listener.script = [503] * 10_000
    await house.open()
    await house.tell(PAID)
    await house.tell(REFUNDED)
    for _ in range(74):
        shown = await house.drain(after_s=3600)
    assert shown[0].state is EventState.GIVEN_UP
    assert shown[0].due is None
    assert heard(house)[-1] == "refund.done"


async def test_a_receiver_that_does_not_answer_is_left_in_peace_for_a_while() -> None:
    house = House()
    house.listener.script = [TransientRemoteError("down")]
    await house.open()
    for number in range(6):
        await house.tell(payment_id=f"P{number}")
    await house.drain()
    assert len(house.listener.heard) == 4  # those under way; the others wait
    await house.drain(after_s=30)
    assert all(event.state is EventState.DELIVERED for event in await house.drain())


async def test_a_client_that_lost_its_right_is_not_called() -> None:
    """SEC-12 (part)."""
    house = House()
    await house.open()
    await house.tell()
    house.audience.names.clear()
    shown = await house.drain()
    assert (shown[0].state, shown[0].trouble) == (EventState.GIVEN_UP, "caller.not_allowed")
    assert house.listener.heard == []


async def test_the_worker_runs_until_it_is_stopped_and_survives_a_store_that_is_down() -> None:
    house = House()
    await house.open()
    await house.tell()
    stop = asyncio.Event()
    sound, calls = house.events.claim, iter([True, False])

    async def claim(*args: object, **more: object) -> object:
        if next(calls, False):
            raise OSError("down")
        return await sound(*args, **more)  # type: ignore[arg-type]

    house.events.claim = claim  # type: ignore[method-assign,assignment]
    with capture_logs() as logs:
        running = asyncio.create_task(house.worker.run(stop=stop))
        await asyncio.wait_for(house.listener.called.wait(), 60)
        stop.set()
        await running
    assert [log["event"] for log in logs] == ["events_not_readable", "event_told"]


@pytest.mark.parametrize(
    ("changes", "hears"),
    [
        ({}, True),
        ({"agencies": (PURPOSE.agency_id,)}, True),
        ({"agencies": ("000.00.99.H99",)}, False),
        ({"scopes": frozenset({Scope.PAYMENTS})}, False),
        ({"revoked_at": NOW}, False),
    ],
    ids=["all", "own-agency", "other-agency", "scope", "revoked"],
)
async def test_who_may_read_about_a_payment_may_hear_of_it(changes: dict[str, object], hears: bool) -> None:
    """SEC-17 (part)."""
    clients = MemoryClients()
    await clients.add(client(**changes))
    assert ("motcua" in await PaymentReaders(clients).of(TENANT, PURPOSE.agency_id)) is hears
