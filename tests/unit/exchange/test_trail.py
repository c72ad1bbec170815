"""Bodies of our own vocabulary, as evidence keeps them."""

from __future__ import annotations

import json
from collections import OrderedDict
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple

import pytest

from gateway.exchange.trail import _json


class Kind(StrEnum):
    PERSON = "person"


class Level(IntEnum):
    HIGH = 3


class Pair(NamedTuple):
    left: int
    right: str


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ({"tên": "Trần", "n": [1, None, True]}, {"tên": "Trần", "n": [1, None, True]}),
        ({"at": datetime(2026, 11, 23, 2, tzinfo=UTC)}, {"at": "2026-11-23 02:00:00+00:00"}),
        ({"on": date(1985, 6, 15), "fee": Decimal("1.50")}, {"on": "1985-06-15", "fee": "1.50"}),
        (MappingProxyType({"a": OrderedDict(b=1)}), {"a": {"b": 1}}),
        ([Kind.PERSON, Level.HIGH, Pair(1, "x"), (1, 2)], ["person", 3, [1, "x"], [1, 2]]),
        ({"big": 10**30}, {"big": 10**30}),
        ({1: "a number as a key"}, {"1": "a number as a key"}),
    ],
)
def test_a_body_is_kept_with_the_values_that_it_has(value: Any, told: Any) -> None:
    assert json.loads(_json(value)) == told
