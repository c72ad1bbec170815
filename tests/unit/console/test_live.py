"""The live overview: one reader for all, only what changed, an end in time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from gateway.console.live import HEARTBEAT, OVER, Live, Pace


class Source:
    """What is shown, and how often it was asked for."""

    def __init__(self) -> None:
        self.text, self.reads, self.broken = "một", 0, False
        self.read_again = asyncio.Event()

    async def __call__(self) -> Mapping[str, Mapping[str, str]]:
        self.reads += 1
        self.read_again.set()
        if self.broken:
            raise ValueError
        return {
            "vi": {"cards": f"{self.text}\nhai", "summary": "luôn vậy"},
            "en": {"cards": "one", "summary": "always"},
        }


async def yes() -> bool:
    return True


async def no() -> bool:
    return False


def live(source: Source, *, most: int = 3, heartbeat_s: float = 30) -> Live:
    return Live(source, Pace(every_s=0.001, heartbeat_s=heartbeat_s, most=most))


async def heard(stream: AsyncIterator[str], count: int) -> list[str]:
    async with asyncio.timeout(60):
        return [await anext(stream) for _ in range(count)]


async def test_a_stream_is_told_everything_once_and_then_what_has_changed() -> None:
    source = Source()
    stream = live(source).stream("vi", yes)
    assert await heard(stream, 3) == [
        HEARTBEAT,
        "event: cards\ndata: một\ndata: hai\n\n",
        "event: summary\ndata: luôn vậy\n\n",
    ]
    source.text = "ba"
    assert await heard(stream, 1) == ["event: cards\ndata: ba\ndata: hai\n\n"]
    await stream.aclose()


async def test_each_hears_their_language_and_all_share_one_reader() -> None:
    source = Source()
    all_of_them = live(source)
    streams = [all_of_them.stream(language, yes) for language in ("vi", "en", "vi")]
    for stream in streams:
        await heard(stream, 3)
    assert all_of_them.streams == 3
    assert len([task for task in asyncio.all_tasks() if "_keep_reading" in repr(task)]) == 1
    for stream in streams:
        await stream.aclose()
    assert all_of_them.streams == 0


async def test_nothing_is_read_while_nobody_looks() -> None:
    source = Source()
    one = live(source)
    stream = one.stream("vi", yes)
    await heard(stream, 3)
    await stream.aclose()
    await asyncio.sleep(0)
    before = source.reads
    for _ in range(20):
        await asyncio.sleep(0)
    assert source.reads == before


async def test_a_session_that_cannot_be_asked_about_ends_the_stream_without_a_word_of_its_end() -> None:
    """The browser comes again, and is told what is wrong; whoever was logged out may not look on meanwhile."""

    async def lost() -> bool:
        raise OSError

    one = live(Source(), heartbeat_s=0)
    stream = [event async for event in one.stream("vi", lost)]
    assert stream[0] == HEARTBEAT
    assert OVER not in stream
    assert one.streams == 0


async def test_no_more_are_served_than_is_set() -> None:
    one = live(Source(), most=1)
    stream = one.stream("vi", yes)
    await heard(stream, 1)
    assert one.is_full
    assert [event async for event in one.stream("vi", yes)] == []
    await stream.aclose()
    assert not one.is_full


async def test_a_session_that_is_over_ends_the_stream() -> None:
    async with asyncio.timeout(60):
        told = [event async for event in live(Source(), heartbeat_s=0.01).stream("vi", no)]
    assert told[-1] == OVER


async def test_where_nothing_changes_a_heartbeat_is_heard() -> None:
    stream = live(Source(), heartbeat_s=0.01).stream("vi", yes)
    assert HEARTBEAT in (await heard(stream, 4))[1:]
    await stream.aclose()


async def test_the_end_of_the_process_ends_every_stream() -> None:
    one = live(Source())
    stream = one.stream("vi", yes)
    await heard(stream, 3)
    one.close()
    async with asyncio.timeout(60):
        assert [event async for event in stream] == []
    assert one.is_full


async def test_a_reading_that_fails_is_tried_again() -> None:
    source = Source()
    source.broken = True
    stream = live(source).stream("vi", yes)
    await heard(stream, 1)
    waiting = asyncio.create_task(heard(stream, 2))
    async with asyncio.timeout(60):
        await source.read_again.wait()
    source.broken = False
    assert len(await waiting) == 2
    await stream.aclose()
