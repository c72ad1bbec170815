"""`make bench`: every part is run, what fails is named, and where results stand is told."""

from __future__ import annotations

import argparse
import importlib
import sys
from pathlib import Path
from typing import Any

import compare
import everything
import pytest
from comparison import slow_target
from comparison.running import Plan
from comparison.subjects import GATEWAY
from repository import ROOT

BENCHES = sorted(file.stem for file in (ROOT / "bench").glob("*.py"))


@pytest.mark.parametrize("name", BENCHES)
def test_each_bench_can_be_loaded(name: str) -> None:
    assert importlib.import_module(name)


def test_every_part_is_a_bench() -> None:
    assert everything.PARTS.keys() <= set(BENCHES)


def part(folder: Path, code: str) -> everything.Ended:
    (folder / "part.py").write_text(code, encoding="utf-8")
    results = folder / "results"
    results.mkdir(exist_ok=True)
    return everything.run("part", ["--write", str(results)], folder=folder, to=results)


def test_what_a_part_prints_and_writes_is_kept_and_named(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    code = "import sys, pathlib; print('a figure'); (pathlib.Path(sys.argv[2]) / 'part.json').write_text('{}')"
    ended = part(tmp_path, code)
    assert (ended.failure, list(ended.files)) == ("", ["part.json", "part.txt"])
    assert (tmp_path / "results/part.txt").read_text() == "a figure\n"
    assert "a figure" in capfd.readouterr().out


def test_a_part_that_fails_is_told_with_how_it_ended(tmp_path: Path) -> None:
    assert part(tmp_path, "raise SystemExit(3)").failure == "it ended with 3"


def test_the_summary_names_every_part_and_those_that_failed() -> None:
    good = everything.Ended("lag", "", 61.5, ("delivery-lag.json",))
    bad = everything.Ended("curves", "it ended with 1", 5.0, ())
    lines = list(everything.summary([good, bad], of=3))
    assert [line.split()[:3] for line in lines[:2]] == [["lag", "1:01", "ok"], ["curves", "0:05", "FAILED"]]
    assert lines[2] == "2 of 3 parts in 1:06 minutes, FAILED: curves"
    assert ".run/bench" in lines[3]


def test_all_goes_on_after_a_failure_and_ends_with_1(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def run(name: str, sizes: Any) -> everything.Ended:
        asked.append(name)
        return everything.Ended(name, "it ended with 1" if name == "steps" else "", 1.0, ())

    monkeypatch.setattr(everything, "run", run)
    monkeypatch.setattr(sys, "argv", ["everything.py", "--parts", "steps", "lag", "startup"])
    assert everything.main() == 1
    assert asked == ["startup", "steps", "lag"]


def test_options_of_a_part_are_taken_where_one_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["everything.py", "--parts", "compare", "--rounds", "7"])
    assert everything._options() == (["compare"], ["--rounds", "7"])
    monkeypatch.setattr(sys, "argv", ["everything.py", "--rounds", "7"])
    with pytest.raises(SystemExit):
        everything._options()


def test_a_case_that_we_left_fails_the_comparison(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def events(options: Any, plan: Any, *, say: Any, done: Any) -> None:
        case = {"title": "", "work": "", "lines": 0, "shown": "rate", "subjects": {}}
        done("intake", {**case, "absent": {GATEWAY: "left in round 1: wrong"}})

    monkeypatch.setattr(compare, "_events", events)
    monkeypatch.setattr(
        compare,
        "_options",
        lambda: argparse.Namespace(
            cases=[], subjects=None, rounds=1, seconds=1.0, warm=0.0, write=tmp_path, check=False, check_only=False,
            record=False, lower=None, of_any_commit=False,
        ),
    )  # fmt: skip
    assert compare.main() == 1


@pytest.mark.parametrize(("said", "rounds"), [(1, 1), (3, 1), (7, 2), (9, 3), (30, 5)])
def test_the_slow_target_has_a_third_of_the_rounds(said: int, rounds: int) -> None:
    assert slow_target.rounds_of(Plan(rounds=said)) == rounds
