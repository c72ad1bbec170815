"""What the benches of delivery count: work of a process that was there before it, and the table that they write."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import delivery
import pytest
from comparison import machine
from curving import page
from repository import ROOT

from gateway.delivery.model import StreamKey
from gateway.domain import Context
from gateway.sdk import Call

BEGINS_S, WORKS_S = 0.8, 0.3
STARTS_AND_WORKS = f"""
import sys, time

def burn(seconds):
    end = time.process_time() + seconds
    while time.process_time() < end:
        pass

burn({BEGINS_S})
for _ in sys.stdin:
    burn({WORKS_S})
"""
FOREVER = "while True: pass"


@contextmanager
def running(program: str) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def test_the_start_of_a_process_is_no_part_of_its_work_and_all_of_its_work_is() -> None:
    with running(STARTS_AND_WORKS) as process:

        def work() -> None:
            assert process.stdin
            process.stdin.write("now\n")
            process.stdin.flush()

        spent = machine.spent_s(process.pid, work)
        assert spent == pytest.approx(WORKS_S, abs=0.1)
        assert machine.tree_cpu_s(process.pid) > BEGINS_S + WORKS_S - 0.05  # the kernel counts in hundredths


def test_a_process_that_never_rests_is_waited_for_in_vain() -> None:
    with running(FOREVER) as process, pytest.raises(SystemExit, match="still works"):
        machine.until_idle(process.pid, span_s=0.2, share=0.001, patience_s=0.1)


async def test_a_message_before_its_turn_ends_the_run_of_the_queue() -> None:
    targets, stream = delivery.Targets(until=3), StreamKey(tenant="BENCH", target="alive", key="r1/1")
    context = Context(tenant="BENCH", actor="bench", trace_id="", traceparent="")
    calls = [Call(operation="sync", body={}, call_id=f"C{number}", at=delivery.now()) for number in range(3)]
    await targets.deliver(stream, calls[0], context=context)
    for wrong in (calls[0], calls[2]):
        with pytest.raises(SystemExit, match="came as number 1 of r1/1"):
            await targets.deliver(stream, wrong, context=context)


TOLD: dict[str, Any] = {
    "on": "2026-11-29",
    "machine": "2 cores",
    "load_before": 0.2,
    "load_after": 1.1,
    "options": {"rounds": 5, "streams": 2000, "messages": 4},
    "queues": {
        0: {"rate": 6000.0, "worker_ms": 0.1, "postgres_ms": 0.08},
        100_000: {"rate": 4500.0, "worker_ms": 0.1, "postgres_ms": 0.09},
    },
    "plain": {1: 2000.0, 20: 24_000.0},
}


def test_the_table_of_the_queue_is_written_where_the_page_has_a_place_for_it(tmp_path: Path) -> None:
    there = (ROOT / "docs" / page.PERFORMANCE).read_text()
    (tmp_path / page.PERFORMANCE).write_text(there)
    page.fill(tmp_path, {"delivery": delivery.table(TOLD)}, name=page.PERFORMANCE)
    written = (tmp_path / page.PERFORMANCE).read_text()
    assert "| 100,000 | 4,500 | 0.100, 0.090 |" in written
    assert (
        "3.00 times as many as the plain loop with 1 a commit and 0.25 times as many as the plain loop with 20 a commit"
        in written
    )
    assert "behind the most due dossiers 0.75 of what it does without" in written
    assert "medians of 5 rounds of 8,000 messages" in written
    assert "PROVISIONAL" not in written.partition("<!-- delivery -->")[2].partition("<!-- /delivery -->")[0]
    assert len(written.split("<!-- delivery -->")) == 2
    outside = [text.partition("<!-- delivery -->")[0] for text in (there, written)]
    assert outside[0] == outside[1]


def test_a_table_of_a_busy_machine_says_so() -> None:
    assert "PROVISIONAL" in delivery.table({**TOLD, "load_before": 7.0})
