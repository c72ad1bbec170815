"""The worker over stores in memory: what it asks, what it concludes, whom it calls."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from rechecks_house import CITIZEN, RECEIVER, REQUEST, TENANT, House, Listener, Register, client, recheck, verification
from services import CONTEXT, NOW, PURPOSE
from structlog.testing import capture_logs

from gateway.audit.errors import AuditUnavailableError
from gateway.audit.model import EntryKind
from gateway.domain import Verdict
from gateway.rechecks.course import RecheckPolicy
from gateway.rechecks.model import CallbackState, Contents, RecheckOperation, RecheckState
from gateway.rechecks.nightly import Erasure
from gateway.sdk import ConfigurationError, GatewayError, TransientRemoteError, Unsettled
from gateway.sdk.errors import IntegrityError, NotAllowedError, TooManyRequestsError

WAITING, ANSWERED, GIVEN_UP = RecheckState.WAITING, RecheckState.ANSWERED, RecheckState.GIVEN_UP


async def test_it_asks_in_the_name_and_for_the_purpose_of_the_first_time() -> None:
    """POP-06 (part), POP-12 (part)."""
    house = House(Register(Verdict.MATCH))
    await house.open()
    await house.drain()
    asked, context = house.register.asked[0]
    assert asked == REQUEST
    assert (context.tenant, context.actor, context.purpose) == (TENANT, "motcua", PURPOSE)
    assert context.trace_id == CONTEXT.trace_id
    assert context.trace_id in context.traceparent


async def test_it_asks_until_there_is_an_answer_and_then_no_more() -> None:
    """POP-10 (part)."""
    house = House(Register(Verdict.UNDETERMINED, Verdict.UNDETERMINED, Verdict.MISMATCH))
    await house.open(callback=CallbackState.NONE)
    assert (await house.drain()).state is WAITING
    assert (await house.drain(after_s=299)).tries == 1
    assert (await house.drain(after_s=1)).tries == 2
    done = await house.drain(after_s=900)
    assert (done.state, done.tries, done.due) == (ANSWERED, 3, None)
    await house.drain(after_s=86_400)
    assert len(house.register.asked) == 3
    assert (await house.store.contents(TENANT, "R0001")).result == verification(Verdict.MISMATCH)


async def test_it_gives_up_for_a_person_and_says_nothing_of_the_citizen() -> None:
    """POP-05 (part): never a no."""
    house = House()
    await house.open()
    for _ in range(90):
        await house.drain(after_s=3600)
    shown = await house.shown()
    assert (shown.state, shown.callback) == (GIVEN_UP, CallbackState.DELIVERED)
    assert shown.ended_at is not None
    assert shown.ended_at <= NOW + timedelta(days=3)
    assert await house.store.contents(TENANT, "R0001") == Contents(request=REQUEST, result=None)
    assert b"recheck.given_up" in house.listener.heard[0].content


@pytest.mark.parametrize(
    ("error", "state", "tries", "wait_s"),
    [
        (TooManyRequestsError("slow down", retry_after_s=20), WAITING, 0, 20),
        (TooManyRequestsError("slow down"), WAITING, 0, 3600),
        (ConfigurationError("no route", what="route"), WAITING, 1, 300),
        (AuditUnavailableError("down"), WAITING, 1, 300),
        (GatewayError("?"), WAITING, 1, 300),
        (ZeroDivisionError("?"), WAITING, 1, 300),
        (TimeoutError(), WAITING, 1, 300),
        (NotAllowedError("not for that procedure"), GIVEN_UP, 0, None),
        (IntegrityError("altered"), GIVEN_UP, 0, None),
    ],
    ids=repr,
)
async def test_an_error_is_no_answer(error: Exception, state: RecheckState, tries: int, wait_s: float | None) -> None:
    """POP-05 (part): it waits, or a person decides; a limit of ours costs no try."""
    house = House(Register(error))
    await house.open(callback=CallbackState.NONE)
    shown = await house.drain()
    assert (shown.state, shown.tries) == (state, tries)
    assert shown.due == (NOW + timedelta(seconds=wait_s) if wait_s else None)
    assert shown.trouble
    assert (await house.store.contents(TENANT, "R0001")).result is None


async def test_while_the_breaker_is_open_nothing_is_asked_and_no_try_is_spent() -> None:
    house = House(Register(Verdict.MATCH))
    await house.open(callback=CallbackState.NONE)
    house.free = 0
    assert (await house.drain(after_s=3600)).tries == 0
    assert house.register.asked == []
    house.free = 1
    assert (await house.drain()).state is ANSWERED


async def test_no_more_are_asked_together_than_there_is_room_for() -> None:
    house = House()
    await house.open()
    for number in range(2, 10):
        await house.store.add(recheck(number), REQUEST)
    await house.drain()
    assert len(house.register.asked) == house.policy.at_once == 4
    house.free = 2
    await house.drain()
    assert len(house.register.asked) == 6


@pytest.mark.parametrize(
    "changes",
    [{"revoked_at": NOW}, {"scopes": frozenset()}, {"agencies": ("000.00.99.H99",)}],
    ids=["revoked", "scope", "agency"],
)
async def test_a_client_that_lost_its_right_asks_nothing_not_even_later(changes: dict[str, Any]) -> None:
    """SEC-12 (part)."""
    house = House(Register(Verdict.MATCH))
    await house.clients.add(client(**changes))
    await house.store.add(recheck(callback=CallbackState.WAITING), REQUEST)
    shown = await house.drain()
    assert (shown.state, shown.trouble) == (RecheckState.WITHDRAWN, "caller.not_allowed")
    await house.drain(after_s=3600)
    assert (house.register.asked, house.listener.heard) == ([], [])
    assert await house.store.contents(TENANT, "R0001") == Contents(request=None, result=None)


async def test_a_client_that_is_gone_is_not_called() -> None:
    house = House(Register(Verdict.MATCH))
    await house.open()
    await house.drain()
    await house.clients.revoke(TENANT, "motcua", at=NOW)
    shown = await house.drain()
    assert (shown.state, shown.callback) == (ANSWERED, CallbackState.GIVEN_UP)
    assert house.listener.heard == []


async def test_a_callback_is_repeated_until_2xx() -> None:
    down = TransientRemoteError("down", what="not_connected")
    house = House(Register(Verdict.MATCH), Listener(down, 500, 302))
    await house.open()
    await house.drain()
    troubles = [(await house.drain(after_s=wait)).callback_trouble for wait in (0, 5, 30)]
    assert troubles == ["partner.not_connected", "partner.callback_refused", "partner.callback_refused"]
    shown = await house.drain(after_s=300)
    assert (shown.callback, shown.callback_tries, shown.callback_trouble) == (CallbackState.DELIVERED, 4, "")
    await house.drain(after_s=86_400)
    assert len({request.headers["webhook-id"] for request in house.listener.heard}) == 1
    assert len(house.listener.heard) == 4


async def test_a_receiver_that_does_not_answer_holds_up_no_other() -> None:
    """Of ten calls that are due to it, as many as go at once are tried; then the other client is called."""
    over = {"state": ANSWERED, "ended_at": NOW, "callback": CallbackState.WAITING}
    house = House(listener=Listener(*[Unsettled("hangs")] * 4))
    await house.open(**over)
    await house.clients.add(client(client_id="khac"))
    await house.receivers.put(replace(RECEIVER, client_id="khac", url="https://khac.example/cb"))
    for number in range(2, 11):
        await house.store.add(recheck(number, **over), REQUEST)
    await house.store.add(recheck(11, client_id="khac", **over), REQUEST)
    await house.drain()
    await house.drain()
    assert [request.url for request in house.listener.heard] == [RECEIVER.url] * 4 + ["https://khac.example/cb"]


async def test_a_receiver_that_breaks_us_is_tried_later() -> None:
    house = House(Register(Verdict.MATCH), Listener(ZeroDivisionError("?")))
    await house.open()
    await house.drain()
    shown = await house.drain()
    assert (shown.callback, shown.callback_trouble) == (CallbackState.WAITING, "ours.unexpected")


async def test_a_call_that_outlasts_the_lease_is_a_try_that_failed() -> None:
    """Else it would be made again for ever, whatever the setting of its timeout."""
    house = House(Register(Verdict.MATCH))
    house.policy = RecheckPolicy(poll_s=0.01, lease_s=0.05)

    async def hangs(request: Any) -> Any:
        await asyncio.Event().wait()

    house.listener.send = hangs  # type: ignore[method-assign]  # the receiver's slowness is what is tested
    house.worker = house.another("w1")
    await house.open()
    await house.drain()
    shown = await house.drain()
    assert (shown.callback, shown.callback_tries) == (CallbackState.WAITING, 1)
    assert shown.callback_trouble == "partner.no_answer"


@pytest.mark.parametrize("error", [TooManyRequestsError("slow down"), NotAllowedError("no", what="purpose")], ids=repr)
async def test_what_was_refused_before_it_left_has_its_leaf(error: GatewayError) -> None:
    """POP-12 (part): who asked, for which dossier, and that nothing was asked of the register."""
    house = House(Register(error))
    await house.open(callback=CallbackState.NONE)
    await house.drain()
    (leaf,) = house.leaves.entries
    assert (leaf.kind, leaf.actor, leaf.operation) == (EntryKind.REQUEST, "motcua", "verify_citizen")
    assert (leaf.outcome, leaf.purpose) == (f"http_{error.http_status}", REQUEST["purpose"])
    assert leaf.facts == {"recheck_id": "R0001", "code": error.error_code}


async def test_the_word_of_a_worker_that_was_overtaken_counts_no_more() -> None:
    """SYN-08 (part): one recheck, one end."""
    house = House()
    await house.open()
    overtaken = False

    async def slow(asked: Any, *, context: Any) -> Any:
        nonlocal overtaken
        if not overtaken:
            overtaken = True
            house.now += timedelta(seconds=121)
            await house.another("w2").drain()
            return verification(Verdict.NOT_FOUND)
        return verification(Verdict.MATCH)

    house.register.verify_citizen = slow  # type: ignore[method-assign]  # the register's slowness is what is tested
    house.worker = house.another("w1")
    with capture_logs() as logs:
        await house.drain()
    assert (await house.store.contents(TENANT, "R0001")).result == verification(Verdict.MATCH)
    assert [line["event"] for line in logs] == ["recheck_asked", "recheck_lost"]


async def test_a_store_that_fails_stops_nothing() -> None:
    house = House(Register(Verdict.MATCH))
    await house.open()
    good = house.store.settle

    async def broken(*_: Any, **__: Any) -> bool:
        raise OSError("disk")

    house.store.settle = broken  # type: ignore[method-assign]  # the store's failure is what is tested
    assert (await house.drain()).state is WAITING
    house.store.settle = good  # type: ignore[method-assign]
    house.register.script = [Verdict.MATCH]
    assert (await house.drain(after_s=121)).state is ANSWERED


class TestLoop:
    async def test_it_runs_until_it_is_stopped_and_finishes_what_is_under_way(self) -> None:
        house = House(Register(Verdict.MATCH))
        await house.open()
        stop = asyncio.Event()
        running = asyncio.create_task(house.worker.run(stop=stop))
        await house.listener.called.wait()
        stop.set()
        await running
        shown = await house.shown()
        assert (shown.state, shown.callback) == (ANSWERED, CallbackState.DELIVERED)

    async def test_a_dead_receiver_holds_up_no_recheck(self) -> None:
        """POP-10 (part)."""
        house = House(Register(*[Verdict.MATCH] * 20))
        house.register.many = 15
        await house.open()
        hung = asyncio.Event()

        async def hang(_: Any) -> Any:
            await hung.wait()
            raise TransientRemoteError("at last")

        house.listener.send = hang  # type: ignore[method-assign]  # the receiver's silence is what is tested
        for number in range(2, 16):
            await house.store.add(recheck(number, callback=CallbackState.WAITING), REQUEST)
        stop = asyncio.Event()
        running = asyncio.create_task(house.worker.run(stop=stop))
        await house.register.enough.wait()
        assert not hung.is_set()
        stop.set()
        hung.set()
        await running
        assert len(await house.store.latest(TENANT, state=ANSWERED, limit=99)) == 15

    async def test_a_register_that_hangs_does_not_hold_up_the_other(self) -> None:
        house = House()
        await house.open(callback=CallbackState.NONE)
        hung, other = asyncio.Event(), asyncio.Event()

        async def hang(asked: Any, *, context: Any) -> Any:
            await hung.wait()
            return verification(Verdict.MATCH)

        async def answer(asked: Any, *, context: Any) -> Any:
            other.set()
            return verification(Verdict.MATCH)

        house.register.verify_citizen, house.register.verify_enterprise = hang, answer  # type: ignore[method-assign]
        worker = house.another("w")
        await house.store.add(recheck(2, operation=RecheckOperation.VERIFY_ENTERPRISE), REQUEST)
        stop = asyncio.Event()
        running = asyncio.create_task(worker.run(stop=stop))
        await other.wait()
        stop.set()
        hung.set()
        await running
        assert (await house.shown("R0002")).state is ANSWERED

    async def test_a_database_that_is_away_for_a_while_ends_nothing(self) -> None:
        house = House(Register(Verdict.MATCH))
        await house.open(callback=CallbackState.NONE)
        good, tries = house.store.claim, 0

        async def away(*arguments: Any, **more: Any) -> Any:
            nonlocal tries
            tries += 1
            if tries == 1:
                raise OSError("away")
            return await good(*arguments, **more)

        house.store.claim = away  # type: ignore[method-assign]  # the store's failure is what is tested
        assert (await house.drain()).state is WAITING
        assert (await house.drain()).state is ANSWERED


class TestErasure:
    async def test_the_end_of_the_time_erases_and_leaves_the_proof(self) -> None:
        """PDP-11 (part): scheduled, with proof."""
        house = House(Register(Verdict.MATCH))
        await house.open(callback=CallbackState.NONE)
        await house.drain()
        erasure = Erasure(
            house.store,
            house.leaves,
            tenant=TENANT,
            keep=timedelta(days=30),
            clock=house.clock,
        )
        house.now += timedelta(days=30)
        assert await erasure() == 0
        assert house.leaves.entries == []
        house.now += timedelta(seconds=1)
        assert await erasure() == 1
        assert await house.store.contents(TENANT, "R0001") == Contents(request=None, result=None)
        assert (await house.shown()).erased_at == house.now
        leaf = house.leaves.entries[0]
        assert (leaf.operation, leaf.facts) == ("erase_rechecks", {"erased": 1, "kept_days": 30})
        assert await erasure() == 0


async def test_the_log_names_no_person() -> None:
    """PDP-15 (part)."""
    house = House(Register(ZeroDivisionError("Mẫu 099185000001"), Verdict.MATCH), Listener(500))
    await house.open()
    with capture_logs() as logs:
        for wait in (0, 300, 0):
            await house.drain(after_s=wait)
    assert {line["event"] for line in logs} == {"recheck_failed", "recheck_asked", "recheck_called"}
    assert [line["state"] for line in logs if "state" in line] == ["waiting", "answered", "waiting"]
    assert not any(word in repr([{**line, "exc_info": None} for line in logs]) for word in ("Mẫu", "099185"))
    assert CITIZEN.value in repr(logs)
