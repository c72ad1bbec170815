"""One kept connection: sends a request, reads its reply, and knows whether it may be used again.

From its first byte on a request may have arrived, so whatever goes wrong here is `Unsettled`, and the connection is
closed. One thing is known better: what was to be sent and could not be read never arrived whole, because its length
stands before it; that is ours (`CutOffError`), and says nothing of the system. While it rests it listens: what closes
it, or speaks unasked, is noticed before the next request."""

from __future__ import annotations

import asyncio
import math
import select
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

from gateway.exchange.http1_reply import ReplyReader
from gateway.sdk import GatewayError, TransientRemoteError, Unsettled, WireReply
from gateway.sdk.errors import CutOffError

_IN_ONE_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """`step_s`: until bytes are taken, and until the next ones come; `most`: bytes of a reply. `idle_s`: a connection
    that was idle for longer is not used again. Most servers close one after five seconds, and a message that meets the
    closing would be unsettled."""

    step_s: float
    most: int
    idle_s: float = 4.0


class Connection(asyncio.Protocol):
    """`closed`: done when the socket is."""

    def __init__(self, limits: Limits, *, on_lost: Callable[[Connection], None]) -> None:
        self.closed: asyncio.Future[None] = (loop := asyncio.get_running_loop()).create_future()
        self._loop = loop
        self._limits = limits
        self._on_lost = on_lost
        self._reader = ReplyReader(most=limits.most)
        self._waiting: asyncio.Future[WireReply] | None = None
        self._transport: asyncio.Transport | None = None
        self._poll = select.poll()
        self._is_writing = self._is_pouring = False
        self._written: asyncio.Future[None] | None = None
        self._until = self._due = 0.0
        self._alarm: asyncio.TimerHandle | None = None
        self._alarm_at = 0.0

    async def ask(self, method: str, head: bytes, content: bytes | AsyncIterator[bytes], *, until: float) -> WireReply:
        """`Unsettled`, `ProtocolViolation`; or `TransientRemoteError`: it was closed before anything was sent. `until`:
        when it is given up, whatever comes; in the loop's time. `content` that comes in pieces is sent as fast as the
        system takes it; what is wrong with a piece is raised (`CutOffError` unless it is an error of ours already), and
        the request has no end then. Who says yes before it has all of it has not understood: `Unsettled`."""
        transport = self._transport
        if transport is None or transport.is_closing():
            raise TransientRemoteError(
                "The system closed the connection.", vi="Hệ thống quốc gia đã ngắt kết nối", what="not_connected"
            )
        self._reader.expect(method)
        self._until = until
        waiting: asyncio.Future[WireReply] = self._loop.create_future()
        self._waiting = waiting
        try:
            if not isinstance(content, bytes):
                transport.write(head)
                await self._pour(content, transport, waiting)
            elif len(content) > _IN_ONE_PIECE:
                transport.write(head)
                transport.write(content)
            else:
                transport.write(head + content)
            self._wait(self._limits.step_s)
            return await waiting
        except BaseException:  # whoever was cancelled included: the reply may come after all, and is nobody's
            if waiting.done() and not waiting.cancelled():
                waiting.exception()
            self._waiting = None
            self.close()
            raise

    async def _pour(
        self, content: AsyncIterator[bytes], transport: asyncio.Transport, waiting: asyncio.Future[WireReply]
    ) -> None:
        """One piece after the other, or until `waiting` is done, be it while one is read: then nobody reads the rest,
        and the connection is of no more use. While we read, the system is not the one that is slow."""
        self._is_pouring = True
        self._wait(math.inf)
        try:
            async with _until(waiting):
                async for piece in content:
                    if waiting.done():
                        return
                    transport.write(piece)
                    if self._is_writing:
                        self._wait(self._limits.step_s)
                        self._written = self._loop.create_future()
                        await self._written
                        self._wait(math.inf)
        except Exception as exc:
            if waiting.done():
                return
            if isinstance(exc, GatewayError):
                raise
            raise CutOffError("The request was cut off: what it was to carry could not be read to its end.") from exc
        self._is_pouring = False

    def rest(self) -> bool:
        """Whether it can be used again; then it rests from now on."""
        if self.is_closing:
            return False
        self._until = float("inf")
        self._wait(self._limits.idle_s)
        return True

    @property
    def is_closing(self) -> bool:
        return self._transport is not None and self._transport.is_closing()

    @property
    def is_fresh(self) -> bool:
        """It may be used: it has not rested for too long, and nothing came that the loop has not told us yet."""
        return not self.is_closing and self._loop.time() < self._due and not self._poll.poll(0)

    def close(self) -> None:
        """At once."""
        if self._transport is not None:
            self._transport.abort()

    # What the event loop tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's has the methods and not the class
        self._poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN | select.POLLPRI)

    def data_received(self, data: bytes) -> None:
        if self._waiting is None:
            self.close()
            return
        try:
            reply = self._reader.feed(data)
        except GatewayError as exc:
            self._fail(exc)
        else:
            if reply is None:
                self._wait(self._limits.step_s)
            else:
                self._answer(reply)

    def eof_received(self) -> None:
        if self._waiting is None:
            self.close()
            return
        try:
            self._answer(self._reader.end())
        except GatewayError as exc:
            self._fail(exc)

    def connection_lost(self, exc: Exception | None) -> None:
        if exc is None:
            self.eof_received()
        else:
            self._fail(Unsettled("The connection broke before the answer was whole."), cause=exc)
        if self._alarm is not None:
            self._alarm.cancel()
            self._alarm = None
        if not self.closed.done():
            self.closed.set_result(None)
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._is_writing = True

    def resume_writing(self) -> None:
        self._is_writing = False
        if self._written is not None and not self._written.done():
            self._written.set_result(None)
        if self._waiting is not None:
            self._wait(self._limits.step_s)

    def _answer(self, reply: WireReply) -> None:
        if reply.status < 300 and self._is_sending:
            self._fail(Unsettled("The system said yes to what it cannot have read to its end."))
            return
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            waiting.set_result(reply)
        if not self._reader.keeps or self._is_sending:
            self.close()

    @property
    def _is_sending(self) -> bool:
        """Some of the request is with us still."""
        assert self._transport is not None
        return self._is_pouring or self._is_writing or self._transport.get_write_buffer_size() > 0

    def _fail(self, exc: GatewayError, *, cause: BaseException | None = None) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting is not None and not waiting.done():
            exc.__cause__ = exc.__cause__ or cause
            waiting.set_exception(exc)
        self.close()

    def _wait(self, for_s: float) -> None:
        """Until then. The alarm of an earlier wait is left as it is, and set again only when it rings too early: so
        most calls set none."""
        self._due = due = min(self._loop.time() + for_s, self._until)
        if self._alarm is None or self._alarm_at > due:
            self._set_alarm(due)

    def _set_alarm(self, at: float) -> None:
        if self._alarm is not None:
            self._alarm.cancel()
        self._alarm, self._alarm_at = self._loop.call_at(at, self._ring), at

    def _ring(self) -> None:
        self._alarm = None
        if self._loop.time() < self._due:
            self._set_alarm(self._due)
        elif self._is_pouring and not self._is_writing and self._due >= self._until:
            self._fail(CutOffError("The request was cut off: what it was to carry could not be read in time."))
        else:
            self._fail(Unsettled("The request left, and no complete answer came in time."))


@asynccontextmanager
async def _until(waiting: asyncio.Future[WireReply]) -> AsyncIterator[None]:
    """What is done in here ends as soon as `waiting` is done, wherever it is: with `TimeoutError`."""
    async with asyncio.timeout(None) as patience:

        def end(_: object) -> None:
            if not patience.expired():
                patience.reschedule(0.0)

        waiting.add_done_callback(end)
        try:
            yield
        finally:
            waiting.remove_done_callback(end)
