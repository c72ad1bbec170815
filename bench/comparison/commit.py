"""Which code a result is of. What is written down (`docs`, the bars) is no code: it changes because of a result."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
CODE = (".", ":!docs", ":!bench/bars.toml", ":!README.md")
CHANGED = "+changes"
GIT = "git:"
"""Begins what is written down: a bare hash looks like a secret to those who look for them (`tests/house`)."""


def now(root: Path = ROOT) -> str:
    """The commit that is checked out, with `+changes` where the code differs from it; empty: git does not say."""
    head = _git(root, "rev-parse", "HEAD")
    if head is None:
        return ""
    return GIT + head + (CHANGED if _git(root, "status", "--porcelain", "--", *CODE) else "")


@cache
def is_todays(commit: str, root: Path = ROOT) -> bool:
    """Whether the code is the same now. Nobody knows of changes that were in no commit, so what was measured with them
    is not."""
    if not commit or commit.endswith(CHANGED) or _git(root, "status", "--porcelain", "--", *CODE):
        return False
    return _git(root, "diff", "--name-only", commit.removeprefix(GIT), "--", *CODE) == ""


def short(commit: str) -> str:
    """As people read it."""
    return commit.removeprefix(GIT)[:10] + (CHANGED if commit.endswith(CHANGED) else "")


def origin(found: Mapping[str, Any]) -> str:
    """Of a result: its day, code and machine. Those of old name no commit."""
    return ", ".join(filter(None, (found["on"], short(found.get("commit", "")), found["machine"])))


def _git(root: Path, *words: str) -> str | None:
    """None: there is no git, no repository, or no such commit."""
    try:
        done = subprocess.run(["git", "-C", str(root), *words], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()
