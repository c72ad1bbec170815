"""What runs behind the log in the worker."""

from __future__ import annotations

import asyncio

from gateway.bootstrap.following import AFTER_A_FAILURE_S, COMES_TOGETHER_S, MUCH, PAUSE_S, Following


async def test_steps_are_taken_in_order_and_a_rest_follows_unless_there_is_very_much() -> None:
    told, left = list[str](), [MUCH, 2, 0]

    async def read() -> int:
        told.append("read")
        return left.pop(0)

    async def count() -> None:
        told.append("count")

    following = Following([read, count])
    assert await following.round() == 0.0
    assert await following.round() == COMES_TOGETHER_S
    assert await following.round() == PAUSE_S
    assert told == ["read", "count"] * 3


async def test_a_step_that_fails_does_not_keep_the_others() -> None:
    told = list[str]()

    async def fail() -> int:
        raise OSError

    async def count() -> int:
        told.append("count")
        return 0

    assert await Following([fail, count]).round() == AFTER_A_FAILURE_S
    assert told == ["count"]


async def test_a_step_that_takes_little_at_a_time_has_no_rest_while_there_is_more() -> None:
    left = [4, 3]

    async def tell() -> int:
        return left.pop(0)

    following = Following([tell], much=4)
    assert await following.round() == 0.0
    assert await following.round() == COMES_TOGETHER_S


async def test_what_fails_rests_long_whatever_the_others_have_to_do() -> None:
    async def fail() -> int:
        raise OSError

    async def read() -> int:
        return MUCH

    assert await Following([fail, read]).round() == AFTER_A_FAILURE_S


async def test_it_ends_when_it_is_told_to() -> None:
    stop = asyncio.Event()

    async def read() -> int:
        stop.set()
        return 5

    await asyncio.wait_for(Following([read]).run(stop=stop), 60)
