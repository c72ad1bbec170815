"""Ids of clients: what the log calls others by is nobody's."""

from __future__ import annotations

import pytest

from gateway.clients.authenticate import CLIENT_ID


@pytest.mark.parametrize("name", ["unknown", "worker", "gateway", "", "-a", "Motcua", "a" * 41, "a\n"])
def test_names_that_no_client_may_have(name: str) -> None:
    """SEC-04 (part): a leaf says who acted, and nobody acts under a name that stands for a stranger."""
    assert not CLIENT_ID.fullmatch(name)


@pytest.mark.parametrize("name", ["motcua", "motcua-2", "unknown-2", "workers", "a"])
def test_names_that_a_client_may_have(name: str) -> None:
    assert CLIENT_ID.fullmatch(name)
