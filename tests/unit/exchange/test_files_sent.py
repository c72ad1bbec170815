"""A file goes out as it is read: as fast as the system takes it, and whole or not at all."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Callable, Coroutine
from typing import Any

import pytest
from files_house import attached
from over_httpx import OverHttpx
from wire_house import OK, Visit, answering, outcome, outcomes, post, serving, settings, until

from gateway.exchange.breaker import Breaker, BreakerPolicy, BreakerState
from gateway.exchange.transport import HttpTransport
from gateway.sdk import Attachment, GatewayError, TransientRemoteError, Unsettled, WireRequest
from gateway.sdk.errors import CutOffError, IntegrityError

Run = Callable[[Coroutine[Any, Any, Any]], Any]
PIECE = 65_536
CONTENT = bytes(range(256)) * 1000
YES = b"HTTP/1.1 201 Yes\r\nContent-Length: 2\r\n\r\nok"
REFUSED = b"HTTP/1.1 413 No\r\nContent-Length: 2\r\n\r\nno"


def request(base: str, file: Attachment, **more: Any) -> WireRequest:
    return post(base, content=b"before ", file=file, after=b" after", **more)


class Source:
    """A file of `count` pieces; `fails` at one of them, by its number; each from the third on takes `stops_s`."""

    def __init__(self, count: int, *, fails: dict[int, Exception] | None = None, stops_s: float = 0.0) -> None:
        self.count = count
        self.stops_s = stops_s
        self.given = 0
        self.closed = 0
        self._fails = fails or {}

    @property
    def file(self) -> Attachment:
        facts: dict[str, Any] = {"id": "F", "name": "a", "media_type": "a/b", "sha256": "00"}
        return Attachment(size=self.count * PIECE, read=self._read, **facts)

    async def _read(self) -> AsyncGenerator[bytes, None]:
        try:
            for number in range(self.count):
                if number in self._fails:
                    raise self._fails[number]
                if self.stops_s and number > 1:
                    await asyncio.sleep(self.stops_s)
                self.given += 1
                yield bytes(PIECE)
        finally:
            self.closed += 1


@pytest.mark.parametrize("size", [0, 1, PIECE, len(CONTENT)])
def test_what_arrives_is_what_stands_before_it_the_file_and_what_stands_after(run: Run, size: int) -> None:
    with serving(answering(lambda *_: OK)) as system:
        asked = request(system.base, attached(CONTENT[:size]))
        assert run(outcomes(HttpTransport(settings()), [asked, asked])) == ["200 ok"] * 2
        assert run(outcomes(OverHttpx(settings()), [asked])) == ["200 ok"]
        bodies = [heard.partition(b"\r\n\r\n")[2] for heard in system.heard]
        assert set(bodies) == {b"before " + CONTENT[:size] + b" after"}
        assert (len(bodies), system.connections) == (3, 2)  # ours kept the one it had


async def settled(source: Source) -> int:
    """What was given when nothing more is asked for, though there were many chances to."""
    given, calm = -1, 0
    while calm < 20:
        await asyncio.sleep(0.005)
        calm = calm + 1 if source.given == given else 0
        given = source.given
    return given


def test_no_more_is_read_than_the_system_takes(run: Run) -> None:
    source, digest = Source(400), hashlib.sha256()
    taken: list[int] = []

    async def slowly(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        taken.append(await settled(source))
        left = source.file.size + len(b"before  after")
        while left:
            piece = await visit.reader.read(left)
            digest.update(piece)
            left -= len(piece)
        await visit.say(OK)

    with serving(slowly) as system:
        assert run(outcomes(HttpTransport(settings()), [request(system.base, source.file)])) == ["200 ok"]
    assert taken[0] < source.count / 2  # the sockets of both sides hold some
    assert digest.digest() == hashlib.sha256(b"before " + bytes(source.file.size) + b" after").digest()


def test_a_system_that_takes_nothing_more_is_given_up_and_the_file_is_closed(run: Run) -> None:
    source = Source(400)

    async def takes_nothing(visit: Visit) -> None:
        await asyncio.sleep(3600)

    with serving(takes_nothing) as system:
        way = HttpTransport(settings(timeout_s=0.5))
        assert run(outcomes(way, [request(system.base, source.file)])) == ["unsettled"]
    assert (source.given < source.count, source.closed) == (True, 1)


def test_who_answers_before_the_end_has_answered_and_hears_nothing_more_on_that_connection(run: Run) -> None:
    source = Source(400)

    async def refuses(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(REFUSED if visit.number == 1 else OK)
        await until(lambda: bool(source.closed))  # and takes no more than its sockets hold

    with serving(refuses) as system:
        asked = [request(system.base, source.file), post(system.base)]
        assert run(outcomes(HttpTransport(settings()), asked)) == ["413 no", "200 ok"]
        assert system.connections == 2
    assert (source.given < source.count, source.closed) == (True, 1)


@pytest.mark.parametrize(
    ("wrong", "told"), [(IntegrityError("altered"), IntegrityError), (OSError("the database is gone"), CutOffError)]
)
def test_what_cannot_be_read_to_its_end_never_arrives_whole(run: Run, wrong: Exception, told: type) -> None:
    source, heard = Source(9, fails={5: wrong}), list[int]()

    async def hears(visit: Visit) -> None:
        if visit.number == 1:
            while piece := await visit.reader.read(PIECE):
                heard.append(len(piece))
        else:
            await answering(lambda *_: OK)(visit)

    async def send(base: str) -> str:
        way = HttpTransport(settings())
        with pytest.raises(told):
            await way.send(request(base, source.file))
        try:
            return await outcome(way, post(base))
        finally:
            await way.close()

    with serving(hears) as system:
        assert run(send(system.base)) == "200 ok"
        assert system.connections == 2  # the one that was cut off is not used again
    assert 0 < sum(heard) < source.file.size
    assert source.closed == 1


async def hears_all(visit: Visit) -> None:
    """And says so, when it has; nothing until then."""
    while await visit.hear():
        await visit.say(OK)


def sent(run: Run, base: str, source: Source, *, for_s: float | None = None, **own: Any) -> tuple[str, float]:
    """The code of what was raised, or the status, and after how many seconds."""

    async def send() -> tuple[str, float]:
        way, loop = HttpTransport(settings(base, **own)), asyncio.get_running_loop()
        began = loop.time()
        try:
            told = str((await way.send(request(base, source.file), until=for_s and began + for_s)).status)
        except GatewayError as exc:
            told = exc.error_code
        finally:
            await way.close()
        return told, loop.time() - began

    told: tuple[str, float] = run(send())
    return told


def test_who_says_yes_before_the_end_has_not_understood(run: Run) -> None:
    source = Source(400)

    async def hasty(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(YES)
        await until(lambda: bool(source.closed))  # and takes no more than its sockets hold

    with serving(hasty) as system:
        assert run(outcomes(HttpTransport(settings()), [request(system.base, source.file)])) == ["unsettled"]
    assert (source.given < source.count, source.closed) == (True, 1)


def test_a_yes_to_what_has_not_left_us_in_one_piece_is_none_either(run: Run) -> None:
    async def hasty(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(YES)
        await asyncio.sleep(3600)

    with serving(hasty) as system:
        asked = post(system.base, content=bytes(30_000_000))
        assert run(outcomes(HttpTransport(settings()), [asked])) == ["unsettled"]


@pytest.mark.parametrize(("answer", "told"), [(REFUSED, "413"), (YES, Unsettled.code)])
def test_an_answer_is_heard_while_the_next_piece_is_read(run: Run, answer: bytes, told: str) -> None:
    source = Source(9, stops_s=300)

    async def answers(visit: Visit) -> None:
        await visit.reader.readuntil(b"\r\n\r\n")
        await visit.say(answer)
        await visit.reader.read()

    with serving(answers) as system:
        code, _ = sent(run, system.base, source)
    assert (code, source.given, source.closed) == (told, 2, 1)


@pytest.mark.parametrize(
    ("own", "least_s"), [({"for_s": 0.8}, 0.7), ({"timeout_s": 1.0, "connect_timeout_s": 2.0}, 3.9)]
)
def test_what_we_read_too_slowly_is_given_up_in_time_and_is_not_the_systems_fault(
    run: Run, own: Any, least_s: float
) -> None:
    source = Source(9, stops_s=300)
    with serving(hears_all) as system:
        code, took_s = sent(run, system.base, source, **own)
        assert (code, system.heard) == (CutOffError.code, [])
    assert took_s > least_s
    assert (source.given, source.closed) == (2, 1)


def test_that_we_pause_for_longer_than_a_system_may_changes_nothing(run: Run) -> None:
    """Its patience is for itself, each piece; ours ends with the whole."""
    source = Source(3, stops_s=1.2)
    with serving(hears_all) as system:
        assert sent(run, system.base, source, timeout_s=1.0)[0] == "200"


@pytest.mark.parametrize("fault", [IntegrityError("altered"), OSError("the database is gone")])
def test_what_we_cannot_read_judges_no_system(run: Run, fault: Exception) -> None:
    """Neither as an answer, which would close a breaker, nor as a failure, which would open it."""

    async def judged(base: str) -> list[BreakerState]:
        now = [0.0]
        breaker = Breaker(BreakerPolicy(failures=1, cool_down_s=10), monotonic=lambda: now[0])
        way, states = HttpTransport(settings()), list[BreakerState]()

        async def tried() -> None:
            with pytest.raises(GatewayError), breaker.guard():
                await way.send(request(base, Source(9, fails={5: fault}).file))
            states.append(breaker.state)

        await tried()
        with pytest.raises(TransientRemoteError), breaker.guard():
            raise TransientRemoteError("down")
        now[0] = 10.0
        await tried()
        assert await outcome(way, post(base)) == "200 ok"
        await way.close()
        return states

    with serving(hears_all) as system:
        assert run(judged(system.base)) == [BreakerState.CLOSED, BreakerState.HALF_OPEN]
