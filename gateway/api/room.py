"""Room for large bodies: how many bytes of them a process holds at a time.

A notice with its files in base64 may have 20 MB, and costs some ten times that until it is stored. A body is read only
if all that it says it will be has room, when somebody inside first wants it (whoever may not call from there was
refused by then); else it is told so before a byte comes (`BusyError`). But it takes room only as it comes, and holds
that until its answer has left: else strangers would have all of it for their word. The price: of too many who come
together some are told half-way. What they held is the others', so that some always end. `read_body` says for how long
what came is kept for more.

No address has all the room, as at the door. Staff have as much of their own: only whoever is logged in sends so much
there. Files are not counted: of each a process holds one part (decision 0013). Nor is what is small: `max_under_way`
bounds that.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Collection

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from gateway.api.bodies import ARRIVED
from gateway.api.peer import peer_of
from gateway.observability.flood import Flood
from gateway.sdk.errors import BusyError

SMALL = 65_536
"""Bytes of a body that are not counted."""
LONGEST_WAIT_S = 10
"""Who finds no room is told to wait 1 to so many seconds, in turns."""

log = structlog.get_logger()

Whose = tuple[bool, str]
"""Whether it is staff's, and the address."""


class Room:
    """Wraps everything that reads bodies. `most`: bytes in all; `each`: of one address. `streams`: whose body is read
    in parts. `staff`: how the addresses of their pages begin."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        most: int,
        each: int,
        streams: Callable[[Scope], bool],
        staff: Collection[str] = (),
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._app = app
        self._most = most
        self._each = each
        self._streams = streams
        self._staff = tuple(staff)
        self._held = {True: 0, False: 0}
        self._of = Counter[Whose]()
        self._flood = Flood(monotonic)

    @property
    def refused(self) -> int:
        """So far."""
        return self._flood.count

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if ARRIVED in scope or scope["type"] != "http" or self._streams(scope):
            await self._app(scope, receive, send)
            return
        whose = bool(self._staff) and scope["path"].startswith(self._staff), peer_of(scope).address
        body = _Body(self, whose, receive, announced=_announced(scope))
        try:
            await self._app(scope, body.receive, send)
        finally:
            self.give_back(whose, body.taken)

    @property
    def held(self) -> int:
        """Bytes, those of staff among them."""
        return sum(self._held.values())

    def check(self, whose: Whose, size: int) -> None:
        """`BusyError`: there is no room for so many bytes more."""
        if self._held[whose[0]] + size > self._most or self._of[whose] + size > self._each:
            raise self._refusal()

    def take(self, whose: Whose, size: int) -> None:
        """So many bytes more. Errors as of `check`."""
        self.check(whose, size)
        self._held[whose[0]] += size
        self._of[whose] += size

    def give_back(self, whose: Whose, size: int) -> None:
        self._held[whose[0]] -= size
        self._of[whose] -= size
        if not self._of[whose]:
            del self._of[whose]

    def _refusal(self) -> BusyError:
        if refused := self._flood.one():
            log.warning("bodies_refused_busy", refused=refused, held_bytes=self.held)
        return BusyError(
            "This process holds all the large bodies that it can, of all or of your address; wait as long as"
            " Retry-After says.",
            vi="Cổng đang giữ hết dung lượng dành cho nội dung lớn, của mọi bên hoặc của địa chỉ này; hãy chờ theo"
            " Retry-After rồi gửi lại.",
            retry_after_s=1.0 + self.refused % LONGEST_WAIT_S,
        )


class _Body:
    """What one call takes of the room."""

    def __init__(self, room: Room, whose: Whose, receive: Receive, *, announced: int) -> None:
        self.taken = 0
        self._room = room
        self._whose = whose
        self._receive = receive
        self._announced = announced
        self._came = 0

    async def receive(self) -> Message:
        if not self._came and self._announced > SMALL:
            self._room.check(self._whose, self._announced)
        message = await self._receive()
        self._came += len(message.get("body", b""))
        if self._came > SMALL:
            self._room.take(self._whose, self._came - self.taken)
            self.taken = self._came
        return message


def _announced(scope: Scope) -> int:
    """0: it does not say."""
    told = [value for name, value in scope["headers"] if name == b"content-length"]
    return int(told[0]) if told and told[0].isdigit() else 0
