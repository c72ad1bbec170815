"""Finds the mocks by their folders: `mocks/<id>/app.py` is a mock, and nothing else has to be said."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import mocks


def discover() -> dict[str, ModuleType]:
    """The `app` module of every mock by its id, in alphabetical order. Each has `PORT` and `create_app(settings)`."""
    folders = sorted(path.parent for root in mocks.__path__ for path in Path(root).glob("*/app.py"))
    return {
        folder.name: importlib.import_module(f"mocks.{folder.name}.app")
        for folder in folders
        if not folder.name.startswith("_")
    }
