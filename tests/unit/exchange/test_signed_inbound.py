"""Calls of a system that signs them: verified before they are read, taken in once, answered under our signature."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import pytest
from echo import Echo
from services import CONTEXT, NOW, ListedRecorder
from signed_town import Sealing, layer

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.audit.errors import AuditUnavailableError
from gateway.exchange.inbound import Handler, InboundGate
from gateway.exchange.replays import LEASE, Begun, MemoryReplays
from gateway.exchange.safeguards import Layer, Safeguards
from gateway.mapping.engine import Mappings
from gateway.sdk import Handled, Inbound, InboundRequest, Manifest, NotFoundError, Receipt, WireReply
from gateway.signing.protection import Message

PERSON = "099185000001"
URL = "https://lienthong.example.vn/inbound/echo/notice"


class Noticing(Echo):
    manifest: ClassVar[Manifest] = Echo.manifest

    def receive(self, request: InboundRequest) -> Inbound:
        if request.path == "nowhere":
            raise NotFoundError("no such path", vi="không có")
        assert "x-sealed" not in request.headers  # what was verified is taken off
        return Inbound(event="look", key="K", body={"said": request.content.decode()}, original=request.content)

    def acknowledge(self, request: InboundRequest, handled: Handled) -> WireReply:
        return WireReply(status=200, content=handled.receipt.value.encode())


class Town:
    def __init__(self, mappings: Mappings, *layers: Layer) -> None:
        self.now, self.handled = NOW, list[str]()
        self.handle: Handler = self.take
        self.receipt: Receipt | Exception = Receipt.RECORDED
        self.recorder, self.replays = ListedRecorder(), MemoryReplays()
        self.connector, self.mappings = Noticing(None), mappings  # type: ignore[arg-type]  # it has no settings
        self.safeguards = Safeguards(layers)
        self.alarms = Alarms(MemoryAlarms(), recorder=self.recorder, clock=self.clock)
        self.gate = InboundGate(
            {"echo": self},  # type: ignore[dict-item]  # it has the three parts
            {},
            otherwise=self._handle,
            recorder=self.recorder,
            alarms=self.alarms,
            replays=self.replays,
            clock=self.clock,
        )

    def clock(self) -> datetime:
        return self.now

    async def _handle(self, message: Inbound, canonical: Mapping[str, Any], system: str) -> Handled:
        return await self.handle(message, canonical, system)

    async def take(self, message: Inbound, canonical: Mapping[str, Any], system: str) -> Handled:
        if isinstance(self.receipt, Exception):
            raise self.receipt
        self.handled.append(canonical["said"])
        return Handled(self.receipt)

    def signed(self, content: bytes = b"paid", *, path: str = "notice") -> InboundRequest:
        message = Sealing().other.sign(Message(content=content, method="POST", url=URL), at=self.now)
        return InboundRequest(
            method="POST", path=path, headers=message.headers, query={}, content=message.content, url=URL
        )

    async def call(self, request: InboundRequest) -> WireReply:
        return await self.gate.receive("echo", request, context=CONTEXT)

    async def kinds(self) -> list[str]:
        return [alarm.occasion.kind for alarm in await self.alarms.listed("H99", everything=True, limit=9)]


async def test_a_signed_call_is_taken_in_and_answered_under_our_signature(mappings: Mappings) -> None:
    """SIG-09 (part), SIG-10 (part)."""
    town = Town(mappings, layer())
    request = town.signed()
    reply = await town.call(request)
    asked = Message(headers=request.headers, content=request.content, method="POST", url=URL)
    Sealing().other.verify(Message(headers=reply.headers, content=reply.content), at=NOW, answers=asked)
    assert (reply.content, town.handled) == (b"recorded", ["paid"])
    [leaf] = town.recorder.entries
    assert leaf.facts["verified"] == "jws"
    assert set(leaf.bodies) == {"request_received", "reply_sent", "request_received_head", "reply_sent_head"}


@pytest.mark.parametrize("header", ["", "us|2026|x|", "them|x|y|"])
async def test_a_call_that_does_not_hold_is_refused_unread_and_unsigned(mappings: Mappings, header: str) -> None:
    town = Town(mappings, layer())
    request = InboundRequest(method="POST", path="notice", headers={"x-sealed": header}, query={}, content=b"paid")
    reply = await town.call(request)
    assert (reply.content, dict(reply.headers), town.handled) == (b"rejected", {}, [])
    assert town.recorder.outcomes[0] == "security.unsealed"
    assert town.recorder.entries[0].bodies == {}
    assert await town.kinds() == ["inbound_not_trusted"]


@pytest.mark.parametrize("path", ["099" + "0" * 9, "tim/" + "x" * 70_000, "Nguyễn Văn Mẫu"])
async def test_a_stranger_writes_nothing_of_their_own_into_the_log(mappings: Mappings, path: str) -> None:
    town = Town(mappings, layer())
    await town.call(InboundRequest(method="POST", path=path, headers={}, query={}, content=b"paid"))
    assert town.recorder.entries[0].operation == "inbound"


async def test_the_same_signed_call_twice_is_refused(mappings: Mappings) -> None:
    town = Town(mappings, layer())
    request = town.signed()
    await town.call(request)
    town.now += timedelta(hours=1)
    assert (await town.call(request)).content == b"rejected"
    assert (town.handled, town.recorder.outcomes[1]) == (["paid"], "security.replayed")


async def test_a_partner_who_repeats_the_same_bytes_is_heard_again_where_a_rule_says_so(mappings: Mappings) -> None:
    town = Town(mappings, layer(replays="handled_again"))
    request = town.signed()
    assert [(await town.call(request)).content for _ in range(2)] == [b"recorded"] * 2


@pytest.mark.parametrize("fails", [Receipt.FAILED, AuditUnavailableError("down")])
async def test_a_call_that_could_not_be_handled_may_come_again(mappings: Mappings, fails: Receipt | Exception) -> None:
    """Never lose an event: the first delivery proved nothing but that it came."""
    town = Town(mappings, layer())
    request = town.signed()
    town.receipt = fails
    assert (await town.call(request)).content == b"failed"
    town.receipt = Receipt.RECORDED
    assert (await town.call(request)).content == b"recorded"


async def test_a_call_whose_leaf_could_not_be_written_may_come_again(mappings: Mappings) -> None:
    town = Town(mappings, layer())
    request = town.signed()
    town.recorder.broken = AuditUnavailableError("down")
    with pytest.raises(AuditUnavailableError):
        await town.call(request)
    town.recorder.broken = None
    assert (await town.call(request)).content == b"recorded"


async def test_a_process_that_died_in_the_middle_does_not_keep_the_call_out_for_ever(mappings: Mappings) -> None:
    town = Town(mappings, layer())
    request = town.signed()
    mark = Sealing().mark(Message(headers=request.headers))
    assert await town.replays.begin("H99", "echo", mark, now=NOW) is Begun.NOW
    reply = await town.call(request)
    # Refused, the partner would never send it again; that it was put off stands under our signature, and is no alarm.
    assert (reply.content, "x-sealed" in reply.headers, await town.kinds()) == (b"failed", True, [])
    assert (town.handled, town.recorder.outcomes) == ([], ["put_off"])
    town.now = NOW + LEASE
    assert (await town.call(request)).content == b"recorded"


async def test_a_second_delivery_during_the_first_keeps_the_event_if_the_first_fails(mappings: Mappings) -> None:
    town = Town(mappings, layer())
    request, second = town.signed(), list[bytes]()

    async def fails(message: Inbound, canonical: Mapping[str, Any], system: str) -> Handled:
        second.append((await town.call(request)).content)
        raise AuditUnavailableError("down")

    town.handle = fails
    assert (await town.call(request)).content == b"failed"
    assert second == [b"failed"]
    town.handle = town.take
    assert (await town.call(request)).content == b"recorded"


async def test_an_unknown_path_uses_no_mark_up(mappings: Mappings) -> None:
    town = Town(mappings, layer())
    for _ in range(2):
        with pytest.raises(NotFoundError):
            await town.call(town.signed(path="nowhere"))


async def test_whom_our_answer_to_a_system_names_is_found(mappings: Mappings) -> None:
    """PDP-03 (part)."""
    town = Town(mappings)

    async def answers(message: Inbound, canonical: Mapping[str, Any], system: str) -> Handled:
        return Handled(Receipt.ANSWERED, answer={"payer": {"personal_id": PERSON}})

    town.handle = answers
    await town.call(InboundRequest(method="POST", path="notice", headers={}, query={}, content=b"whose?"))
    assert [entry.subjects for entry in town.recorder.entries] == [(PERSON,)]
