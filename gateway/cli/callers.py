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
from gateway.observability.flood import Flood

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
        self._flood = Flood(monotonic)
        self._open = 0
        self._of = Counter[str]()

    def come(self, address: str) -> bool:
        """Whether it may stay, until it leaves."""
        is_full = self._open >= self._most
        if is_full or (self._of[address] >= self._each and not is_within(address, self._proxies)):
            if refused := self._flood.one():
                log.warning("connections_full", refused=refused, open=self._open, most_open=self._most)
            return False
        self._open += 1
        self._of[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._open -= 1
        self._of[address] -= 1
        if not self._of[address]:
            del self._of[address]
