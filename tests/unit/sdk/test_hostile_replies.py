"""Replies that mean harm are refused within bounds of time and memory; honest ones of the same size are read."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

SCRIPT = Path(__file__).with_name("hostile_replies.py")
LONGEST_CPU_S = 2.0
MOST_MB = 200


@pytest.fixture(scope="module")
def listener() -> Any:
    """Where an external entity would be fetched from."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.setblocking(False)
        yield listening


@pytest.fixture(scope="module")
def judged(listener: socket.socket) -> dict[str, Any]:
    """All of them, in a process of its own whose memory can be measured."""
    address = f"http://127.0.0.1:{listener.getsockname()[1]}/"
    done = subprocess.run([sys.executable, str(SCRIPT), address], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_harm_is_refused_and_what_is_only_large_is_read(judged: dict[str, Any]) -> None:
    """XML bombs, external entities, DTDs, 50 MB, deep nesting, floods of elements, attributes and namespaces; JSON."""
    wrong = {
        name: case["outcome"]
        for name, case in judged["cases"].items()
        if case["outcome"] != ("read" if name.startswith("ok") else "refused")
    }
    assert wrong == {}
    assert len(judged["cases"]) > 35


def test_none_costs_much_time(judged: dict[str, Any]) -> None:
    slow = {name: case["cpu_s"] for name, case in judged["cases"].items() if case["cpu_s"] > LONGEST_CPU_S}
    assert slow == {}


def test_all_of_them_together_never_take_much_memory(judged: dict[str, Any]) -> None:
    assert judged["grown_mb"] < MOST_MB


def test_nothing_outside_was_asked_for(judged: dict[str, Any], listener: socket.socket) -> None:
    with pytest.raises(BlockingIOError):
        listener.accept()
