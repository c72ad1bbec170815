"""Whose data stand in bytes of any vocabulary."""

from __future__ import annotations

import json

import pytest

from gateway.privacy.people import people_of

NUMBER, OTHER, OLD = "099203001234", "099185000001", "099000111"


@pytest.mark.parametrize(
    ("content", "people"),
    [
        (json.dumps({"SoDinhDanh": NUMBER}), (NUMBER,)),
        (json.dumps({"ghi_chu": f"CCCD {NUMBER}, trước là {OTHER}."}), (NUMBER, OTHER)),
        (json.dumps({"personal_id": OLD, "so_tien": 123456789}), (OLD,)),
        (f"<a so='{NUMBER}'/>", (NUMBER,)),
        (f"so={NUMBER}&x=1", (NUMBER,)),
        ("1" * 13, ()),
        ("[" * 100_000, ()),
    ],
)
def test_a_number_is_found_wherever_it_stands(content: str, people: tuple[str, ...]) -> None:
    """PDP-03 (part)."""
    assert people_of([content.encode(), b"\xff\xfe"]) == people
