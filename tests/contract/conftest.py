"""The same cases run on the store in memory and on PostgreSQL."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.signing import Keyring


@pytest.fixture(scope="session")
def keyring() -> Keyring:
    return Keyring.ephemeral()


@pytest.fixture(params=["memory", "postgres"])
def on(request: pytest.FixtureRequest) -> Any:
    """None for memory, the database for PostgreSQL (which starts only then)."""
    if request.param == "memory":
        return None
    return request.getfixturevalue("database")
