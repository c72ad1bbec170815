"""What the leaf of a page names."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest

from gateway.console.visit import Visit


@dataclass
class Asked:
    """As much of a request as is looked at."""

    state: Any = field(default_factory=SimpleNamespace)


def named(reference: str) -> str:
    request: Any = Asked()
    nobody: Any = None
    Visit(request=request, desk=nobody, operator=nobody, context=nobody).about(reference)
    return getattr(request.state, "reference", "")


@pytest.mark.parametrize(
    "reference",
    [
        "H99-261129-0001",
        "99-261129-0001",
        "000.00.15.H99-20261129-0001",
        "operator:an",
        "log_review:2026-W48",
        "population/verify",
        "2026-11-29",
    ],
)
def test_a_code_is_named(reference: str) -> None:
    assert named(reference) == reference


@pytest.mark.parametrize(
    "reference",
    ["Nguyễn Thị Mẫu", "mau@example.vn", "099203001234", "099 203 001 234", "099.203.001.234", "a\0b", "x" * 201, ""],
)
def test_what_may_be_of_a_person_is_not_named(reference: str) -> None:
    """PDP-03 (part)."""
    assert named(reference) == ""
