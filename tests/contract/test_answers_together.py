"""Requests that share a transaction are each carried out once per key: on memory and on PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextvars import Context
from typing import Any
from uuid import uuid4

import pytest
from psycopg import DataError, InterfaceError, OperationalError
from psycopg.errors import DeadlockDetected
from psycopg_pool import PoolTimeout
from services import NOW, atomically

from gateway.clients.idempotency import Answer, Slot
from gateway.clients.memory_answers import MemoryAnswers
from gateway.clients.postgres import PostgresAnswers
from gateway.clients.together import Together
from gateway.sdk.errors import ConflictError, GatewayError, IntegrityError, UnprocessableError
from gateway.signing import Keyring

ANSWER = Answer(status=202, content=b"elsewhere")


class Sharing:
    """What acts for `Together`: items are numbers, and so are their answers."""

    def __init__(self, on: Any, answers: Any) -> None:
        self.answers, self.done, self._tenant = answers, list[int](), f"T{uuid4().hex[:12].upper()}"
        self.faults, self.deadlocks = set[int](), set[int]()
        self.spoils: dict[int, Exception] = {}
        self.batches: list[list[int]] = []
        self.meanwhile: Callable[[], Awaitable[None]] | None = None
        act, shared = self.act, on.transaction if on else atomically
        self.together: Together[int] = Together(answers, act=act, atomically=shared, clock=lambda: NOW)

    def slot(self, key: int, number: int) -> Slot:
        return Slot(
            tenant=self._tenant,
            client_id="motcua",
            key_digest=bytes([key]) * 32,
            fingerprint=bytes([number]) * 32,
        )

    async def ask(self, key: int, number: int) -> Answer:
        return await self.together.do(self.slot(key, number), number)

    async def act(self, numbers: Sequence[int]) -> list[Answer | Exception]:
        self.batches.append(list(numbers))
        for number in numbers:
            if number in self.spoils:
                raise self.spoils[number]
        if self.deadlocks & {*numbers}:
            raise DeadlockDetected
        if self.meanwhile:
            others, self.meanwhile = self.meanwhile, None
            await asyncio.create_task(others(), context=Context())
        self.done += [number for number in numbers if number not in self.faults]
        said = [Answer(status=202, content=str(number).encode()) for number in numbers]
        return [GatewayError() if n in self.faults else answer for n, answer in zip(numbers, said, strict=True)]


@pytest.fixture
def house(on: Any, keyring: Keyring) -> Sharing:
    return Sharing(on, PostgresAnswers(on, keyring, holder="h:1") if on else MemoryAnswers())


class TestTogether:
    async def test_what_comes_together_is_done_once_per_key_and_answered_again(self, house: Sharing) -> None:
        first = await asyncio.gather(*(house.ask(n % 3, n % 3) for n in range(9)))
        assert [each.content for each in first] == [b"0", b"1", b"2"] * 3
        assert await house.ask(1, 1) == first[1]
        assert sorted(house.done) == [0, 1, 2]

    async def test_another_request_under_the_same_key_is_refused(self, house: Sharing) -> None:
        same, other = await asyncio.gather(house.ask(1, 7), house.ask(1, 8), return_exceptions=True)
        assert (same.content, other.error_code) == (b"7", "caller.idempotency_key_reused")
        with pytest.raises(UnprocessableError):
            await house.ask(1, 8)
        assert house.done == [7]

    async def test_a_key_that_is_in_progress_elsewhere_is_told_so(self, house: Sharing) -> None:
        await house.answers.begin(house.slot(1, 7), now=NOW)
        with pytest.raises(ConflictError) as raised:
            await house.ask(1, 7)
        assert (raised.value.error_code, house.done) == ("caller.in_progress", [])

    async def test_a_fault_of_ours_is_not_kept_and_keeps_no_other_out(self, house: Sharing) -> None:
        house.faults = {2}
        good, bad = await asyncio.gather(house.ask(1, 1), house.ask(2, 2), return_exceptions=True)
        assert (good.content, type(bad)) == (b"1", GatewayError)
        house.faults = set()
        assert (await house.ask(2, 2)).content == b"2"

    @pytest.mark.parametrize("fault", [IntegrityError("Altered."), RuntimeError("A fault of ours."), DataError("NUL")])
    async def test_one_that_undoes_all_of_them_goes_alone(self, house: Sharing, fault: Exception) -> None:
        house.spoils = {2: fault}
        good, bad, more = await asyncio.gather(*(house.ask(n, n) for n in (1, 2, 3)), return_exceptions=True)
        assert (good.content, bad, more.content) == (b"1", fault, b"3")
        assert await house.answers.find(house.slot(2, 2)) is None

    @pytest.mark.parametrize("gone", [OperationalError(), InterfaceError(), PoolTimeout()])
    async def test_a_database_that_is_gone_is_waited_for_once(self, house: Sharing, gone: Exception) -> None:
        house.spoils = {2: gone}
        told = await asyncio.gather(*(house.ask(n, n) for n in (1, 2, 3)), return_exceptions=True)
        assert told == [gone] * 3
        assert house.batches == [[1, 2, 3]]

    async def test_where_each_goes_alone_a_database_that_is_gone_is_waited_for_once(self, house: Sharing) -> None:
        """Also by those who come with the key of another."""
        house.spoils = {1: IntegrityError("Altered."), 2: PoolTimeout()}
        asked = [(1, 1), (4, 4), (2, 2), (3, 3), (2, 2), (4, 4), (3, 3)]
        told = await asyncio.gather(*(house.ask(*each) for each in asked), return_exceptions=True)
        done = [IntegrityError, Answer, PoolTimeout, PoolTimeout, PoolTimeout, PoolTimeout, PoolTimeout]
        assert [type(each) for each in told] == done
        assert house.batches == [[1, 4, 2, 3], [1], [4], [2], [2]]

    async def test_what_comes_over_one_alone_leaves_those_before_it_done_once(self, house: Sharing) -> None:
        """A fault of ours is not kept: whoever was told it would be carried out again."""
        house.spoils, house.deadlocks, house.faults = {2: IntegrityError("Altered.")}, {3}, {1}
        told = await asyncio.gather(*(house.ask(n, n) for n in (1, 4, 2, 3)), return_exceptions=True)
        assert [type(each) for each in told] == [GatewayError, Answer, IntegrityError, DeadlockDetected]
        assert [each for batch in house.batches if len(batch) == 1 for each in batch] == [1, 4, 2, 3]

    async def test_what_another_process_did_meanwhile_is_answered_and_not_done_twice(
        self, on: Any, house: Sharing
    ) -> None:
        """The key is given to whoever commits first; the work of the other is undone."""
        if on is None:
            pytest.skip("memory belongs to one process")

        async def elsewhere() -> None:
            await house.answers.keep({house.slot(2, 2): ANSWER}, now=NOW)

        house.meanwhile = elsewhere
        answers = await asyncio.gather(*(house.ask(n, n) for n in (1, 2)))
        assert [each.content for each in answers] == [b"1", ANSWER.content]
