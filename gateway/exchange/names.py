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
from typing import Any

import structlog

KEPT_S = 86_400.0
"""For so long the addresses that were found last are used while the name server is silent or fails: `getaddrinfo` does
not tell for how long they hold, and RFC 8767 bids a day, for name servers fail more often than systems move. Who has
the address by then must still show the system's certificate. That there is no such name is an answer, and ends it."""
_NO_SUCH_NAME = {socket.EAI_NONAME, getattr(socket, "EAI_NODATA", socket.EAI_NONAME)}

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

    async def addresses(self, host: str, port: int, *, prompt_s: float) -> Sequence[Address]:
        """Each time anew, but who knows the last ones waits no longer than `prompt_s` from when it was asked first.
        Errors as of `Find`."""
        if _is_address(host):
            return find(host, port)
        now = asyncio.get_running_loop().time()
        flight, began = self._flights.get((host, port)) or self._begun(host, port)
        last = self._last.get((host, port))
        known = last if last and now - last.at < KEPT_S else None
        await asyncio.wait([flight], timeout=max(0.0, began + prompt_s - now) if known else None)
        if known is None or (flight.done() and (flight.exception() is None or _says_no(flight.exception()))):
            return flight.result()
        if not known.is_told:
            known.is_told = True
            log.warning("last_addresses_used", host=host, silent=not flight.done(), found_s_ago=round(now - known.at))
        return known.addresses

    def _begun(self, host: str, port: int) -> tuple[asyncio.Future[Sequence[Address]], float]:
        loop = asyncio.get_running_loop()
        flight: asyncio.Future[Sequence[Address]] = loop.create_future()
        flight.add_done_callback(lambda _: self._land(host, port))
        self._flights[host, port] = flight, loop.time()
        # Not of an executor: its threads are waited for at the end of the process.
        threading.Thread(target=self._fly, args=(host, port, flight), name="name look-up", daemon=True).start()
        return self._flights[host, port]

    def _fly(self, host: str, port: int, flight: asyncio.Future[Sequence[Address]]) -> None:
        """In a thread of its own."""
        with suppress(RuntimeError):  # the loop has ended meanwhile
            try:
                found = self._find(host, port)
            except Exception as exc:
                flight.get_loop().call_soon_threadsafe(flight.set_exception, exc)
            else:
                flight.get_loop().call_soon_threadsafe(flight.set_result, found)

    def _land(self, host: str, port: int) -> None:
        """Though everybody may have left."""
        flight, _ = self._flights.pop((host, port))
        exc = flight.exception()
        if exc is None:
            self._last[host, port] = _Found(flight.result(), flight.get_loop().time())
        elif _says_no(exc):
            self._last.pop((host, port), None)


def _is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _says_no(exc: BaseException | None) -> bool:
    return isinstance(exc, UnicodeError) or (isinstance(exc, socket.gaierror) and exc.errno in _NO_SUCH_NAME)
