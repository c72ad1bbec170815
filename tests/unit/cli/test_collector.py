"""What the garbage collector is told."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from gateway.cli.collector import YOUNG, settle


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
