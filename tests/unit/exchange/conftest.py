"""A mapping for the echo."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.mapping.engine import Mappings
from gateway.mapping.load import load


@pytest.fixture
def mappings(tmp_path: Any) -> Mappings:
    for operation in ("look", "submit"):
        text = f"system: {tmp_path.name}\noperation: {operation}\nversion: 4\ntitle: t\nrequest: [{{to: a, from: a}}]\n"
        (tmp_path / f"{operation}.yaml").write_text(text + "reply: [{to: said, from: said, required: true}]\n")
    return load(tmp_path)
