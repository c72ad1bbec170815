"""What every written result begins with, and where and how it is written."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from comparison import commit, machine, running

RESULTS = Path(__file__).resolve().parents[1] / ".run/bench"


def say(words: str) -> None:
    """What goes on, beside the result."""
    print(words, file=sys.stderr, flush=True)


def head() -> dict[str, Any]:
    """Day, commit, machine, and its load as something begins to be measured."""
    on = datetime.now(UTC).date().isoformat()
    return {"on": on, "commit": commit.now(), "machine": machine.words_of(), "load_before": running.load_now()}


def kept(path: Path) -> dict[str, Any]:
    """What was written there before; nothing: empty."""
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return found


def write(path: Path, found: Mapping[str, Any]) -> None:
    """As JSON, in a folder that need not be there yet."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
