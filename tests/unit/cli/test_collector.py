"""What the garbage collector is told."""

from __future__ import annotations

import asyncio
import gc
import weakref
from collections.abc import Iterator

import pytest

from gateway.cli import collector
from gateway.cli.collector import YOUNG, settle, tidy


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.enable()
    gc.set_threshold(*before)


def test_what_stands_is_not_looked_through_again() -> None:
    settle()
    assert gc.get_freeze_count() > 10_000
    assert len(gc.get_objects()) < gc.get_freeze_count()


def test_circles_that_are_made_afterwards_are_still_found() -> None:
    gc.disable()  # as long as modules are loaded
    settle()
    assert gc.isenabled()
    assert gc.get_threshold()[0] == YOUNG
    circle: list[object] = []
    circle.append(circle)
    del circle
    assert gc.collect() >= 1


async def test_everything_made_since_is_looked_through_again_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(collector, "EVERY_S", 0.01)
    settle()
    gc.disable()  # by itself it would not come to it
    tidying = asyncio.create_task(tidy())
    for _ in range(2):
        gone, circle = asyncio.Event(), _Circle()
        weakref.finalize(circle, gone.set)
        del circle
        await asyncio.wait_for(gone.wait(), 60)
    tidying.cancel()


class _Circle:
    def __init__(self) -> None:
        self.itself = self
