"""Call ids and payment references: 20 characters `[0-9A-Z]`, unique, roughly in order of time."""

from __future__ import annotations

import os
from datetime import datetime

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
_TIME, _CHANCE = 9, 11
_CHANCES = 36**_CHANCE
_DRAWN = 10
"""Bytes of chance for one of `_CHANCES`: 23 bits more than it takes, so all are equally likely to a ten-millionth."""


def new_id(now: datetime) -> str:
    """Nine characters of milliseconds (good until the year 5188), eleven of chance (57 bits)."""
    chance = int.from_bytes(os.urandom(_DRAWN), "big") % _CHANCES
    return encoded(int(now.timestamp() * 1000), _TIME) + encoded(chance, _CHANCE)


def encoded(number: int, width: int) -> str:
    """The last `width` digits of a number in base 36, `[0-9A-Z]`."""
    pairs = []
    for _ in range(0, width, 2):
        number, pair = divmod(number, 36 * 36)
        pairs.append(_PAIRS[pair])
    pairs.reverse()
    return "".join(pairs)[-width:]
