"""Call ids and payment references: 20 characters `[0-9A-Z]`, unique, roughly in order of time."""

from __future__ import annotations

import os
from datetime import datetime
from functools import lru_cache

_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = tuple(first + second for first in _DIGITS for second in _DIGITS)
_TIME, _CHANCE = 9, 11
_DRAWN = 20
"""Bytes of chance; of 64 one is no digit."""
_DIGIT_OF, _NO_DIGIT = bytes(map(ord, _DIGITS * 8))[:256], bytes(range(252, 256))
"""Seven bytes stand for each digit. The last four stand for none, or some digits would be likelier than others."""


def new_id(now: datetime) -> str:
    """Nine characters of milliseconds (good until the year 5188), eleven of chance (57 bits)."""
    while len(chance := os.urandom(_DRAWN).translate(_DIGIT_OF, _NO_DIGIT)) < _CHANCE:
        pass
    return _time(int(now.timestamp() * 1000)) + chance[:_CHANCE].decode()


@lru_cache(maxsize=8)
def _time(milliseconds: int) -> str:
    """Many ids are made within one."""
    return encoded(milliseconds, _TIME)


def encoded(number: int, width: int) -> str:
    """The last `width` digits of a number in base 36, `[0-9A-Z]`."""
    pairs = []
    for _ in range(0, width, 2):
        number, pair = divmod(number, 36 * 36)
        pairs.append(_PAIRS[pair])
    pairs.reverse()
    return "".join(pairs)[-width:]
