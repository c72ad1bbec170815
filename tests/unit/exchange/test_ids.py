"""Ids in base 36."""

from __future__ import annotations

import pytest

from gateway.exchange.ids import encoded


@pytest.mark.parametrize("width", [1, 2, 3, 8, 9, 11, 20])
@pytest.mark.parametrize("number", [0, 1, 35, 36, 37, 1295, 1296, 36**8 + 5, 36**20 - 1, 1_795_000_000_000])
def test_the_last_digits_are_those_of_the_number(number: int, width: int) -> None:
    text = encoded(number, width)
    assert len(text) == width
    assert int(text, 36) == number % 36**width
    assert text == text.upper()
