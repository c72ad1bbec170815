"""Finds the mocks by their folders: `mocks/<id>/app.py` is a mock, and nothing else has to be said."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import mocks


def names() -> list[str]:
    """The id of every mock, in alphabetical order."""
    folders = {path.parent.name for root in mocks.__path__ for path in Path(root).glob("*/app.py")}
    return sorted(name for name in folders if not name.startswith("_"))


def discover() -> dict[str, ModuleType]:
    """The `app` module of every mock by its id, in alphabetical order. Each has `PORT` and `create_app(settings)`."""
    return {name: importlib.import_module(f"mocks.{name}.app") for name in names()}
