"""Evidence on the command line: packages, proofs, and checking them without anything of ours."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Run, typed
from postgres import reachable_folder

ROOT = Path(__file__).parents[3]
ALONE = """
import sys
from pathlib import Path
from gateway.audit import package_check

verdict = package_check.check(Path(sys.argv[1]).read_bytes(), key=sys.argv[2])
print(*(sentence.vi for sentence in verdict.proven))
assert not [name for name in sys.modules if name.startswith(("gateway.bootstrap", "gateway.settings", "psycopg"))]
sys.exit(0 if verdict.sound else 1)
"""


@pytest.fixture(scope="module")
def lienthong(database_url: str) -> Iterator[Run]:
    with reachable_folder() as state:
        yield typed(database_url, state)


@pytest.fixture(scope="module")
def key(lienthong: Run) -> str:
    lienthong("clients", "add", "kiem-toan", "--scope", "dossiers:read")
    return lienthong("audit", "key").stdout.strip()


def test_a_package_is_exported_and_checked_with_nothing_of_ours(lienthong: Run, key: str, tmp_path: Path) -> None:
    """SEC-09 (part): the check knows neither settings nor keys nor a database."""
    package = tmp_path / "goi.zip"
    made = lienthong("audit", "export", str(package), "--index", "0")
    assert made.returncode == 0, made.stderr
    program = [sys.executable, "-c", ALONE, str(package), key]
    alone = {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"}
    done = subprocess.run(program, cwd=ROOT, capture_output=True, encoding="utf-8", check=False, env=alone)
    assert done.returncode == 0, done.stderr
    assert "Dòng 0 nằm trong nhật ký" in done.stdout
    nothing = {"LIENTHONG_CONFIG": "/none", "LIENTHONG_DATABASE_URL": "none", "LIENTHONG_STATE": "/none"}
    checked = lienthong("audit", "check", str(package), "--key", key, **nothing)
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
