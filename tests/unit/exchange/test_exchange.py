"""The exchange: retries, evidence, log-ins, the breaker and the transport, with a scripted way out."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from echo import OK, Echo, House, LoggedInEcho
from files_house import attached
from services import CONTEXT, NOW

from gateway.delivery.model import StreamKey
from gateway.exchange.breaker import Breaker, BreakerPolicy, BreakerState
from gateway.exchange.grants import Grants
from gateway.exchange.ids import new_id
from gateway.exchange.routes import Route
from gateway.exchange.service import GatewayExchange
from gateway.mapping.engine import Mappings
from gateway.sdk import (
    Answered,
    Attachment,
    Call,
    CannotTell,
    ConfigurationError,
    Grant,
    Kind,
    Operation,
    Outcome,
    ProtocolViolation,
    SendNow,
    Settlement,
    TransientRemoteError,
    Unsettled,
    WireReply,
    WireRequest,
)
from gateway.sdk.errors import IntegrityError


async def test_an_answer_comes_with_its_leaf(mappings: Mappings) -> None:
    house = House(mappings)
    exchanged = await house.ask()
    assert exchanged.canonical == {"said": "ok"}
    entry = house.recorder.entries[exchanged.audit_index]
    assert (entry.outcome, entry.operation, entry.reference) == ("answered", "look", "R")
    assert entry.bodies == {
        "request_translated": b'{"a":"1"}',
        "request_sent": exchanged.call_id.encode(),
        "reply_received": b"ok",
        "reply_translated": b'{"said":"ok"}',
    }
    assert entry.facts["mapping_version"] == 4
    assert entry.purpose["officer_id"] == "canbo.mau"


async def test_an_answer_that_the_mapping_cannot_read_names_its_call_and_leaf(mappings: Mappings) -> None:
    class Odd(Echo):
        def interpret(self, call: Call, reply: WireReply) -> Outcome:
            return Answered(body={"nothing": "known"})

    house = House(mappings, connector=Odd)
    with pytest.raises(ProtocolViolation) as raised:
        await house.ask()
    assert raised.value.call_id == house.recorder.entries[0].facts["call_id"]
    assert raised.value.audit_index == 0


async def test_a_refused_call_is_recorded_too(mappings: Mappings) -> None:
    """POP-12: refusals leave evidence."""
    house = House(mappings, WireReply(status=200, content=b"no"))
    await house.ask()
    assert house.recorder.outcomes == ["refused"]
    assert house.recorder.entries[0].facts["refusal_code"] == "N"


async def test_an_idempotent_call_is_tried_again_and_each_try_is_a_leaf(mappings: Mappings) -> None:
    house = House(mappings, TransientRemoteError("x"), Unsettled("x"))
    exchanged = await house.ask()
    assert house.recorder.outcomes == ["partner.unavailable", "partner.no_answer", "answered"]
    assert [entry.facts["try"] for entry in house.recorder.entries] == [1, 2, 3]
    assert len({request.content for request in house.transport.sent}) == 1
    assert exchanged.audit_index == 2


async def test_it_gives_up_after_the_agreed_tries(mappings: Mappings) -> None:
    house = House(mappings, *[TransientRemoteError("x")] * 9)
    with pytest.raises(TransientRemoteError):
        await house.ask()
    assert len(house.recorder.entries) == 3


async def test_a_submit_is_never_repeated_in_a_request(mappings: Mappings) -> None:
    house = House(mappings, Unsettled("x"))
    with pytest.raises(Unsettled):
        await house.ask("submit")
    assert len(house.transport.sent) == 1


async def test_a_system_that_names_its_time_is_left_in_peace(mappings: Mappings) -> None:
    house = House(mappings, WireReply(status=200, content=b"busy"))
    with pytest.raises(TransientRemoteError):
        await house.ask()
    assert len(house.transport.sent) == 1


async def test_a_connector_that_stumbles_has_not_understood(mappings: Mappings) -> None:
    house = House(mappings, WireReply(status=200, content=b"bug"))
    with pytest.raises(ProtocolViolation):
        await house.ask()
    assert house.recorder.outcomes == ["partner.protocol_violation"]


async def test_a_cancelled_call_leaves_its_leaf(mappings: Mappings) -> None:
    house = House(mappings)
    task = asyncio.create_task(house.ask())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    await house.attempts.finish()
    assert house.recorder.outcomes == ["ours.cancelled"]


async def test_the_trace_goes_with_the_call(mappings: Mappings) -> None:
    house = House(mappings)
    await house.ask()
    assert house.transport.sent[0].headers["traceparent"].startswith(f"00-{CONTEXT.trace_id}-")


async def test_one_log_in_serves_many_callers(mappings: Mappings) -> None:
    house = House(mappings, connector=LoggedInEcho)
    await asyncio.gather(*(house.ask() for _ in range(10)))
    logins = [entry for entry in house.recorder.entries if entry.operation == "login"]
    assert len(logins) == 1
    assert logins[0].bodies == {}
    assert {r.headers["authorization"] for r in house.transport.sent if r.url.endswith("/")} == {"T1"}


async def test_an_ended_session_is_renewed_once_for_all(mappings: Mappings) -> None:
    stale = WireReply(status=200, content=b"stale")
    house = House(mappings, OK, OK, *[stale] * 5, connector=LoggedInEcho)
    await house.ask()
    await asyncio.gather(*(house.ask() for _ in range(5)))
    assert house.connector.logins == 2  # type: ignore[attr-defined]  # LoggedInEcho


async def test_a_session_is_renewed_once_and_not_for_ever(mappings: Mappings) -> None:
    stale = WireReply(status=200, content=b"stale")
    house = House(mappings, OK, stale, OK, stale, connector=LoggedInEcho)
    assert (await house.ask()).canonical == {"said": "stale"}
    assert house.connector.logins == 2  # type: ignore[attr-defined]  # LoggedInEcho


class LockedOutEcho(LoggedInEcho):
    """Its account is wrong."""

    def grant(self, reply: WireReply) -> Grant:
        raise ProtocolViolation("no session in the answer")


async def test_a_refused_log_in_makes_messages_wait_instead_of_holding_each(mappings: Mappings) -> None:
    house = House(mappings, connector=LockedOutEcho)
    with pytest.raises(TransientRemoteError) as raised:
        await house.ask()
    assert raised.value.error_code == "partner.login_refused"
    assert raised.value.retry_after_s == 60  # and it is not knocked at three times in one request
    assert len(house.transport.sent) == 1
    outcomes = {(entry.operation, entry.outcome) for entry in house.recorder.entries}
    assert outcomes == {("login", "partner.login_refused"), ("look", "partner.login_refused")}


async def test_a_grant_is_not_used_up_to_its_last_second() -> None:
    time, made = 0.0, []

    async def log_in() -> Grant:
        made.append(time)
        return Grant(token=str(len(made)), expires_in_s=100)

    grants = Grants(log_in, monotonic=lambda: time)
    await grants.current()
    time = 69.0
    assert (await grants.current()).token == "1"
    time = 71.0
    assert (await grants.current()).token == "2"


async def test_a_failed_log_in_is_no_grant() -> None:
    fails = [True, False]

    async def log_in() -> Grant:
        if fails.pop(0):
            raise TransientRemoteError("down")
        return Grant(token="T", expires_in_s=100)

    grants = Grants(log_in, monotonic=lambda: 0.0)
    with pytest.raises(TransientRemoteError):
        await grants.current()
    assert (await grants.current()).token == "T"


async def test_settling_without_a_way_to_ask(mappings: Mappings) -> None:
    house = House(mappings)
    stream = StreamKey(tenant="H99", target="echo", key="K")
    call = Call(operation="submit", body={}, call_id="C", at=NOW)
    assert isinstance(await house.exchange.settle(stream, call, context=CONTEXT), CannotTell)
    look = Call(operation="look", body={}, call_id="C", at=NOW)
    assert isinstance(await house.exchange.settle(stream, look, context=CONTEXT), SendNow)
    assert house.exchange.asks_first(stream, "submit")


class SelfSettlingEcho(Echo):
    """One that knows without asking."""

    def question(self, call: Call) -> Call | Settlement:
        return SendNow(call=call) if call.operation == "look" else CannotTell(reason="-", reason_vi="-")

    def settle(self, call: Call, answer: Outcome) -> Settlement:
        raise ZeroDivisionError


async def test_where_there_is_nothing_to_ask_nothing_is_sent(mappings: Mappings) -> None:
    house = House(mappings, connector=SelfSettlingEcho)
    stream = StreamKey(tenant="H99", target="echo", key="K")
    calls = [Call(operation=name, body={}, call_id="C", at=NOW) for name in ("submit", "look")]
    settled = [await house.exchange.settle(stream, call, context=CONTEXT) for call in calls]
    assert [type(one) for one in settled] == [CannotTell, SendNow]
    assert [type(one) for one in await house.exchange.compare(stream, calls, context=CONTEXT)] == [CannotTell, SendNow]
    assert house.transport.sent == []


async def test_messages_for_a_system_that_was_taken_out_wait(mappings: Mappings) -> None:
    house = House(mappings)
    stream = StreamKey(tenant="H99", target="gone", key="K")
    with pytest.raises(ConfigurationError):
        await house.exchange.deliver(stream, Call(operation="look", body={}, call_id="C", at=NOW), context=CONTEXT)


class FileEcho(Echo):
    """One that is sent files."""

    manifest = replace(
        Echo.manifest,
        operations=(
            *Echo.manifest.operations,
            Operation(name="upload_file", kind=Kind.SUBMIT, idempotent=True, sends_file=True),
        ),
    )

    def prepare(self, call: Call) -> WireRequest:
        return WireRequest(method="POST", url="http://echo/", content=b"<", file=call.file, after=b">")


class OneFile:
    """`broken`: it was altered."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str]] = []
        self.broken = False

    async def file(self, tenant: str, file_id: str) -> Attachment:
        self.asked.append((tenant, file_id))
        if self.broken:
            raise IntegrityError("altered", what="file_altered")
        return attached(b"scanned", id=file_id, sha256="5a")


class TestFiles:
    STREAM = StreamKey(tenant="H99", target="echo", key="K")
    CALL = Call(operation="upload_file", body={"file": "F"}, call_id="C", at=NOW)

    def exchange(self, house: House, files: OneFile | None) -> GatewayExchange:
        return GatewayExchange(house.exchange.systems, house.attempts, clock=lambda: NOW, routes={}, files=files)

    async def test_content_joins_the_call_and_the_leaf_holds_its_digest_alone(self, mappings: Mappings) -> None:
        """SYN-07 (part)."""
        house, files = House(mappings, WireReply(status=200, content=b"no"), connector=FileEcho), OneFile()
        await self.exchange(house, files).deliver(self.STREAM, self.CALL, context=CONTEXT)
        assert [(await request.whole()).content for request in house.transport.sent] == [b"<scanned>"]
        assert files.asked == [("H99", "F")]
        [leaf] = house.recorder.entries
        assert (leaf.facts["file_sha256"], leaf.facts["file_bytes"]) == ("5a", 7)
        assert list(leaf.bodies) == ["request_translated", "reply_received"]

    async def test_an_altered_file_is_not_sent(self, mappings: Mappings) -> None:
        """SYN-07 (part), SEC-10 (part)."""
        house, files = House(mappings, connector=FileEcho), OneFile()
        files.broken = True
        with pytest.raises(IntegrityError):
            await self.exchange(house, files).deliver(self.STREAM, self.CALL, context=CONTEXT)
        assert house.transport.sent == []

    async def test_other_operations_read_no_file(self, mappings: Mappings) -> None:
        house, files = House(mappings, connector=FileEcho), OneFile()
        call = Call(operation="look", body={}, call_id="C", at=NOW)
        await self.exchange(house, files).deliver(self.STREAM, call, context=CONTEXT)
        assert files.asked == []

    async def test_a_process_without_files_lets_the_message_wait(self, mappings: Mappings) -> None:
        house = House(mappings, connector=FileEcho)
        with pytest.raises(ConfigurationError):
            await self.exchange(house, None).deliver(self.STREAM, self.CALL, context=CONTEXT)
        assert house.transport.sent == []


def test_routes_decide_between_systems(mappings: Mappings) -> None:
    house = House(mappings)
    assert house.exchange.system_for("look") == "echo"
    with pytest.raises(ConfigurationError):
        house.exchange.system_for("fly")
    two = {"a": house.exchange.systems["echo"], "b": house.exchange.systems["echo"]}
    exchange = GatewayExchange(two, house.attempts, clock=lambda: NOW, routes={"look": [Route("b")]})
    assert exchange.system_for("look") == "b"
    with pytest.raises(ConfigurationError):
        exchange.system_for("submit")


class TestBreaker:
    def breaker(self) -> Breaker:
        self.time = 0.0
        policy = BreakerPolicy(failures=3, window_s=30, cool_down_s=10, permits=2)
        return Breaker(policy, monotonic=lambda: self.time)

    def fail(self, breaker: Breaker) -> None:
        with pytest.raises(TransientRemoteError), breaker.guard():
            raise TransientRemoteError("down")

    def test_it_opens_after_failures_within_the_window(self) -> None:
        breaker = self.breaker()
        for _ in range(3):
            self.fail(breaker)
        assert breaker.state is BreakerState.OPEN
        with pytest.raises(TransientRemoteError) as raised, breaker.guard():
            pass
        assert raised.value.error_code == "partner.circuit_open"
        assert raised.value.retry_after_s == 10.0

    def test_failures_far_apart_do_not_open_it(self) -> None:
        breaker = self.breaker()
        for _ in range(5):
            self.fail(breaker)
            self.time += 20
        assert breaker.state is BreakerState.CLOSED

    def test_half_open_lets_no_more_than_its_permits_through(self) -> None:
        breaker = self.breaker()
        for _ in range(3):
            self.fail(breaker)
        self.time = 10.0
        with breaker.guard(), breaker.guard():
            with pytest.raises(TransientRemoteError, match="left in peace"), breaker.guard():
                pass
            assert breaker.state is BreakerState.HALF_OPEN
        assert breaker.state is BreakerState.CLOSED

    def test_a_probe_that_succeeds_closes_it_and_one_that_fails_opens_it_again(self) -> None:
        breaker = self.breaker()
        for _ in range(3):
            self.fail(breaker)
        self.time = 10.0
        self.fail(breaker)
        assert breaker.state is BreakerState.OPEN
        self.time = 20.0
        with breaker.guard():
            pass
        assert breaker.state is BreakerState.CLOSED

    def test_a_refusal_or_a_broken_contract_is_an_answer(self) -> None:
        breaker = self.breaker()
        for _ in range(9):
            with pytest.raises(ProtocolViolation), breaker.guard():
                raise ProtocolViolation("odd")
        assert breaker.state is BreakerState.CLOSED

    def impatient(self, breaker: Breaker, *, left_s: float) -> None:
        """A probe whose caller had no time for the answer."""
        with pytest.raises(TransientRemoteError), breaker.guard(left_s=left_s):
            raise TransientRemoteError("late", what="no_time")

    def test_probes_of_impatient_callers_judge_nothing_and_keep_no_seat_from_a_patient_one(self) -> None:
        """Or else two of them at a time would keep the breaker half open for all others, for as long as they come."""
        breaker = self.breaker()
        for _ in range(3):
            self.fail(breaker)
        self.time = 10.0
        self.impatient(breaker, left_s=2.0)
        assert breaker.state is BreakerState.HALF_OPEN
        with breaker.guard(left_s=1.0), breaker.guard(left_s=2.0):
            with pytest.raises(TransientRemoteError, match="left in peace"), breaker.guard(left_s=2.0):
                pass
            with breaker.guard(left_s=8.0):
                pass
            assert breaker.state is BreakerState.CLOSED

    def test_an_impatient_callers_probe_that_is_answered_closes_it(self) -> None:
        breaker = self.breaker()
        for _ in range(3):
            self.fail(breaker)
        self.time = 10.0
        self.impatient(breaker, left_s=2.0)
        with breaker.guard(left_s=1.0):
            pass
        assert breaker.state is BreakerState.CLOSED

    @pytest.mark.parametrize("fault", [IntegrityError("altered"), ConfigurationError("no key"), OSError("no disk")])
    def test_what_is_wrong_with_us_says_nothing_of_the_system(self, fault: Exception) -> None:
        breaker = self.breaker()
        for _ in range(3):
            with pytest.raises(type(fault)), breaker.guard():
                raise fault
            self.fail(breaker)
        self.time = 10.0
        for _ in range(3):
            with pytest.raises(type(fault)), breaker.guard():
                raise fault
        assert breaker.state is BreakerState.HALF_OPEN

    async def test_a_cancelled_probe_gives_its_permit_back(self) -> None:
        breaker = self.breaker()
        for _ in range(3):
            self.fail(breaker)
        self.time = 10.0
        for _ in range(5):
            with pytest.raises(asyncio.CancelledError), breaker.guard():
                raise asyncio.CancelledError
        with breaker.guard():
            pass
        assert breaker.state is BreakerState.CLOSED


def test_ids_fit_the_platform_and_sort_by_time() -> None:
    """Payment contract 2.9: 1-20 characters [0-9A-Z]."""
    ids = {new_id(NOW) for _ in range(1000)}
    assert len(ids) == 1000
    assert all(len(i) == 20 and i.isalnum() and i == i.upper() for i in ids)
    assert new_id(NOW)[:9] < new_id(NOW.replace(year=2027))[:9]
