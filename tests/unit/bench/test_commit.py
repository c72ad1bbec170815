"""A result says of which code it is, and whether that is the code of now."""

from __future__ import annotations

import subprocess
from pathlib import Path

import compare
import pytest
from comparison import commit


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for place in ("docs", "bench"):
        (tmp_path / place).mkdir()
    (tmp_path / "code.py").write_text("one", encoding="utf-8")
    (tmp_path / "docs/comparison.json").write_text("{}", encoding="utf-8")
    (tmp_path / "bench/bars.toml").write_text("", encoding="utf-8")
    git(tmp_path, "init", "-q")
    committed(tmp_path)
    return tmp_path


def git(root: Path, *words: str) -> None:
    subprocess.run(["git", "-C", str(root), "-c", "user.name=a", "-c", "user.email=a@example.vn", *words], check=True)


def committed(root: Path) -> None:
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "more")


def is_todays(measured: str, root: Path) -> bool:
    commit.is_todays.cache_clear()
    return commit.is_todays(measured, root)


def test_what_is_written_because_of_a_result_leaves_it_todays(repository: Path) -> None:
    measured = commit.now(repository)
    (repository / "docs/comparison.json").write_text("[]", encoding="utf-8")
    (repository / "bench/bars.toml").write_text("# higher", encoding="utf-8")
    assert commit.now(repository) == measured
    assert is_todays(measured, repository)
    committed(repository)
    assert commit.now(repository) != measured
    assert is_todays(measured, repository)


def test_other_code_is_not_todays(repository: Path) -> None:
    measured = commit.now(repository)
    (repository / "code.py").write_text("two", encoding="utf-8")
    assert not is_todays(measured, repository)
    committed(repository)
    assert not is_todays(measured, repository)


def test_changes_in_no_commit_are_named_and_are_never_todays(repository: Path) -> None:
    (repository / "more.py").write_text("new", encoding="utf-8")
    measured = commit.now(repository)
    assert measured.endswith("+changes")
    assert commit.short(measured) == measured.removeprefix(commit.GIT)[:10] + "+changes"
    assert not is_todays(measured, repository)
    committed(repository)
    assert not is_todays(measured, repository)


def test_without_a_repository_no_commit_is_told(tmp_path: Path) -> None:
    assert commit.now(tmp_path) == ""
    assert not is_todays("", tmp_path)
    assert not is_todays("0" * 40, tmp_path)


def test_a_check_on_results_of_other_code_fails_unless_it_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    bars = tmp_path / "bars.toml"
    bars.write_text('[[aim]]\ncase = "citizen"\nfigure = "rate"\nbar = 1\nasked = "one"\n', encoding="utf-8")
    monkeypatch.setattr(compare, "BARS", bars)
    case = '{"on": "2026-11-29", "machine": "m", "subjects": {"gateway": {"median": {"rate": 2}}}}'
    (tmp_path / "comparison.json").write_text(f'{{"cases": {{"citizen": {case}}}}}', encoding="utf-8")
    assert compare.check(tmp_path, of_any_commit=True) == 0
    assert compare.check(tmp_path, of_any_commit=False) == 1
    assert "OTHER  citizen: 2026-11-29, of no commit" in capsys.readouterr().out
