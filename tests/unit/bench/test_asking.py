"""The load generator counts, looks at every answer, and stops a run in which one is wrong. Nothing here is timed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest
from comparison.asking import Manner, WrongAnswer, closed_loop
from comparison.events import not_taken
from comparison.questions import refused, unknown

Answer = Callable[[bytes], bytes | None]
"""None: the connection is closed."""


@asynccontextmanager
async def serving(answer: Answer) -> AsyncIterator[int]:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while (line := await reader.readline()) and (told := answer(line)) is not None:
                writer.write(told)
                await writer.drain()
        finally:
            writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield server.sockets[0].getsockname()[1]


def echo(line: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n%s" % (len(line), line)


def make(number: int) -> bytes:
    return b"%d\n" % number


def complaint(number: int, status: int, body: bytes) -> str:
    return "" if (status, body) == (200, make(number)) else f"{status}: {body!r}"


async def test_every_question_is_asked_once_and_every_answer_looked_at() -> None:
    async with serving(echo) as port:
        answers = await closed_loop([port], (make, complaint), lines=3, until=(60.0, 50))
    assert answers.count == 50
    assert all(wait > 0 for wait in answers.waits)


async def test_connections_are_spread_over_the_ports() -> None:
    seen: list[int] = []

    def noting(number: int) -> Answer:
        def answer(line: bytes) -> bytes:
            seen.append(number)
            return echo(line)

        return answer

    async with serving(noting(1)) as one, serving(noting(2)) as two:
        await closed_loop([one, two], (make, complaint), lines=2, until=(60.0, 20))
    assert set(seen) == {1, 2}


async def test_a_wrong_answer_ends_the_run_with_what_was_said() -> None:
    async with serving(lambda line: echo(b"7\n")) as port:
        with pytest.raises(WrongAnswer, match="200: b'7"):
            await closed_loop([port], (make, complaint), lines=1, until=(60.0, 3))


@pytest.mark.parametrize(
    ("told", "words"),
    [(None, "closed before"), (b"HTTP/1.1 200 OK\r\n\r\n", "without a length")],
    ids=["cut", "without a length"],
)
async def test_an_answer_that_cannot_be_read_ends_the_run(told: bytes | None, words: str) -> None:
    async with serving(lambda line: told) as port:
        with pytest.raises(WrongAnswer, match=words):
            await closed_loop([port], (make, complaint), lines=1, until=(60.0, 3))


async def test_a_pace_makes_later_questions_wait_for_their_moment() -> None:
    """The tenth is due 90 ms after the first, so the round cannot be over before."""
    async with serving(echo) as port:
        answers = await closed_loop([port], (make, complaint), lines=4, until=(60.0, 10), manner=Manner(pace=100.0))
    assert answers.seconds >= 0.08


BUSY = b"HTTP/1.1 503 No\r\nretry-after: 1\r\ncontent-length: 20\r\n\r\n" + b'{"code":"ours.busy"}'


async def test_an_answer_that_knows_nothing_is_counted_apart_and_neither_right_nor_wrong() -> None:
    async with serving(lambda line: BUSY if int(line) % 2 else echo(line)) as port:
        manner = Manner(shed=refused, polite=False)
        answers = await closed_loop([port], (make, complaint), lines=1, until=(60.0, 10), manner=manner)
    assert (answers.count, answers.shed) == (5, {"503 ours.busy": 5})


async def test_who_was_told_to_wait_does_so_within_the_round() -> None:
    async with serving(lambda line: BUSY) as port:
        manner = Manner(shed=refused)
        answers = await closed_loop([port], (make, complaint), lines=2, until=(0.05, 10), manner=manner)
    assert (answers.count, answers.shed.total()) == (0, 2)


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (503, b'{"code": "ours.busy"}', "503 ours.busy"),
        (504, b"<html>", "504"),
        (200, b'{"verdict": "undetermined", "trouble": "partner.no_room"}', "undetermined partner.no_room"),
        (200, b'{"verdict": "match", "explanation": "\\"undetermined\\""}', ""),
        (200, b'{"verdict": "match"}', ""),
        (401, b'{"code": "caller.key"}', ""),
    ],
)
def test_only_what_says_that_it_knows_nothing_counts_as_refused(status: int, body: bytes, code: str) -> None:
    assert unknown(status, body) == code


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (202, b'{"refused":0,"results":[]}', ""),
        (202, b'{"state":"queued"}', ""),
        (202, b'{"refused":3,"results":[]}', "202 with refused events"),
        (409, b'{"code": "caller.conflict"}', "409 caller.conflict"),
        (503, b"", "503"),
        (200, b"{}", ""),
    ],
)
def test_events_that_were_not_taken_in_are_counted_apart(status: int, body: bytes, code: str) -> None:
    assert not_taken(status, body) == code
