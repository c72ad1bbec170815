"""What few callers ask for is made when the first one asks, once, and keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import gc
import threading
import time
from typing import Any, cast

from gateway.api.late import Late


async def test_it_is_made_once_beside_the_loop() -> None:
    made, may_end, began, loop = [], threading.Event(), asyncio.Event(), asyncio.get_running_loop()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send(scope["path"])

    def make() -> Any:
        made.append(threading.current_thread())
        loop.call_soon_threadsafe(began.set)
        may_end.wait(60)
        return inner

    late, told = Late(make), list[Any]()
    unread: Any = None

    async def send(path: Any) -> None:
        told.append(path)

    asked = [asyncio.ensure_future(late({"path": number}, unread, send)) for number in range(3)]
    await asyncio.wait_for(began.wait(), 60)  # the loop goes on
    assert (late.made, told) == (None, [])
    may_end.set()
    await asyncio.gather(*asked)
    assert sorted(told) == [0, 1, 2]
    assert len(made) == 1
    assert made[0] is not threading.main_thread()
    assert late.made is inner


async def test_a_caller_who_gives_up_ends_it_for_nobody_else() -> None:
    made, may_end, began, loop = [], threading.Event(), asyncio.Event(), asyncio.get_running_loop()

    async def inner(scope: Any, receive: Any, send: Any) -> None: ...

    def make() -> Any:
        made.append(1)
        loop.call_soon_threadsafe(began.set)
        may_end.wait(60)
        return inner

    late, unused = Late(make), cast("Any", None)
    first = asyncio.ensure_future(late({}, unused, unused))
    await asyncio.wait_for(began.wait(), 60)
    first.cancel()
    await asyncio.gather(first, return_exceptions=True)
    second = asyncio.ensure_future(late({}, unused, unused))
    await asyncio.sleep(0.01)
    may_end.set()
    await asyncio.wait_for(second, 60)
    assert first.cancelled()
    assert made == [1]


async def test_two_are_made_one_after_the_other() -> None:
    inside, most = [0], [0]

    async def inner(scope: Any, receive: Any, send: Any) -> None: ...

    def make() -> Any:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        time.sleep(0.02)
        inside[0] -= 1
        return inner

    unused = cast("Any", None)
    await asyncio.gather(*(Late(make)({}, unused, unused) for _ in range(3)))
    assert most == [1]


async def test_what_could_not_be_made_is_tried_again() -> None:
    tries = []

    def make() -> Any:
        tries.append(1)
        raise OSError

    late, unused = Late(make), cast("Any", None)
    for _ in range(2):
        answer = await asyncio.gather(late({}, unused, unused), return_exceptions=True)
        assert isinstance(answer[0], OSError)
    assert len(tries) == 2


async def test_what_it_is_made_of_is_looked_through_no_more_where_the_process_stands() -> None:
    async def inner(scope: Any, receive: Any, send: Any) -> None: ...

    unused, kept = cast("Any", None), list[Any]()

    def make() -> Any:
        kept.append([[] for _ in range(1_000)])
        return inner

    await Late(make)({}, unused, unused)
    assert gc.get_freeze_count() == 0
    gc.freeze()
    try:
        await Late(make)({}, unused, unused)
        assert all(one is not kept[1] for one in gc.get_objects())
    finally:
        gc.unfreeze()
