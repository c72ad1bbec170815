"""Every field of every mapping says whether it is a person's (PDP-06)."""

from __future__ import annotations

from pathlib import Path

import pytest

from gateway.mapping.load import load
from gateway.mapping.model import Direction
from gateway.privacy.kinds import load_kinds

FOLDERS = sorted(path for path in (Path(__file__).parents[2] / "mappings").iterdir() if path.is_dir())


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.name)
def test_no_field_is_left_unclassified(folder: Path) -> None:
    """PDP-06 (part): a new field is looked at before it is used."""
    own = folder / "privacy" / "fields.yaml"
    kinds, mappings = load_kinds(*([own] if own.exists() else [])), load(folder)
    for operation in mappings.operations:
        fields = mappings.fields(operation, Direction.REQUEST) | mappings.fields(operation, Direction.REPLY)
        assert kinds.unclassified(fields, operation=operation) == [], operation
