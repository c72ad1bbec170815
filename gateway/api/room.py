"""Room for large bodies: how many bytes of them a process holds at a time.

A notice with its files in base64 may have 20 MB, and costs some ten times that until it is stored. A body is let in as
what it says it will be, when somebody inside first wants to read it (whoever may not call from there was refused by
then), and holds its room until its answer has left. Whoever finds none is told so before a byte is read (`BusyError`).
A body that does not say how long it is takes its room as it comes.

No address has all the room, as at the door. Files are not counted: of each a process holds one part (decision 0013).
Nor is what is small: `max_under_way` bounds that.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.bodies import ARRIVED
from gateway.api.peer import peer_of
from gateway.sdk.errors import BusyError

SMALL = 65_536
"""Bytes of a body that are not counted."""
LONGEST_WAIT_S = 10
"""Who finds no room is told to wait 1 to so many seconds, in turns."""
LOGGED_EVERY_S = 1.0

log = structlog.get_logger()


class Room:
    """Wraps everything that reads bodies. `most`: bytes in all; `each`: of one address. `streams`: whose body is read
    in parts."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        most: int,
        each: int,
        streams: Callable[[Scope], bool],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._most = most
        self._each = each
        self._streams = streams
        self._monotonic = monotonic
        self.held = 0
        self._of = Counter[str]()
        self.refused = self._told = 0
        self._logged_at = -LOGGED_EVERY_S

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if ARRIVED in scope or scope["type"] != "http" or self._streams(scope):
            await self._app(scope, receive, send)
            return
        body = _Body(self, scope, receive)
        try:
            await self._app(scope, body.receive, send)
        finally:
            self.give_back(body.address, body.taken)

    def take(self, address: str, size: int) -> None:
        """So many bytes more. `BusyError`: there is no room for them."""
        if self.held + size > self._most or self._of[address] + size > self._each:
            raise self._refusal()
        self.held += size
        self._of[address] += size

    def give_back(self, address: str, size: int) -> None:
        self.held -= size
        self._of[address] -= size
        if not self._of[address]:
            del self._of[address]

    def _refusal(self) -> BusyError:
        self.refused += 1
        now = self._monotonic()
        if now - self._logged_at >= LOGGED_EVERY_S:  # a flood is a line a second
            log.warning("bodies_refused_busy", refused=self.refused - self._told, held_bytes=self.held)
            self._told, self._logged_at = self.refused, now
        return BusyError(
            "This process holds all the large bodies that it can, of all or of your address; wait as long as"
            " Retry-After says.",
            vi="Cổng đang giữ hết dung lượng dành cho nội dung lớn, của mọi bên hoặc của địa chỉ này; hãy chờ theo"
            " Retry-After rồi gửi lại.",
            retry_after_s=1.0 + self.refused % LONGEST_WAIT_S,
        )


class _Body:
    """What one call takes of the room."""

    def __init__(self, room: Room, scope: Scope, receive: Receive) -> None:
        self.address = peer_of(scope).address
        self.taken = 0
        self._room = room
        self._receive = receive
        self._size = _announced(scope)
        self._came = 0

    async def receive(self) -> Message:
        self._make_room()
        message = await self._receive()
        self._came += len(message.get("body", b""))
        self._make_room()
        return message

    def _make_room(self) -> None:
        wanted = max(self._size, self._came)
        if SMALL < wanted > self.taken:
            self._room.take(self.address, wanted - self.taken)
            self.taken = wanted


def _announced(scope: Scope) -> int:
    """0: it does not say."""
    told = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(told[0]) if told and told[0].isdigit() else 0
