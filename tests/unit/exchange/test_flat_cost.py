"""What it costs to take a connection does not grow with how many are open to the system. Work is counted, not time:
every operation of Python's byte code, and as such every comparison of two connections, wherever it is made."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from types import FrameType
from typing import Any

import pytest
from wire_house import OK, answering, serving

from gateway.exchange.connections import Connections
from gateway.exchange.http1 import Connection, Limits
from gateway.exchange.http1_request import Origin, origin_of

Run = Callable[[Coroutine[Any, Any, Any]], Any]
FEW, MANY = 4, 256
AT_ONCE = 32
"""So many are opened together; a system's queue for those whom it has not let in is short."""


@pytest.fixture(autouse=True)
def compared_in_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """A search through a list or a set, too, is then seen by whoever counts."""
    monkeypatch.setattr(Connection, "__eq__", lambda one, other: one is other)
    monkeypatch.setattr(Connection, "__hash__", lambda one: id(one) >> 4)


def steps(act: Coroutine[Any, Any, None]) -> int:
    """Of what has to wait for nothing."""
    counted = 0

    def see(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal counted
        frame.f_trace_opcodes = True
        counted += event == "opcode"
        return see

    before = sys.gettrace()
    sys.settrace(see)
    try:
        act.send(None)
    except StopIteration:
        return counted
    finally:
        sys.settrace(before)
    act.close()
    raise AssertionError("It had to wait.")


@asynccontextmanager
async def opened(count: int, to: Origin, *, used: int) -> AsyncIterator[Connections]:
    """So many connections, of which so many are in use and the others rest."""
    limits = Limits(step_s=30, most=100, idle_s=60)
    connections = Connections(limits, most=MANY + 1, most_waiting=0, connect_s=30)
    until = asyncio.get_running_loop().time() + 60
    held: list[Connection] = []
    while len(held) < count:
        more = range(min(AT_ONCE, count - len(held)))
        held += await asyncio.gather(*(connections.take(to, until=until) for _ in more))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(connections.close)
        for one in held[:used]:
            stack.callback(connections.give_back, one, to=to)
        for one in held[used:]:
            connections.give_back(one, to=to)
        assert not any(one.is_closing for one in held)
        yield connections


async def once(connections: Connections, to: Origin, *, until: float) -> None:
    connections.give_back(await connections.take(to, until=until), to=to)


@pytest.mark.parametrize("in_use", [0, 1], ids=["all rest", "all but one are in use"])
def test_to_take_a_connection_costs_the_same_however_many_are_open(run: Run, in_use: int) -> None:
    async def count(to: Origin, many: int) -> int:
        async with opened(many, to, used=in_use * (many - 1)) as connections:
            until = asyncio.get_running_loop().time() + 60
            await once(connections, to, until=until)
            return steps(once(connections, to, until=until))

    with serving(answering(lambda _, __: OK)) as there:
        to, _ = origin_of(there.base + "/a")
        few, many = run(count(to, FEW)), run(count(to, MANY))
    assert many == few > 50
