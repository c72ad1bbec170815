"""Evidence on the command line: packages, proofs, and checking them without anything of ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Protocol

import pytest

ROOT = Path(__file__).parents[3]


class Run(Protocol):
    def __call__(self, *arguments: str) -> subprocess.CompletedProcess[str]: ...


@pytest.fixture
def key(lienthong: Run) -> str:
    lienthong("clients", "add", "kiem-toan", "--scope", "dossiers:read")
    return lienthong("audit", "key").stdout.strip()


def test_a_package_is_exported_and_checked_with_nothing_of_ours(lienthong: Run, key: str, tmp_path: Path) -> None:
    """SEC-09 (part): the check knows neither settings nor keys nor a database."""
    package = tmp_path / "goi.zip"
    made = lienthong("audit", "export", str(package), "--index", "0")
    assert made.returncode == 0, made.stderr
    code = (
        f"import sys; from gateway.cli.audit_check import check, told, read; from gateway.audit import package_check; \
v = package_check.check(read(__import__('pathlib').Path({str(package)!r})), key={key!r}); print(told(v)); \
assert not any(n.startswith(('gateway.bootstrap', 'gateway.settings', 'psycopg')) for n in sys.modules); \
sys.exit(0 if v.sound else 1)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"},
    )
    assert done.returncode == 0, done.stderr
    assert "Dòng 0 nằm trong nhật ký" in done.stdout
    checked = lienthong("audit", "check", str(package), "--key", key)
    assert (checked.returncode, "SOUND" in checked.stdout) == (0, True)
    raw = package.read_bytes()
    package.write_bytes(raw.replace(b"leaves/0.json", b"leaves/9.json"))
    assert lienthong("audit", "check", str(package), "--key", key).returncode == 1
    script = [sys.executable, "-I", str(ROOT / "docs" / "verify_evidence.py"), str(package), "--key", key]
    assert subprocess.run(script, capture_output=True, check=False).returncode == 1
    package.write_bytes(raw)
    assert subprocess.run(script, capture_output=True, check=False).returncode == 0


def test_contents_do_not_leave_without_an_operator_and_an_approval(lienthong: Run, key: str, tmp_path: Path) -> None:
    """PDP-13 (part)."""
    package = tmp_path / "goi.zip"
    refused = lienthong("audit", "export", str(package), "--index", "0", "--bodies")
    assert (refused.returncode, "caller.right" in refused.stderr) == (2, True)
    assert not package.exists()


def test_nothing_named_exports_nothing(lienthong: Run, key: str, tmp_path: Path) -> None:
    assert "caller.no_rows" in lienthong("audit", "export", str(tmp_path / "x.zip")).stderr
    assert "caller.not_found" in lienthong("audit", "export", str(tmp_path / "x.zip"), "--reference", "none").stderr


def test_proofs_are_shown_and_hold(lienthong: Run, key: str, tmp_path: Path) -> None:
    proved = lienthong("audit", "prove", "0")
    assert (proved.returncode, "holds" in proved.stderr) == (0, True), proved.stderr
    grown = lienthong("audit", "consistency", "1")
    assert (grown.returncode, "holds" in grown.stderr) == (0, True), grown.stderr
    note = tmp_path / "note.txt"
    note.write_text(lienthong("audit", "checkpoint").stdout, encoding="utf-8")
    copy = tmp_path / "copy.jsonl"
    assert lienthong("audit", "copy", str(copy)).returncode == 0
    kept = lienthong("audit", "verify", "--file", str(copy), "--key", key, "--known", str(note))
    assert kept.returncode == 0, kept.stdout
    assert lienthong("audit", "verify", "--known", str(note)).returncode == 0
