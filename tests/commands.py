"""The command line as an operator types it, before a database that is already there."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

Run = Callable[..., "subprocess.CompletedProcess[str]"]


def typed(database_url: str, state: Path, **settings: str) -> Run:
    """Runs `lienthong …`; `settings` are environment variables, and each run may bring more of them. `stdin`: what is
    answered where a command asks."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
    environment = {
        **ours,
        "LIENTHONG_DATABASE_URL": database_url,
        "LIENTHONG_STATE": str(state),
        "LIENTHONG_SANDBOX": "true",
        "COLUMNS": "250",
        **settings,
    }

    def run(*arguments: str, stdin: str = "", **more: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "gateway.cli", *arguments]
        return subprocess.run(
            command, env={**environment, **more}, input=stdin, capture_output=True, text=True, check=False, timeout=60
        )

    return run
