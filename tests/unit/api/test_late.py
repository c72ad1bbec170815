"""What few callers ask for is made when the first one asks, once, and keeps nobody else waiting."""

from __future__ import annotations

import asyncio
import threading
from typing import Any, cast

from gateway.api.late import Late


async def test_it_is_made_once_beside_the_loop() -> None:
    made, may_end, began, loop = [], threading.Event(), asyncio.Event(), asyncio.get_running_loop()

    async def inner(scope: Any, receive: Any, send: Any) -> None:
        await send(scope["path"])

    def make() -> Any:
        made.append(threading.current_thread())
        loop.call_soon_threadsafe(began.set)
        may_end.wait(10)
        return inner

    late, told = Late(make), list[Any]()
    unread: Any = None

    async def send(path: Any) -> None:
        told.append(path)

    asked = [asyncio.ensure_future(late({"path": number}, unread, send)) for number in range(3)]
    await asyncio.wait_for(began.wait(), 10)  # the loop goes on
    assert (late.made, told) == (None, [])
    may_end.set()
    await asyncio.gather(*asked)
    assert sorted(told) == [0, 1, 2]
    assert len(made) == 1
    assert made[0] is not threading.main_thread()
    assert late.made is inner


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
