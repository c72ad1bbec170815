"""How many connections callers hold. Whoever comes when there are too many, of all or of its address, is sent away
before a byte of it is read: else strangers could take the descriptors that we need for systems and files. Over TLS
a connection is one once its handshake is done, for which `listening.HANDSHAKE_S` are given."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Collection

import structlog

from gateway.clients.ways import is_within

LOGGED_EVERY_S = 1.0

log = structlog.get_logger()


class Callers:
    """Of one process. `each`: of one address; the trusted `proxies` bring the callers of many, and may have all."""

    def __init__(
        self,
        most: float,
        *,
        each: float = math.inf,
        proxies: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._most = most
        self._each = each
        self._proxies = tuple(proxies)
        self._monotonic = monotonic
        self._open = 0
        self._of = Counter[str]()
        self._refused = 0
        self._logged_at = -math.inf

    def come(self, address: str) -> bool:
        """Whether it may stay, until it leaves."""
        is_full = self._open >= self._most
        if is_full or (self._of[address] >= self._each and not is_within(address, self._proxies)):
            self._refuse()
            return False
        self._open += 1
        self._of[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._open -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]

    def _refuse(self) -> None:
        """A flood is a line a second."""
        self._refused += 1
        now = self._monotonic()
        if now - self._logged_at >= LOGGED_EVERY_S:
            log.warning("connections_full", refused=self._refused, open=self._open, most_open=self._most)
            self._refused, self._logged_at = 0, now
