"""Reads a mock's made-up records: `scenarios.yaml` beside its `app.py`."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml


def load(app_file: str) -> dict[str, Any]:
    """The scenarios of the mock whose `app.py` is `app_file` (pass `__file__`)."""
    text = Path(app_file).with_name("scenarios.yaml").read_text(encoding="utf-8")
    scenarios: dict[str, Any] = yaml.safe_load(text)
    return scenarios
