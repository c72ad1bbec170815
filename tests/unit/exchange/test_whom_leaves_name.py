"""Whoever is named in what was sent or told was looked up, too (PDP-03): the leaf is found by that person."""

from __future__ import annotations

from typing import Any

import pytest
from echo import House
from services import CONTEXT, NOW

from gateway.delivery.model import StreamKey
from gateway.mapping import load
from gateway.mapping.engine import Mappings
from gateway.sdk import Call, WireReply

ONE, OTHER = "099185000001", "099185000002"


@pytest.fixture
def telling(tmp_path: Any) -> Mappings:
    """A system that answers with somebody's number."""
    text = f"system: {tmp_path.name}\noperation: look\nversion: 1\ntitle: t\nrequest: [{{to: a, from: a}}]\n"
    (tmp_path / "look.yaml").write_text(text + "reply: [{to: personal_id, from: said}]\n")
    return load(tmp_path)


async def test_who_is_told_of_unasked_is_found(telling: Mappings) -> None:
    """A list of a day's registrations, the members of a household: the question names nobody, or one of them."""
    house = House(telling, WireReply(status=200, content=OTHER.encode()))
    await house.ask()
    assert [entry.subjects for entry in house.recorder.entries] == [(OTHER,)]
    assert OTHER not in repr(house.recorder.entries)


async def test_whom_a_delivered_message_names_is_found(mappings: Mappings) -> None:
    """A worker knows no purpose and no person; the dossier that it hands over does."""
    house = House(mappings)
    call = Call(operation="submit", body={"a": ONE}, parts=({"a": [OTHER]},), call_id="C1", at=NOW)
    await house.exchange.deliver(StreamKey(tenant="H99", target="echo", key="D1"), call, context=CONTEXT)
    assert [entry.subjects for entry in house.recorder.entries] == [(ONE, OTHER)]
