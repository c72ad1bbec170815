"""Ids in base 36."""

from __future__ import annotations

from collections import Counter

import pytest
from services import NOW

from gateway.exchange.ids import encoded, new_id


@pytest.mark.parametrize("width", [1, 2, 3, 8, 9, 11, 20])
@pytest.mark.parametrize("number", [0, 1, 35, 36, 37, 1295, 1296, 36**8 + 5, 36**20 - 1, 1_795_000_000_000])
def test_the_last_digits_are_those_of_the_number(number: int, width: int) -> None:
    text = encoded(number, width)
    assert len(text) == width
    assert int(text, 36) == number % 36**width
    assert text == text.upper()


def test_all_digits_of_chance_come_and_none_more_often_than_others() -> None:
    ids = [new_id(NOW) for _ in range(4000)]
    assert len(set(ids)) == len(ids)
    counts = Counter(digit for name in ids for digit in name[-11:])
    assert len(counts) == 36
    assert all(abs(count - 4000 * 11 / 36) < 300 for count in counts.values())  # more than eight standard deviations
