"""Floods: what one address may do, in memory that is bounded."""

from __future__ import annotations

from gateway.clients import throttle
from gateway.clients.throttle import MOST_ADDRESSES, Throttle


class Monotonic:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_an_address_has_its_share_and_it_fills_as_time_goes_by() -> None:
    clock = Monotonic()
    found = Throttle(per_minute=3, monotonic=clock)
    assert [found.take("10.0.0.1") for _ in range(3)] == [0, 0, 0]
    assert found.take("10.0.0.1") == 20.0
    assert found.take("10.0.0.2") == 0
    clock.now += 20.0
    assert found.take("10.0.0.1") == 0
    assert found.take("10.0.0.1") > 0


def test_whoever_fails_again_and_again_waits_twice_as_long_each_time_up_to_an_end() -> None:
    clock = Monotonic()
    found = Throttle(per_minute=60, monotonic=clock, longest_wait_s=4.0)
    waits: list[float] = []
    for _ in range(100):
        if wait_s := found.take("10.0.0.1"):
            waits.append(wait_s)
            clock.now += wait_s
    assert waits[:5] == [1.0, 2.0, 4.0, 4.0, 4.0]
    clock.now += 3600.0
    assert found.take("10.0.0.1") == 0


def test_a_subscriber_of_ipv6_is_one_and_what_is_no_address_is_one_too() -> None:
    found = Throttle(per_minute=1, monotonic=Monotonic())
    assert found.take("2001:db8:1:2::1") == 0
    assert found.take("2001:db8:1:2:ffff::9") > 0
    assert found.take("2001:db8:1:3::1") == 0
    assert found.take("::ffff:10.0.0.1") == 0
    assert found.take("10.0.0.1") > 0
    assert found.take("x") == 0
    assert found.take("") > 0


def test_memory_is_bounded_and_the_silent_are_forgotten_first() -> None:
    found = Throttle(per_minute=1, monotonic=Monotonic())
    found.take("10.0.0.1")
    for number in range(MOST_ADDRESSES + 10):
        found.take(f"11.{number >> 16}.{(number >> 8) & 255}.{number & 255}")
    assert len(found) == throttle.MOST_ADDRESSES
    assert found.take("10.0.0.1") == 0
