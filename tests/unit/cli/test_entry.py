"""A process of the province loads what it serves with, and nothing of the command line."""

from __future__ import annotations

import subprocess
import sys

WORKER = "import sys, gateway.cli.processes, gateway.cli.serve, gateway.bootstrap.working; print(*sys.modules)"
API = "import sys, gateway.cli.processes, gateway.cli.serve, gateway.cli.application; print(*sys.modules)"
LATER = {"typer", "gateway.cli.main", "reportlab", "pyhanko", "jinja2", "prometheus_client"}
"""What takes long to load, and is loaded by whoever needs it."""


def test_a_process_begins_with_what_it_serves_with() -> None:
    api = loaded(API)
    assert "gateway.api.app" in api
    assert not api & LATER


def test_a_worker_answers_nobody() -> None:
    assert not loaded(WORKER) & {"fastapi", "gateway.api.app", "gateway.console.desk"}


def loaded(program: str) -> set[str]:
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120)
    return set(said.stdout.split())


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
