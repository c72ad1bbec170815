"""The made-up mapping of the system that is tried."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.mapping import load
from gateway.mapping.engine import Mappings


@pytest.fixture
def mappings(tmp_path: Any) -> Mappings:
    return load(tmp_path)
