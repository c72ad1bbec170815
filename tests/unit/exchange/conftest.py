"""A mapping for the echo, and the event loops."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from wire_house import LOOPS

from gateway.mapping.engine import Mappings
from gateway.mapping.load import load


@pytest.fixture
def mappings(tmp_path: Any) -> Mappings:
    for operation in ("look", "submit"):
        text = f"system: {tmp_path.name}\noperation: {operation}\nversion: 4\ntitle: t\nrequest: [{{to: a, from: a}}]\n"
        (tmp_path / f"{operation}.yaml").write_text(text + "reply: [{to: said, from: said, required: true}]\n")
    return load(tmp_path)


@pytest.fixture(params=LOOPS)
def run(request: pytest.FixtureRequest) -> Iterator[Callable[[Coroutine[Any, Any, Any]], Any]]:
    """Runs a coroutine on each of the event loops that the gateway can have."""
    with asyncio.Runner(loop_factory=LOOPS[request.param]) as runner:
        yield runner.run
