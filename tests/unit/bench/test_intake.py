"""The intake bench writes its table where the old one stands, and nowhere else."""

from __future__ import annotations

import argparse
from dataclasses import asdict, replace
from pathlib import Path

import intake
import pytest

FOUND = intake.Found(requests=1000, rate=1700.4, p50_ms=30.0, p99_ms=51.2, api=0.731, postgres=0.268)


def options(**more: object) -> argparse.Namespace:
    return argparse.Namespace(**{"lines": 64, "dossiers": 500, "rounds": 3, **more})


def test_the_table_is_filled_between_its_marks(tmp_path: Path) -> None:
    page = tmp_path / "performance.md"
    page.write_text("before\n<!-- intake -->\n\nold\n\n<!-- /intake -->\nafter\n", encoding="utf-8")
    row = {"apis": 2, "batch": 10, "lines": 64, "plain": 3400.8, **asdict(FOUND)}
    found = {"on": "2026-11-29", "machine": "2 cores", "load_before": 0.4, "rows": [row]}
    intake._write(options(write=tmp_path), found)
    text = page.read_text(encoding="utf-8")
    assert text.startswith("before\n<!-- intake -->\n\n| API processes |")
    assert "| 2 | 10 | 64 | 1,700 | 30.0, 51.2 | 0.73, 0.27 ms | 0.50 of 3,401/s |\n" in text
    assert text.endswith("<!-- /intake -->\nafter\n")
    assert "old" not in text
    assert "PROVISIONAL" not in text
    assert (tmp_path / "intake.json").exists()


def test_of_a_few_requests_no_p99_is_told() -> None:
    row = {"apis": 2, "batch": 500, "lines": 2, "plain": 3400.8, **asdict(replace(FOUND, requests=24))}
    assert "| 30.0, – |" in intake._line(row)


def test_a_round_on_a_busy_machine_is_called_provisional() -> None:
    found = {"on": "", "machine": "", "load_before": 9.0, "load_after": 9.0, "rounds": 3, "rows": []}
    assert "PROVISIONAL" in "\n".join(intake._table(found))


def test_medians_are_taken_of_each_figure() -> None:
    slow = intake.Found(requests=1000, rate=1.0, p50_ms=90.0, p99_ms=90.0, api=0.1, postgres=9.0)
    fast = intake.Found(requests=1000, rate=2000.0, p50_ms=1.0, p99_ms=1.0, api=0.9, postgres=0.1)
    assert intake._medians([slow, FOUND, fast]) == FOUND


@pytest.mark.parametrize(("batch", "apis", "lines"), [(1, 2, 64), (10, 2, 24), (100, 1, 2), (500, 2, 2), (500, 1, 1)])
def test_no_two_events_of_a_dossier_are_on_their_way(batch: int, apis: int, lines: int) -> None:
    assert intake.Size.of(options(), apis=apis, batch=batch).lines == lines
