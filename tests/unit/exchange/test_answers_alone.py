"""What a connector answers alone: nothing is sent, and the leaf is written all the same."""

from __future__ import annotations

import json

import pytest
from echo import Echo, House
from services import CONTEXT, NOW

from gateway.exchange.trail import Trail
from gateway.mapping.engine import Mappings
from gateway.sdk import Accepted, Call, Outcome, ProtocolViolation, Refused, TransientRemoteError


class Maker(Echo):
    """Makes what is submitted; look-ups are sent."""

    def answer(self, call: Call) -> Outcome | None:
        return Accepted(reference="R", body={"said": "made here"}) if call.operation == "submit" else None


class Picky(Echo):
    def answer(self, call: Call) -> Outcome | None:
        raise ProtocolViolation("not signable", what="not_signable")


async def test_what_is_made_here_is_not_sent_and_leaves_its_leaf(mappings: Mappings) -> None:
    """PAY-01 (part)."""
    house = House(mappings, connector=Maker)
    exchanged = await house.ask("submit")
    assert exchanged.canonical == {"said": "made here"}
    assert house.transport.sent == []
    (entry,) = house.recorder.entries
    assert (entry.outcome, entry.operation, exchanged.audit_index) == ("accepted", "submit", 0)
    assert {name: json.loads(body) for name, body in entry.bodies.items()} == {
        "answer_made": {"said": "made here"},
        "reply_translated": {"said": "made here"},
    }
    assert "http_status" not in entry.facts


async def test_other_operations_are_sent_like_any(mappings: Mappings) -> None:
    house = House(mappings, connector=Maker)
    assert (await house.ask("look")).canonical == {"said": "ok"}
    assert len(house.transport.sent) == 1


async def test_a_system_that_is_down_keeps_nobody_from_what_is_made_here(mappings: Mappings) -> None:
    """Nor does that close its breaker."""
    house = House(mappings, *[TransientRemoteError("down")] * 3, connector=Maker, failures=3)
    with pytest.raises(TransientRemoteError):
        await house.ask("look")
    assert (await house.ask("submit")).canonical == {"said": "made here"}
    with pytest.raises(TransientRemoteError):
        await house.ask("look")
    assert len(house.transport.sent) == 3


async def test_what_cannot_be_made_leaves_its_leaf_too(mappings: Mappings) -> None:
    house = House(mappings, connector=Picky)
    with pytest.raises(ProtocolViolation):
        await house.ask("submit")
    assert [entry.outcome for entry in house.recorder.entries] == ["partner.not_signable"]


def test_what_was_not_sent_went_over_no_platform() -> None:
    trail = Trail(
        system="echo",
        call=Call(operation="submit", body={}, call_id="C", at=NOW),
        context=CONTEXT,
        reference="R",
        started=0.0,
        monotonic=lambda: 0.0,
        facts={"over": "lgsp"},
    )
    trail.made(Refused(code="N", reason="no"))
    assert trail.facts == {}
    assert trail.bodies == {}
