"""The exchange asks for an agreement before anything leaves; what waits for one goes by itself."""

from __future__ import annotations

from typing import Any

import pytest
import tenacity
from couriers import Courier
from couriers import House as Delivering
from echo import Echo, House
from services import CONTEXT, NOW

from gateway.agreements.errors import NoAgreementError
from gateway.delivery.model import StreamKey, StreamState
from gateway.exchange.service import GatewayExchange
from gateway.mapping.engine import Mappings
from gateway.sdk import Call, Outcome, SendNow

STREAM = StreamKey(tenant="H99", target="echo", key="D1")
ENDED = NoAgreementError("It has ended.", vi="Đã hết hạn.", what="agreement_ended")


class Permits:
    def __init__(self) -> None:
        self.refusal: NoAgreementError | None = ENDED
        self.asked: list[tuple[str, str, str]] = []

    async def check(self, system: str, operation: str, *, tenant: str) -> None:
        self.asked.append((tenant, system, operation))
        if self.refusal:
            raise self.refusal


@pytest.fixture
def permits() -> Permits:
    return Permits()


@pytest.fixture
def house(mappings: Mappings) -> House:
    return House(mappings)


@pytest.fixture
def exchange(house: House, permits: Permits) -> GatewayExchange:
    return GatewayExchange(
        house.exchange.systems,
        house.attempts,
        clock=lambda: NOW,
        routes={},
        wait=tenacity.wait_none(),
        permits=permits,
    )


async def test_without_an_agreement_nothing_is_asked_and_with_one_it_is(
    house: House, exchange: GatewayExchange, permits: Permits
) -> None:
    """CON-13 (part)"""
    with pytest.raises(NoAgreementError):
        await exchange.ask("look", {"a": "1"}, context=CONTEXT)
    assert (house.transport.sent, permits.asked) == ([], [("H99", "echo", "look")])
    permits.refusal = None
    assert (await exchange.ask("look", {"a": "1"}, context=CONTEXT)).canonical == {"said": "ok"}


async def test_a_message_is_not_delivered_without_an_agreement(
    house: House, exchange: GatewayExchange, permits: Permits
) -> None:
    """CON-13 (part)"""
    call = Call(operation="submit", body={"a": "1"}, call_id="C1", at=NOW)
    with pytest.raises(NoAgreementError):
        await exchange.deliver(STREAM, call, context=CONTEXT)
    assert house.transport.sent == []
    permits.refusal = None
    await exchange.deliver(STREAM, call, context=CONTEXT)
    assert len(house.transport.sent) == 1


async def test_messages_wait_for_a_renewal_and_then_go_by_themselves_in_order() -> None:
    """CON-13 (part), CON-17 (part): nothing is lost and nothing is held for a person."""
    script: list[Any] = [ENDED] * 3
    delivering = Delivering(Courier(*script))
    await delivering.put(1, 2)
    for wait in (0, 2, 4):
        await delivering.drain(after_s=wait)
        seen = await delivering.view()
        assert (seen.state, seen.trouble.code) == (StreamState.WAITING, "operator.agreement_ended")
    await delivering.drain(after_s=8)
    seen = await delivering.view()
    assert (seen.state, seen.head) == (StreamState.IDLE, 2)
    assert delivering.courier.call_ids == ["C1", "C1", "C1", "C1", "C2"]


class Reconciling(Echo):
    """One that can be asked what became of a message."""

    def question(self, call: Call) -> Call:
        return Call(operation="look", body={}, call_id="Q", at=NOW)

    def settle(self, call: Call, answer: Outcome) -> SendNow:
        return SendNow(call=call)


async def test_nothing_is_asked_about_a_message_without_an_agreement(mappings: Mappings, permits: Permits) -> None:
    """CON-13 (part): the question goes to the same system, and speaks of the same persons."""
    house = House(mappings, connector=Reconciling)
    exchange = GatewayExchange(
        house.exchange.systems, house.attempts, clock=lambda: NOW, routes={}, wait=tenacity.wait_none(), permits=permits
    )
    call = Call(operation="submit", body={"a": "1"}, call_id="C1", at=NOW)
    with pytest.raises(NoAgreementError):
        await exchange.settle(STREAM, call, context=CONTEXT)
    with pytest.raises(NoAgreementError):
        await exchange.compare(STREAM, [call], context=CONTEXT)
    assert (house.transport.sent, permits.asked) == ([], [("H99", "echo", "look")] * 2)
    permits.refusal = None
    assert await exchange.settle(STREAM, call, context=CONTEXT) == SendNow(call=call)
