"""Keys and kept answers: what every store promises, and what is built on it."""

from __future__ import annotations

import asyncio
import itertools
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
import structlog
from services import NOW, Clock

from gateway.clients.authenticate import Authenticator
from gateway.clients.idempotency import ABANDONED, KEPT, Answer, Once, Slot, fingerprint, parse_key
from gateway.clients.memory import MemoryClients
from gateway.clients.memory_answers import MemoryAnswers
from gateway.clients.model import Client, Scope
from gateway.clients.postgres import PostgresAnswers, PostgresClients
from gateway.database import OutcomeLostError
from gateway.sdk.errors import ConflictError, NotAuthenticatedError, RequestError, UnprocessableError
from gateway.signing import Keyring

ANSWER = Answer(status=201, content='{"tên": "Trần"}'.encode(), headers={"location": "/v1/payments/P1"})


@pytest.fixture
def clients(on: Any) -> Any:
    return PostgresClients(on) if on else MemoryClients()


@pytest.fixture
def answers(on: Any, keyring: Keyring) -> Any:
    return PostgresAnswers(on, keyring, holder="h:1") if on else MemoryAnswers()


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


@pytest.fixture
def slot(tenant: str) -> Slot:
    return Slot(tenant=tenant, client_id="motcua", key_digest=b"k" * 32, fingerprint=b"f" * 32)


def client(tenant: str, name: str = "motcua") -> Client:
    return Client(
        tenant=tenant,
        client_id=name,
        title="Một cửa tỉnh",
        scopes=frozenset({Scope.CITIZENS, Scope.PAYMENTS}),
        agencies=("000.00.05.H99",),
        secret_digest=b"d" * 32,
        created_at=NOW,
    )


async def test_one_whose_row_cannot_be_read_keeps_nobody_else_out(on: Any, clients: Any, tenant: str) -> None:
    """A newer release may have written it."""
    if on is None:
        pytest.skip("memory holds no rows")
    await clients.add(client(tenant, "a"))
    await clients.add(client(tenant, "b"))
    values = {"tenant": tenant}
    await on.run("UPDATE client SET scopes = '{unheard:of}' WHERE tenant = %(tenant)s AND client_id = 'a'", values)
    found = await asyncio.gather(*(clients.find(tenant, name) for name in "abc"), return_exceptions=True)
    assert isinstance(found[0], ValueError)
    assert [getattr(each, "client_id", None) for each in found[1:]] == ["b", None]


class TestClients:
    async def test_a_client_is_found_as_it_was_stored(self, clients: Any, tenant: str) -> None:
        await clients.add(client(tenant))
        assert await clients.find(tenant, "motcua") == client(tenant)

    async def test_an_id_is_given_once(self, clients: Any, tenant: str) -> None:
        await clients.add(client(tenant))
        with pytest.raises(ConflictError):
            await clients.add(replace(client(tenant), secret_digest=b"e" * 32))
        assert (await clients.find(tenant, "motcua")).secret_digest == b"d" * 32

    async def test_those_who_are_looked_for_together_are_each_found(self, clients: Any, tenant: str) -> None:
        for name in ("a", "b"):
            await clients.add(client(tenant, name))
        names = [(tenant, "a"), (tenant, "x"), (tenant, "b"), (tenant + "X", "a"), (tenant, "a")]
        found = await asyncio.gather(*(clients.find(*name) for name in names))
        assert found == [client(tenant, "a"), None, client(tenant, "b"), None, client(tenant, "a")]

    async def test_who_is_revoked_is_so_at_the_next_call_however_many_ask(self, clients: Any, tenant: str) -> None:
        await clients.add(client(tenant))
        asking = [asyncio.create_task(clients.find(tenant, "motcua")) for _ in range(8)]
        await asyncio.sleep(0)
        await clients.revoke(tenant, "motcua", at=NOW)
        assert (await clients.find(tenant, "motcua")).revoked_at == NOW
        await asyncio.gather(*asking)

    async def test_a_province_sees_its_own_only(self, clients: Any, tenant: str) -> None:
        await clients.add(client(tenant, "b"))
        await clients.add(client(tenant, "a"))
        await clients.add(client(tenant + "X", "c"))
        assert [found.client_id for found in await clients.all(tenant)] == ["a", "b"]
        assert await clients.find(tenant, "c") is None
        assert not await clients.revoke(tenant, "c", at=NOW)

    async def test_revoking_is_done_once_and_keeps_its_time(self, clients: Any, tenant: str) -> None:
        await clients.add(client(tenant))
        assert await clients.revoke(tenant, "motcua", at=NOW)
        assert not await clients.revoke(tenant, "motcua", at=NOW + timedelta(days=1))
        assert (await clients.find(tenant, "motcua")).revoked_at == NOW

    async def test_everything_that_may_change_is_changed_and_stored_whole(self, clients: Any, tenant: str) -> None:
        await clients.add(client(tenant))
        changed = replace(
            client(tenant),
            title="Khác",
            scopes=frozenset({Scope.FILES_READ}),
            agencies=(),
            procedures=("1.009999",),
            operations=("get_file_content",),
            networks=("10.0.0.0/8",),
            ways=("spki:" + "a" * 64, "token:motcua"),
            per_minute=7,
            per_day=70,
            secret_digest=b"e" * 32,
            secret_until=NOW + timedelta(days=1),
            earlier_digest=b"d" * 32,
            earlier_until=NOW + timedelta(hours=1),
        )
        assert await clients.change(changed)
        assert await clients.find(tenant, "motcua") == changed == await clients.held(tenant, "motcua")
        assert await clients.all(tenant) == [changed]

    async def test_nobody_who_is_revoked_or_unknown_is_changed(self, clients: Any, tenant: str) -> None:
        assert not await clients.change(client(tenant))
        await clients.add(client(tenant))
        await clients.revoke(tenant, "motcua", at=NOW)
        assert not await clients.change(replace(client(tenant), title="Khác"))
        assert (await clients.find(tenant, "motcua")).revoked_at == NOW

    async def test_a_way_belongs_to_one_client_until_that_is_revoked(self, clients: Any, tenant: str) -> None:
        way = "spki:" + "a" * 64
        await clients.add(replace(client(tenant, "a"), ways=(way, "token:a")))
        await clients.add(client(tenant, "b"))
        with pytest.raises(ConflictError):
            await clients.add(replace(client(tenant, "c"), ways=("token:c", way)))
        with pytest.raises(ConflictError):
            await clients.change(replace(client(tenant, "b"), ways=("token:a",)))
        assert await clients.change(replace(client(tenant, "a"), ways=(way,)))
        assert [each.client_id for each in await clients.coming(tenant, [way, "token:x"])] == ["a"]
        assert list(await clients.coming(tenant + "X", [way])) == []
        await clients.revoke(tenant, "a", at=NOW)
        assert list(await clients.coming(tenant, [way])) == []
        assert await clients.change(replace(client(tenant, "b"), ways=(way,)))


class TestAuthenticator:
    async def test_a_key_opens_and_only_its_digest_is_stored(self, clients: Any, keyring: Keyring, tenant: str) -> None:
        """SEC-18 (part)."""
        authenticator = Authenticator(clients, keyring, clock=lambda: NOW)
        key = await authenticator.issue(tenant, "motcua", scopes=[Scope.CITIZENS])
        found = await authenticator.authenticate(f"Bearer {key}")
        assert (found.client_id, found.scopes) == ("motcua", {Scope.CITIZENS})
        assert key.rpartition("_")[2].encode() not in found.secret_digest
        assert key.rpartition("_")[2] not in repr(await clients.all(tenant))

    async def test_nothing_else_opens(self, clients: Any, keyring: Keyring, tenant: str) -> None:
        authenticator = Authenticator(clients, keyring, clock=lambda: NOW)
        key = await authenticator.issue(tenant, "motcua", scopes=[Scope.CITIZENS])
        other = await authenticator.issue(tenant, "khac", scopes=[Scope.CITIZENS])
        secret = key.rpartition("_")[2]
        swapped = f"lt_{tenant}_khac_{secret}"
        for spoilt in (None, "", key, f"Basic {key}", f"Bearer {key}0", f"Bearer {key[:-1]}", f"Bearer {swapped}"):
            with pytest.raises(NotAuthenticatedError) as raised:
                await authenticator.authenticate(spoilt)
            assert raised.value.detail.startswith("The key is missing, unknown or revoked.")
        assert (await authenticator.authenticate(f"bearer {other}")).client_id == "khac"

    async def test_a_key_of_another_installation_does_not_open(
        self, clients: Any, keyring: Keyring, tenant: str
    ) -> None:
        key = await Authenticator(clients, keyring, clock=lambda: NOW).issue(tenant, "motcua", scopes=[Scope.CITIZENS])
        with pytest.raises(NotAuthenticatedError):
            await Authenticator(clients, Keyring.ephemeral(), clock=lambda: NOW).authenticate(f"Bearer {key}")


class TestAnswers:
    async def test_a_key_is_taken_once_until_its_time_is_over(self, answers: Any, slot: Slot) -> None:
        assert await answers.begin(slot, now=NOW)
        assert not await answers.begin(slot, now=NOW + timedelta(seconds=1))
        await answers.finish(slot, ANSWER, began=NOW)
        assert await answers.find(slot) == (slot.fingerprint, ANSWER)
        assert not await answers.begin(slot, now=NOW + KEPT - timedelta(seconds=1))
        assert await answers.begin(slot, now=NOW + KEPT)
        assert await answers.find(slot) == (slot.fingerprint, None)

    async def test_a_request_that_died_is_taken_over_by_the_same_request_only(self, answers: Any, slot: Slot) -> None:
        await answers.begin(slot, now=NOW)
        later = NOW + ABANDONED
        assert not await answers.begin(replace(slot, fingerprint=b"o" * 32), now=later)
        assert not await answers.begin(slot, now=later - timedelta(seconds=1))
        assert await answers.begin(slot, now=later)

    async def test_a_key_given_free_can_be_taken_and_an_answer_is_not_forgotten(self, answers: Any, slot: Slot) -> None:
        await answers.begin(slot, now=NOW)
        await answers.forget(slot, began=NOW)
        assert await answers.find(slot) is None
        assert await answers.begin(slot, now=NOW)

    async def test_who_was_overtaken_ends_nothing_of_who_took_the_key_over(self, answers: Any, slot: Slot) -> None:
        later = NOW + ABANDONED
        await answers.begin(slot, now=NOW)
        assert await answers.begin(slot, now=later)
        await answers.forget(slot, began=NOW)
        await answers.finish(slot, replace(ANSWER, status=409), began=NOW)
        assert await answers.find(slot) == (slot.fingerprint, None)
        await answers.finish(slot, ANSWER, began=later)
        await answers.finish(slot, replace(ANSWER, status=409), began=NOW)
        assert await answers.find(slot) == (slot.fingerprint, ANSWER)

    async def test_a_request_that_renews_its_key_is_not_taken_for_dead(self, answers: Any, slot: Slot) -> None:
        await answers.begin(slot, now=NOW)
        await answers.renew(slot, began=NOW, now=NOW + ABANDONED / 2)
        assert not await answers.begin(slot, now=NOW + ABANDONED)
        assert await answers.earlier([slot], now=NOW + ABANDONED) == {slot: (slot.fingerprint, None)}
        assert await answers.keep({slot: ANSWER}, now=NOW + ABANDONED) == 0
        later = NOW + ABANDONED * 1.5
        assert await answers.earlier([slot], now=later) == {}
        assert await answers.begin(slot, now=later)
        await answers.renew(slot, began=NOW, now=later + ABANDONED)  # it is another's by now
        assert await answers.begin(slot, now=later + ABANDONED)
        await answers.finish(slot, ANSWER, began=later + ABANDONED)
        await answers.renew(slot, began=later + ABANDONED, now=later + KEPT)  # an answer is not kept for longer by it
        assert await answers.begin(slot, now=later + ABANDONED + KEPT)

    async def test_clients_do_not_share_keys(self, answers: Any, slot: Slot) -> None:
        others = [
            replace(slot, client_id="khac"),
            replace(slot, tenant=slot.tenant + "X"),
            replace(slot, key_digest=b"z"),
        ]
        for each in (slot, *others):
            assert await answers.begin(each, now=NOW)

    async def test_what_is_over_is_deleted(self, answers: Any, slot: Slot) -> None:
        young = replace(slot, client_id="tre")
        await answers.begin(slot, now=NOW - KEPT - timedelta(seconds=1))
        await answers.begin(young, now=NOW)
        await answers.expire(now=NOW)
        assert await answers.find(slot) is None
        assert await answers.find(young) is not None

    async def test_of_many_at_once_one_takes_the_key(self, answers: Any, slot: Slot) -> None:
        taken = await asyncio.gather(*(answers.begin(slot, now=NOW) for _ in range(12)))
        assert sum(taken) == 1

    async def test_what_is_kept_at_once_is_kept_as_what_was_begun_and_finished(self, answers: Any, slot: Slot) -> None:
        begun = replace(slot, key_digest=b"b" * 32)
        assert await answers.begin(begun, now=NOW)
        assert await answers.earlier([slot], now=NOW) == {}
        assert await answers.keep({slot: ANSWER}, now=NOW) == 1
        assert await answers.find(slot) == (slot.fingerprint, ANSWER)
        assert not await answers.begin(slot, now=NOW + KEPT - timedelta(seconds=1))
        assert await answers.keep({slot: ANSWER, begun: ANSWER}, now=NOW) == 0
        found = {slot: (slot.fingerprint, ANSWER), begun: (begun.fingerprint, None)}
        assert await answers.earlier([slot, begun], now=NOW) == found

    async def test_a_key_that_is_free_again_is_no_earlier_one(self, answers: Any, slot: Slot) -> None:
        abandoned, other = (
            replace(slot, key_digest=b"b" * 32),
            replace(slot, key_digest=b"b" * 32, fingerprint=b"o" * 32),
        )
        await answers.keep({slot: ANSWER}, now=NOW)
        await answers.begin(abandoned, now=NOW)
        later = NOW + ABANDONED
        assert await answers.earlier([abandoned], now=later - timedelta(seconds=1)) != {}
        assert await answers.earlier([abandoned], now=later) == {}
        assert await answers.earlier([other], now=later) == {other: (abandoned.fingerprint, None)}
        assert await answers.keep({abandoned: ANSWER}, now=later) == 1
        assert await answers.earlier([slot], now=NOW + KEPT) == {}
        assert await answers.keep({slot: ANSWER}, now=NOW + KEPT) == 1

    async def test_answers_are_sealed_in_the_database(self, on: Any, answers: Any, slot: Slot) -> None:
        """PDP-06 (part): sealed at rest."""
        if on is None:
            pytest.skip("memory holds nothing after the process")
        await answers.begin(slot, now=NOW)
        await answers.finish(slot, ANSWER, began=NOW)
        async with on.transaction() as connection:
            found = await connection.execute("SELECT answer FROM idempotency WHERE tenant = %s", (slot.tenant,))
            assert "Trần".encode() not in bytes((await found.fetchone())["answer"])


class TestOnce:
    async def test_the_first_answer_is_given_again_and_nothing_runs_twice(self, answers: Any, slot: Slot) -> None:
        runs = []

        async def act() -> Answer:
            runs.append(1)
            return ANSWER

        once = Once(answers, clock=lambda: NOW)
        assert [await once.do(slot, act) for _ in range(3)] == [ANSWER] * 3
        assert len(runs) == 1

    async def test_while_the_first_runs_the_second_is_told_so(self, answers: Any, slot: Slot) -> None:
        once = Once(answers, clock=lambda: NOW)

        async def act() -> Answer:
            with pytest.raises(ConflictError) as raised:
                await once.do(slot, act)
            assert (raised.value.error_code, raised.value.retry_after_s) == ("caller.in_progress", 1.0)
            return ANSWER

        assert await once.do(slot, act) == ANSWER

    async def test_another_request_under_the_same_key_is_refused_also_while_the_first_runs(
        self, answers: Any, slot: Slot
    ) -> None:
        once = Once(answers, clock=lambda: NOW)
        other = replace(slot, fingerprint=b"o" * 32)

        async def act() -> Answer:
            with pytest.raises(UnprocessableError):
                await once.do(other, act)
            return ANSWER

        await once.do(slot, act)
        with pytest.raises(UnprocessableError) as raised:
            await once.do(other, act)
        assert raised.value.error_code == "caller.idempotency_key_reused"

    @pytest.mark.parametrize("end", [ZeroDivisionError(), asyncio.CancelledError(), Answer(status=503, content=b"")])
    async def test_what_means_try_again_is_not_kept(self, answers: Any, slot: Slot, end: Any) -> None:
        once = Once(answers, clock=lambda: NOW)

        async def fail() -> Answer:
            if isinstance(end, BaseException):
                raise end
            return end  # type: ignore[no-any-return]  # parametrised

        async def act() -> Answer:
            return ANSWER

        if isinstance(end, BaseException):
            with pytest.raises(type(end)):
                await once.do(slot, fail)
        else:
            await once.do(slot, fail)
        assert await once.do(slot, act) == ANSWER

    async def test_a_key_that_could_not_be_given_free_is_taken_by_one_of_those_who_come_for_it(
        self, answers: Any, slot: Slot
    ) -> None:
        """Or else each would free the key that the one before has just taken, and all would run."""
        once = Once(OnceAway(answers), clock=lambda: NOW)
        runs, may_end = [], asyncio.Event()

        async def act() -> Answer:
            runs.append(1)
            await may_end.wait()
            return ANSWER

        with pytest.raises(OSError, match="away"):
            await once.do(slot, partial(answered, Answer(status=503, content=b"")))
        asked = [asyncio.ensure_future(once.do(slot, act)) for _ in range(3)]
        done, running = await asyncio.wait(asked, timeout=60, return_when=asyncio.FIRST_COMPLETED)
        while len(running) > 1:
            more, running = await asyncio.wait(running, timeout=60, return_when=asyncio.FIRST_COMPLETED)
            assert more, "two of them run"
            done |= more
        assert {type(each.exception()) for each in done} == {ConflictError}
        may_end.set()
        assert await running.pop() == ANSWER
        assert len(runs) == 1

    @pytest.mark.parametrize("end", [ZeroDivisionError(), Answer(status=409, content=b"A")])
    async def test_who_stood_still_leaves_the_key_to_whoever_took_it_over(
        self, answers: Any, slot: Slot, end: Any
    ) -> None:
        clock = Clock()
        one, other = (Once(answers, clock=clock) for _ in range(2))
        stalled, working = Held(end), Held(ANSWER)
        first = asyncio.create_task(one.do(slot, stalled))
        await stalled.begun.wait()
        clock.now += ABANDONED
        second = asyncio.create_task(other.do(slot, working))
        await working.begun.wait()
        stalled.may_end.set()
        await asyncio.gather(first, return_exceptions=True)
        with pytest.raises(ConflictError):
            await one.do(slot, working)
        working.may_end.set()
        assert await second == await one.do(slot, working) == ANSWER
        assert working.runs == 1

    async def test_a_key_that_was_not_given_free_is_left_to_whoever_took_it_over(
        self, answers: Any, slot: Slot
    ) -> None:
        clock = Clock()
        one, other = Once(OnceAway(answers), clock=clock), Once(answers, clock=clock)
        with pytest.raises(OSError, match="away"):
            await one.do(slot, partial(answered, Answer(status=503, content=b"")))
        clock.now += ABANDONED
        working = Held(ANSWER)
        second = asyncio.create_task(other.do(slot, working))
        await working.begun.wait()
        with pytest.raises(ConflictError):
            await one.do(slot, working)
        working.may_end.set()
        assert await second == ANSWER

    async def test_as_long_as_a_request_runs_nobody_takes_its_key_over(self, answers: Any, slot: Slot) -> None:
        clock, store = Clock(), Renewed(answers)
        one, other = Once(store, clock=clock, renewed_s=0.001), Once(answers, clock=clock)
        working = Held(ANSWER)
        first = asyncio.create_task(one.do(slot, working))
        await working.begun.wait()
        for _ in range(3):
            clock.now += ABANDONED * 0.9
            await store.next_renewal()
            with pytest.raises(ConflictError):
                await other.do(slot, working)
        working.may_end.set()
        assert await first == await other.do(slot, working) == ANSWER
        assert working.runs == 1

    async def test_a_key_that_took_long_to_get_is_renewed_at_once(self, answers: Any, slot: Slot) -> None:
        """It counts as abandoned from when it was asked for."""
        moments = itertools.chain([NOW], itertools.repeat(NOW + ABANDONED * 0.9))
        store, working = Renewed(answers), Held(ANSWER)
        first = asyncio.create_task(Once(store, clock=lambda: next(moments)).do(slot, working))
        async with asyncio.timeout(20):
            await store.renewed.wait()
        working.may_end.set()
        assert await first == ANSWER

    async def test_a_key_that_cannot_be_renewed_is_tried_again_and_nobody_is_told(
        self, answers: Any, slot: Slot
    ) -> None:
        store = Renewed(answers, fails=True)
        working = Held(ANSWER)
        first = asyncio.create_task(Once(store, clock=lambda: NOW, renewed_s=0.001).do(slot, working))
        with structlog.testing.capture_logs() as logged:
            await store.next_renewal()
            await store.next_renewal()
        working.may_end.set()
        assert await first == ANSWER
        assert {line["event"] for line in logged} == {"idempotency_key_not_renewed"}

    async def test_a_key_that_may_have_been_taken_for_a_request_that_never_ran_is_free(
        self, answers: Any, slot: Slot
    ) -> None:
        once = Once(LostAtTheBeginning(answers), clock=lambda: NOW)
        with pytest.raises(OutcomeLostError):
            await once.do(slot, partial(answered, ANSWER))
        assert await answers.find(slot) is not None
        assert await once.do(slot, partial(answered, ANSWER)) == ANSWER


class Held:
    """What runs until it may end, as it is told to end."""

    def __init__(self, end: Any) -> None:
        self._end = end
        self.begun, self.may_end, self.runs = asyncio.Event(), asyncio.Event(), 0

    async def __call__(self) -> Answer:
        self.runs += 1
        self.begun.set()
        await self.may_end.wait()
        if isinstance(self._end, Exception):
            raise self._end
        return self._end  # type: ignore[no-any-return]  # parametrised


async def answered(answer: Answer) -> Answer:
    return answer


class Renewed:
    """A store whose renewals can be waited for."""

    def __init__(self, inner: Any, *, fails: bool = False) -> None:
        self._inner, self._fails = inner, fails
        self.renewed = asyncio.Event()

    async def next_renewal(self) -> None:
        """One that began from now on, and ended."""
        for _ in range(2):
            self.renewed.clear()
            async with asyncio.timeout(60):
                await self.renewed.wait()

    async def renew(self, slot: Slot, *, began: datetime, now: datetime) -> None:
        try:
            if self._fails:
                raise OSError("away")
            await self._inner.renew(slot, began=began, now=now)
        finally:
            self.renewed.set()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class LostAtTheBeginning:
    """A store that takes a key and cannot say so, the first time."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._is_lost = False

    async def begin(self, slot: Slot, *, now: datetime) -> bool:
        is_taken = await self._inner.begin(slot, now=now)
        if not self._is_lost:
            self._is_lost = True
            raise OutcomeLostError("lost")
        return bool(is_taken)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


class OnceAway:
    """A store that cannot be told the first time that a key is free."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner
        self._is_away = True

    async def forget(self, slot: Slot, *, began: datetime) -> None:
        if self._is_away:
            self._is_away = False
            raise OSError("away")
        await asyncio.sleep(0)
        await self._inner.forget(slot, began=began)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._inner, name)


async def waits_for(others: Any) -> bool:
    """Whether somebody waits for a lock that this connection holds."""
    question = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted AND pg_backend_pid() = ANY (pg_blocking_pids(pid)))"
    )
    [found] = await (await others.execute(question)).fetchone()
    return bool(found)


async def test_answers_and_keys_of_many_requests_wait_in_no_circle(on: Any, keyring: Keyring, slot: Slot) -> None:
    """Requests that are sent again while their answers are being kept lock the same keys."""
    if on is None:
        pytest.skip("memory locks nothing")
    answers = PostgresAnswers(on, keyring, holder="h:1")
    first, second = (replace(slot, key_digest=bytes([n]) * 32) for n in (1, 2))
    await asyncio.gather(answers.begin(first, now=NOW), answers.begin(second, now=NOW))
    lock = "SELECT FROM idempotency WHERE tenant = %s AND key_digest = %s FOR UPDATE"
    async with on.own_transaction() as others:
        await others.execute(lock, (slot.tenant, first.key_digest))
        keeping = asyncio.gather(*(answers.finish(one, ANSWER, began=NOW) for one in (second, first)))
        for _ in range(6000):
            if await waits_for(others):
                break
            await asyncio.sleep(0.01)
        else:
            pytest.fail("nobody waits for the first key")
        await others.execute(lock, (slot.tenant, second.key_digest))
    await keeping
    assert [await answers.find(each) for each in (first, second)] == [(slot.fingerprint, ANSWER)] * 2


class TestDeath:
    async def test_a_successor_at_the_same_address_frees_what_was_left_in_progress(
        self, on: Any, keyring: Keyring, slot: Slot
    ) -> None:
        if on is None:
            pytest.skip("memory dies with its process")
        first, elsewhere, next_one = (PostgresAnswers(on, keyring, holder=h) for h in ("a:7100", "b:7100", "a:7100"))
        others = replace(slot, client_id="khac")
        done = replace(slot, client_id="xong")
        await first.begin(slot, now=NOW)
        await elsewhere.begin(others, now=NOW)
        await first.begin(done, now=NOW)
        await first.finish(done, ANSWER, began=NOW)
        assert await next_one.succeed() == 1
        assert await next_one.begin(slot, now=NOW)
        assert not await next_one.begin(others, now=NOW)
        assert await next_one.find(done) == (done.fingerprint, ANSWER)

    @pytest.mark.parametrize("fails", ["forget", "finish"])
    async def test_a_store_that_was_away_when_a_request_ended_does_not_lock_its_key(
        self, slot: Slot, fails: str
    ) -> None:
        class Away(MemoryAnswers):
            away = True

            async def forget(self, slot: Slot, *, began: datetime) -> None:
                self._answer("forget")
                await super().forget(slot, began=began)

            async def finish(self, slot: Slot, answer: Answer, *, began: datetime) -> None:
                self._answer("finish")
                await super().finish(slot, answer, began=began)

            def _answer(self, name: str) -> None:
                if self.away and name == fails:
                    raise ConnectionError

        store, runs = Away(), []
        once = Once(store, clock=lambda: NOW)

        async def act() -> Answer:
            runs.append(1)
            if fails == "forget" and store.away:
                raise ZeroDivisionError
            return ANSWER

        with pytest.raises(ConnectionError):
            await once.do(slot, act)
        store.away = False
        assert await once.do(slot, act) == ANSWER
        assert await once.do(slot, act) == ANSWER
        assert len(runs) == 2


@pytest.mark.parametrize("header", [None, "", "  ", '""', "x" * 256, "á", "a\nb"])
def test_a_key_that_is_none_is_refused(header: str | None) -> None:
    with pytest.raises(RequestError):
        parse_key(header)


def test_quotes_of_a_structured_field_do_not_belong_to_the_key() -> None:
    assert parse_key('"8e03978e"') == parse_key(" 8e03978e ") == "8e03978e"


def test_a_request_is_the_same_by_value_not_by_spacing() -> None:
    assert fingerprint("POST", "/a", b'{"a":1,"b":2}') == fingerprint("POST", "/a", b'{ "b": 2, "a": 1 }')
    different = [("PUT", "/a", b"{}"), ("POST", "/b", b"{}"), ("POST", "/a", b'{"a":1}'), ("POST", "/a", b"")]
    assert len({fingerprint(*request) for request in [("POST", "/a", b"{}"), *different]}) == 5


def test_a_body_that_no_schema_looks_at_is_refused_when_it_is_no_json() -> None:
    with pytest.raises(RequestError):
        fingerprint("POST", "/v1/arrivals/x/acknowledgement", b'{"x": "\\ud800"}')
