"""A process of the province loads what it serves with, and nothing of the command line."""

from __future__ import annotations

import subprocess
import sys

LOADED = "import sys, gateway.cli.processes, gateway.cli.serve; print(*sys.modules)"
LATER = {"typer", "gateway.cli.main", "reportlab", "pyhanko", "jinja2", "prometheus_client"}
"""What takes long to load, and is loaded by whoever needs it."""


def test_a_process_begins_with_what_it_serves_with() -> None:
    said = subprocess.run([sys.executable, "-c", LOADED], capture_output=True, text=True, check=True, timeout=120)
    loaded = set(said.stdout.split())
    assert "gateway.api.app" in loaded
    assert not loaded & LATER


def test_what_cannot_run_is_told_in_two_sentences() -> None:
    """The collector waits meanwhile; that hides no error."""
    said = subprocess.run(
        [sys.executable, "-m", "gateway.cli", "api"],
        env={"LIENTHONG_DATABASE__POOL_SIZE": "none", "PYTHONPATH": ":".join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert said.returncode == 2
    assert "Traceback" not in said.stderr
    assert len(said.stderr.splitlines()) >= 2
