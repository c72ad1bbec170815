"""What protects a message: which rules, in which order, and what becomes of a reply that does not hold."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from echo import OK, House, LoggedInEcho
from files_house import attached
from services import CONTEXT, NOW
from signed_town import Sealing, layer

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.exchange.attempt import Attempts
from gateway.exchange.safeguards import Layer, Safeguards
from gateway.exchange.service import GatewayExchange
from gateway.exchange.signed_files import WHOLE, SignedFiles
from gateway.mapping.engine import Mappings
from gateway.sdk import TransientRemoteError, TrustError, Unsettled, WireReply, WireRequest
from gateway.signing.protection import Message

TODAY = date(2026, 11, 23)


class Answering:
    """A way out at whose end the partner seals what it answers, to the request that came."""

    def __init__(self, *layers: Layer, reply: WireReply = OK, sealed: bool = True) -> None:
        self.layers, self.reply, self.sealed = layers, reply, sealed
        self.sent: list[WireRequest] = []
        self.spoil: Any = lambda reply: reply

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        self.sent.append(request)
        if not self.sealed:
            return self.reply
        asked = Message(headers=request.headers, content=request.content, method=request.method, url=request.url)
        said = Message(headers=self.reply.headers, content=self.reply.content, status=self.reply.status)
        for one in self.layers:
            said = one.protection.other.sign(said, at=NOW, answers=asked)  # type: ignore[attr-defined]  # a Sealing
        answer: WireReply = self.spoil(replace(self.reply, headers=said.headers, content=said.content))
        return answer

    async def close(self) -> None: ...


class SignedHouse(House):
    def __init__(self, mappings: Mappings, *layers: Layer, **way: Any) -> None:
        super().__init__(mappings)
        self.way, self.store = Answering(*layers, **way), MemoryAlarms()
        system = replace(self.exchange.systems["echo"], transport=self.way, safeguards=Safeguards(layers))
        self.alarms = Alarms(self.store, recorder=self.recorder, clock=lambda: NOW)
        attempts = Attempts(self.recorder, clock=lambda: NOW, monotonic=lambda: self.time, alarms=self.alarms)
        self.exchange = GatewayExchange({"echo": system}, attempts, clock=lambda: NOW, routes={}, wait=_at_once())


def _at_once() -> Any:
    import tenacity

    return tenacity.wait_none()


async def test_what_leaves_is_signed_and_the_reply_verified_before_it_is_read(mappings: Mappings) -> None:
    """SIG-09 (part), CON-18 (part), SIG-10: as it travelled, and what it means, stand side by side."""
    house = SignedHouse(mappings, layer())
    exchanged = await house.ask("submit")
    [sent] = house.way.sent
    assert sent.headers["x-sealed"].startswith("us|")
    entry = house.recorder.entries[exchanged.audit_index]
    assert (entry.facts["signed"], entry.facts["verified"]) == ("jws", "jws")
    assert b"x-sealed: us|" in entry.bodies["request_sent_head"]
    assert b"x-sealed: them|" in entry.bodies["reply_received_head"]
    assert entry.bodies["reply_translated"] == b'{"said":"ok"}'
    assert exchanged.canonical == {"said": "ok"}


@pytest.mark.parametrize("operation", ["look", "submit"])
async def test_a_reply_that_does_not_hold_is_never_believed_and_alarms(mappings: Mappings, operation: str) -> None:
    """SIG-09 (part)."""
    house = SignedHouse(mappings, layer(), sealed=False)
    with pytest.raises(TrustError) as caught:
        await house.ask(operation)
    assert caught.value.error_code == "security.unsealed"
    leaf = next(entry for entry in house.recorder.entries if entry.operation == operation)
    assert (leaf.outcome, leaf.bodies["reply_received"]) == ("security.unsealed", b"ok")
    assert "verified" not in leaf.facts
    assert "reply_translated" not in leaf.bodies
    [alarm] = await house.alarms.listed("H99", everything=True, limit=9)
    assert (alarm.occasion.kind, alarm.occasion.about) == ("reply_not_trusted", "system:echo")
    assert len(house.way.sent) == 1  # asking again would not make it truer


async def test_a_reply_to_another_request_is_refused(mappings: Mappings) -> None:
    house = SignedHouse(mappings, layer())
    other = Message(headers={"x-sealed": "us|another"}, content=b"", method="POST", url="http://echo/")
    stolen = Sealing().other.sign(Message(content=b"ok", status=200), at=NOW, answers=other)
    house.way.spoil = lambda reply: replace(reply, headers=stolen.headers)
    with pytest.raises(TrustError):
        await house.ask("submit")


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
async def test_an_error_that_nobody_signed_is_no_answer_and_no_attack(mappings: Mappings, status: int) -> None:
    """A proxy in between knows no key. What it says may mean anything but success."""
    house = SignedHouse(mappings, layer(), sealed=False, reply=WireReply(status=status, content=b"<html>"))
    with pytest.raises(Unsettled):
        await house.ask("submit")
    with pytest.raises(TransientRemoteError):
        await house.ask("look")
    assert await house.alarms.listed("H99", everything=True, limit=9) == []


async def test_replies_that_a_contract_leaves_unsigned_are_called_unsafe(mappings: Mappings) -> None:
    house = SignedHouse(mappings, layer(replies="unsafe_unsigned"), sealed=False)
    exchanged = await house.ask()
    assert house.recorder.entries[exchanged.audit_index].facts["verified"] == "unsafe_unsigned"


async def test_layers_are_put_on_inside_out_and_taken_off_outside_in(mappings: Mappings) -> None:
    inner, outer = layer(Sealing(header="x-inner")), layer(Sealing(header="x-outer"), scheme="hmac")
    house = SignedHouse(mappings, inner, outer)
    exchanged = await house.ask()
    assert house.recorder.entries[exchanged.audit_index].facts["signed"] == "jws+hmac"
    assert list(house.way.sent[0].headers)[:2] == ["x-inner", "x-outer"]
    assert (inner.trust.times, outer.trust.times) == (1, 1)  # type: ignore[attr-defined]  # a Learning


async def test_a_log_in_is_protected_by_the_rule_that_names_it(mappings: Mappings) -> None:
    house = House(mappings, connector=LoggedInEcho)
    way = Answering(layer(operations=("login",)))
    system = replace(
        house.exchange.systems["echo"], transport=way, safeguards=Safeguards([layer(operations=("login",))])
    )
    house.exchange.systems = {"echo": system}
    await house.ask()
    login, call = way.sent
    assert "x-sealed" in login.headers
    assert "x-sealed" not in call.headers


async def test_a_log_in_whose_reply_does_not_hold_is_no_fault_of_a_message(mappings: Mappings) -> None:
    """Every stream waits and goes by itself later; none is held for a person one by one. The alarm is raised all the
    same, and nobody knocks again and again."""
    house = SignedHouse(mappings, layer(), sealed=False)
    connector: Any = LoggedInEcho(None)  # type: ignore[arg-type]  # it has no settings
    system = replace(house.exchange.systems["echo"], connector=connector)
    house.exchange.systems = {"echo": system}
    for _ in range(2):
        with pytest.raises(TransientRemoteError) as caught:
            await house.ask("submit")
        assert (caught.value.error_code, caught.value.retry_after_s) == ("partner.login_not_trusted", 60.0)
    assert len(house.way.sent) == 1
    [alarm] = await house.alarms.listed("H99", everything=True, limit=9)
    assert (alarm.occasion.kind, alarm.occasion.facts["code"]) == ("reply_not_trusted", "security.unsealed")


async def test_a_leaf_says_nothing_of_the_reply_before_the_one_that_counts(mappings: Mappings) -> None:
    """The session ended, says a reply that holds; the one to the repeated call does not."""

    class Way(Answering):
        async def send(self, request: WireRequest, **_: object) -> WireReply:
            if len(self.sent) == 3:  # log-in, call, log-in
                self.reply, self.sealed = replace(OK, status=202), False
            return await super().send(request)

    house = SignedHouse(mappings, layer(), reply=replace(OK, content=b"stale"))
    house.way = Way(layer(), reply=replace(OK, content=b"stale"))
    connector: Any = LoggedInEcho(None)  # type: ignore[arg-type]  # it has no settings
    system = replace(house.exchange.systems["echo"], transport=house.way, connector=connector)
    house.exchange.systems = {"echo": system}
    with pytest.raises(TrustError):
        await house.ask("submit")
    leaf = next(entry for entry in house.recorder.entries if entry.operation == "submit")
    assert (leaf.outcome, leaf.facts["http_status"], leaf.facts["signed"]) == ("security.unsealed", 202, "jws")
    assert "verified" not in leaf.facts


def test_the_youngest_rules_in_force_win_and_named_ones_over_all() -> None:
    def chosen(*layers: Layer, operation: str = "look", on: date = TODAY) -> str:
        found = Safeguards(layers).outbound(operation, on=on)
        return found.schemes if found else ""

    old, new = layer(), layer(scheme="hmac", since=TODAY)
    assert chosen(old, new, on=date(2026, 11, 22)) == "jws"
    assert chosen(old, new) == "hmac"
    assert chosen(new, layer(scheme="jwe", operations=("look",))) == "jwe"
    assert chosen(layer(operations=("submit",))) == ""
    assert chosen(layer(direction="inbound")) == ""
    assert Safeguards([layer(direction="inbound")]).inbound("ipn", on=TODAY) is not None
    assert Safeguards([layer(direction="outbound")]).inbound("ipn", on=TODAY) is None


@pytest.mark.parametrize("named", ["NhanHoSo", "VXPAdapter/RestService/forward/NhanHoSo"])
@pytest.mark.parametrize("called", ["NhanHoSo", "VXPAdapter/RestService/forward/NhanHoSo"])
def test_no_other_spelling_of_an_address_is_a_way_around_its_rule(named: str, called: str) -> None:
    """SIG-09 (part)."""
    only = Safeguards([layer(operations=(named,), direction="inbound")])
    assert only.inbound(called, on=TODAY) is not None
    assert only.inbound("TraCuuHoSo", on=TODAY) is None


@pytest.mark.parametrize("operation", ["look", "submit"])
async def test_whoever_has_no_more_time_waits_for_no_word_on_revocation(mappings: Mappings, operation: str) -> None:
    """The answer was not read: it may be anything, and nobody is accused of speaking in the system's name."""

    async def never(*_: object, **__: object) -> None:
        await asyncio.Future()

    stalled = layer()
    stalled.trust.learn = never  # type: ignore[method-assign]
    house = SignedHouse(mappings, stalled)
    with pytest.raises(TransientRemoteError if operation == "look" else Unsettled) as raised:
        await house.exchange.ask(operation, {"a": "1"}, context=replace(CONTEXT, until=0.02), reference="R")
    assert raised.value.error_code == "partner.no_time"
    assert house.recorder.outcomes == ["partner.no_time"]
    assert house.store.kept == []


def test_headers_are_one_whatever_their_case() -> None:
    signed = Safeguards([layer()]).outbound("look", on=TODAY)
    assert signed is not None
    request = WireRequest(method="POST", url="http://echo/", headers={"Content-Type": "text/xml"}, content=b"<a/>")
    assert list(signed.sign(request, at=NOW).headers) == ["content-type", "x-sealed"]
    assert CONTEXT.tenant == "H99"


async def test_of_files_that_are_signed_few_are_in_memory_at_a_time(
    mappings: Mappings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From their signing until they have left: a signature is over all of it."""
    house = SignedHouse(mappings, layer())
    connector: Any = type(house.exchange.systems["echo"].connector)
    prepare, send = connector.prepare, house.way.send
    goes, begun = asyncio.Event(), list[WireRequest]()

    def with_file(self: Any, call: Any) -> WireRequest:
        plain: WireRequest = prepare(self, call)
        return replace(plain, file=attached(b"scanned"))

    async def slowly(request: WireRequest, **more: object) -> WireReply:
        begun.append(request)
        await goes.wait()
        return await send(request, **more)

    monkeypatch.setattr(connector, "prepare", with_file)
    monkeypatch.setattr(house.way, "send", slowly)
    asked = [asyncio.create_task(house.ask("submit")) for _ in range(2 * WHOLE + 1)]
    while len(begun) < WHOLE:  # noqa: ASYNC110 - those who are on their way note it themselves
        await asyncio.sleep(0.001)
    await asyncio.sleep(0.2)  # for one more to come, if it could
    assert len(begun) == WHOLE
    goes.set()
    await asyncio.gather(*asked)
    assert len(begun) == len(asked)
    assert all(request.content.endswith(b"scanned") and request.file is None for request in begun)


async def test_who_has_no_time_waits_for_no_room_and_another_system_has_its_own() -> None:
    files = SignedFiles()
    async with files.room("one", is_needed=True, left_s=1), files.room("one", is_needed=True, left_s=1):
        with pytest.raises(TransientRemoteError) as told:
            await files.room("one", is_needed=True, left_s=0.01).__aenter__()
        assert told.value.error_code == "partner.no_time"
        for system, is_needed in (("another", True), ("one", False)):
            async with files.room(system, is_needed=is_needed, left_s=0.01):
                pass
    async with files.room("one", is_needed=True, left_s=0.01):
        pass
