"""From a name to its addresses, for one target, so that a name server that is silent keeps nobody else's calls.

The loop's own look-up has a few threads for all names (libuv: two), and whoever gives up frees none of them: two names
that hang would keep every other target's from being found. So here each name has a thread of its own, no more than one
at a time, and all who need the name share what it finds. An address needs none.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import structlog

KEPT_S = 3600.0
"""For so long the addresses that were found last stand in for a look-up that fails or is silent, whatever the reason:
`getaddrinfo` tells neither for how long they hold, nor that there is no such name from that we have no descriptors."""

Address = tuple[socket.AddressFamily, socket.SocketKind, int, str, Any]
Find = Callable[[str, int], Sequence[Address]]
"""The addresses of a host and port, the best first; it may take long. `OSError`, `UnicodeError`: there are none."""

log = structlog.get_logger()


def find(host: str, port: int) -> Sequence[Address]:
    """As the machine is set up: its hosts file, its name servers."""
    return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)


@dataclass(slots=True)
class _Found:
    addresses: Sequence[Address]
    at: float
    is_told: bool = False
    """That it is used though the name server did not say so."""


class Names:
    """Of one target: as a rule one name."""

    def __init__(self, find: Find = find) -> None:
        self._find = find
        self._last: dict[tuple[str, int], _Found] = {}
        self._flights: dict[tuple[str, int], tuple[asyncio.Future[Sequence[Address]], float]] = {}

    async def addresses(self, host: str, port: int, *, prompt_s: float | None) -> Sequence[Address]:
        """Each time anew, but who knows the last ones waits no longer than `prompt_s` from when it was asked first.
        None: they are never used. Who has an address by then may be somebody else: only for those who show who they
        are. Errors as of `Find`."""
        if is_address(host):
            return find(host, port)
        now = asyncio.get_running_loop().time()
        flight, began = self._flights.get((host, port)) or self._begun(host, port)
        last = None if prompt_s is None else self._last.get((host, port))
        known = last if last and now - last.at < KEPT_S else None
        await asyncio.wait([flight], timeout=max(0.0, began + (prompt_s or 0.0) - now) if known else None)
        if known is None or (flight.done() and flight.exception() is None):
            return flight.result()
        if not known.is_told:
            known.is_told = True
            log.warning("last_addresses_used", host=host, silent=not flight.done(), found_s_ago=round(now - known.at))
        return known.addresses

    def _begun(self, host: str, port: int) -> tuple[asyncio.Future[Sequence[Address]], float]:
        loop = asyncio.get_running_loop()
        flight: asyncio.Future[Sequence[Address]] = loop.create_future()
        # Not of an executor: its threads are waited for at the end of the process.
        thread = threading.Thread(target=self._fly, args=(host, port, flight), name="name look-up", daemon=True)
        try:
            thread.start()
        except RuntimeError as exc:
            flight.set_exception(OSError(f"The name cannot be looked up: {exc}"))
        else:
            self._flights[host, port] = flight, loop.time()
            flight.add_done_callback(lambda _: self._land(host, port))
        return flight, loop.time()

    def _fly(self, host: str, port: int, flight: asyncio.Future[Sequence[Address]]) -> None:
        """In a thread of its own. It lands, however it ends: nobody else may look the name up meanwhile."""
        try:
            told = partial(flight.set_result, self._find(host, port))
        except BaseException as exc:  # one that ends a thread must not end the loop
            said = exc if isinstance(exc, Exception) else OSError("The look-up was ended.")
            told = partial(flight.set_exception, said)
        with suppress(RuntimeError):  # the loop has ended meanwhile
            flight.get_loop().call_soon_threadsafe(told)

    def _land(self, host: str, port: int) -> None:
        """Though everybody may have left."""
        flight, _ = self._flights.pop((host, port))
        if flight.exception() is None:
            self._last[host, port] = _Found(flight.result(), flight.get_loop().time())


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
