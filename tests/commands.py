"""The command line as an operator types it, before a database that is already there."""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

Run = Callable[..., "subprocess.CompletedProcess[str]"]
COLUMNS = "250"
FORKING = Path(__file__).with_name("forking.py")
SHOW = 'cat "$0"; cat "$1" >&2; exit "$2"'
"""A process that says what the command said: who watches what processes say (`leak_watch`) sees it."""


def typed(database_url: str, state: Path, **settings: str) -> Run:
    """Runs `lienthong …`; `settings` are environment variables, and each run may bring more of them. `stdin`: what is
    answered where a command asks."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
    environment = {
        **ours,
        "LIENTHONG_DATABASE_URL": database_url,
        "LIENTHONG_STATE": str(state),
        "LIENTHONG_SANDBOX": "true",
        "COLUMNS": COLUMNS,
        **settings,
    }

    def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        return _run(list(map(str, arguments)), {**environment, **more}, stdin)

    return run


def _run(arguments: list[str], environment: dict[str, str], stdin: str) -> subprocess.CompletedProcess[str]:
    if environment["COLUMNS"] != COLUMNS:  # the width is read when the terminal is first thought of
        command = [sys.executable, "-m", "gateway.cli", *arguments]
        return subprocess.run(
            command, env=environment, input=stdin, capture_output=True, text=True, check=False, timeout=120
        )
    with TemporaryDirectory() as name:
        files = {stream: Path(name) / stream for stream in ("stdin", "stdout", "stderr")}
        for stream, file in files.items():
            file.write_text(stdin if stream == "stdin" else "")
        code = _forked({"arguments": arguments, "environment": environment, **{s: str(f) for s, f in files.items()}})
        said = ["sh", "-c", SHOW, str(files["stdout"]), str(files["stderr"]), str(code % 256)]
        return subprocess.run(said, capture_output=True, text=True, check=False)


def _forked(job: dict[str, Any]) -> int:
    server = _server()
    assert server.stdin is not None
    assert server.stdout is not None
    server.stdin.write(json.dumps(job) + "\n")
    server.stdin.flush()
    return int(server.stdout.readline())


@cache
def _server() -> subprocess.Popen[str]:
    """For as long as the tests run."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
    server = subprocess.Popen(
        [sys.executable, str(FORKING)],
        env={**environment, "COLUMNS": COLUMNS},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    atexit.register(_end, server)
    return server


def _end(server: subprocess.Popen[str]) -> None:
    server.kill()
    server.communicate()
