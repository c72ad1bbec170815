"""How many calls are under way at a time, so that a target that is slow holds no more than its part of what is
everybody's. Whoever finds no place is told so at once, and nothing was sent."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from gateway.sdk import TransientRemoteError

_A_FEW = 4
_OF_ALL = 1 / 32
"""So many of all places, and no fewer than a few, may always be had; a quarter of all is there for that alone."""


class Places:
    """Nobody has more places than are free of three quarters of them. So one that hangs takes half of these, two a
    third each, and N leave one part of N + 1 to the others, however many they are and without anybody being asked how
    many will come. A few may always be had: those that hang come to equal parts only as their calls end."""

    def __init__(self, most: float = math.inf) -> None:
        """`most`: of all together."""
        self._free = most * 3 / 4
        self._few = max(_A_FEW, most * _OF_ALL)
        self._of = Counter[Hashable]()

    @contextmanager
    def one(self, whose: Hashable, *, most: float = math.inf) -> Iterator[None]:
        """`most`: those of `whose`. `TransientRemoteError` (`no_room`): there is none."""
        if self._of[whose] >= min(most, max(self._few, self._free)):
            raise no_room()
        self._of[whose] += 1
        self._free -= 1
        try:
            yield
        finally:
            self._of[whose] -= 1
            self._free += 1


def no_room() -> TransientRemoteError:
    return TransientRemoteError(
        "Too many calls to the system wait already; this one was not sent.",
        vi="Quá nhiều cuộc gọi đang chờ hệ thống quốc gia này, cổng không gửi thêm",
        what="no_room",
        retry_after_s=1.0,
    )
