"""Bodies of requests: how many bytes are read, of which kind, and what their JSON says."""

from __future__ import annotations

import asyncio
import hashlib
import json
import time
from collections.abc import AsyncIterator, Mapping
from typing import Any

from starlette.types import Message, Receive

from gateway.sdk.errors import RequestError, SlowBodyError, TooLargeError, UnsupportedMediaTypeError

BODY_S, SLOWEST = 20.0, 100_000
"""Seconds that a body may be behind, and bytes a second that it must come with to be behind no further."""
ARRIVED = "lienthong.arrived"
"""Where the scope of a call says that all of it was there before it began: nothing of it is waited for."""


def replay(body: bytes) -> Receive:
    """What the application receives of a body that was read: it, and then nothing, for whoever asks is still there."""
    messages: list[Message] = [{"type": "http.request", "body": body}]

    async def receive() -> Message:
        return messages.pop() if messages else await asyncio.Future[Message]()

    return receive


async def read_body(header: Mapping[str, str], receive: Receive, *, most: int, arrived: bool = False) -> bytes:
    """The whole body, or `TooLargeError` as soon as it is known to be larger than `most` bytes. `SlowBodyError`: what
    came of it would be held for too long (`_in_step`). `arrived`: it is all there, as the server says."""
    _check_announced(header, most=most)
    if arrived:
        return await _whole(receive, most=most)
    try:
        async with asyncio.timeout(BODY_S) as limit:
            return await _whole(_in_step(receive, limit), most=most)
    except TimeoutError as exc:
        raise _too_slow() from exc


def _in_step(receive: Receive, limit: asyncio.Timeout) -> Receive:
    """What comes buys the time that it takes at the slowest pace, but never more than `BODY_S` from now: neither a
    drip, nor a large piece and then silence, keeps for longer what has come."""
    clock = asyncio.get_running_loop().time
    until = clock() + BODY_S

    async def receive_more() -> Message:
        nonlocal until
        message = await receive()
        until = min(until + len(message.get("body", b"")) / SLOWEST, clock() + BODY_S)
        limit.reschedule(until)
        return message

    return receive_more


def longest_s(size: int) -> float:
    """Seconds that so many bytes may take on their way."""
    return BODY_S + size / SLOWEST


class FileBody:
    """A body that is a file: read as it comes, by whoever wants it, and never whole in memory. When it has come to its
    end (`is_whole`), `sha256` and `size` say what it was."""

    def __init__(self, header: Mapping[str, str], receive: Receive, *, most: int) -> None:
        """`TooLargeError`: it says itself that it has more than `most` bytes. It is answered at once, as one that turns
        out to be too large is: nothing of it is read first, and the server lets go by what still comes."""
        _check_announced(header, most=most)
        self.size = 0
        self.is_whole = False
        self._digest = hashlib.sha256()
        self._receive = receive
        self._most = most
        self._left_s = longest_s(most)
        self._is_broken = False

    @property
    def sha256(self) -> str:
        """Lower-case hex, of what has come."""
        return self._digest.hexdigest()

    async def pieces(self) -> AsyncIterator[bytes]:
        """What has not been read yet; a piece may be empty. Errors as of `read_body`, after which there is no more.
        Only the time that the sender takes is counted."""
        while not self.is_whole:
            yield await self._next()

    async def finish(self) -> None:
        """Read what nobody wanted, so that the sender hears the answer, and its leaf says what was sent."""
        if not self._is_broken:
            try:
                async for _ in self.pieces():
                    pass
            except RequestError:
                return

    async def _next(self) -> bytes:
        began, self._is_broken = time.monotonic(), True  # unless all of this goes well
        try:
            async with asyncio.timeout(self._left_s):
                piece, more = await _piece(self._receive)
        except TimeoutError as exc:
            raise _too_slow() from exc
        self._left_s -= time.monotonic() - began
        self.size += len(piece)
        if self.size > self._most:
            raise _too_large(self._most)
        self._digest.update(piece)
        self.is_whole, self._is_broken = not more, False
        return piece


async def _whole(receive: Receive, *, most: int) -> bytes:
    chunks, size, more = list[bytes](), 0, True
    while more:
        chunk, more = await _piece(receive)
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
    return b"".join(chunks)


async def _piece(receive: Receive) -> tuple[bytes, bool]:
    """What came next, and whether there is more."""
    message = await receive()
    if message["type"] == "http.disconnect":
        raise RequestError("The connection was closed before the body was complete.", what="incomplete")
    return message.get("body", b""), message.get("more_body", False)


def _check_announced(header: Mapping[str, str], *, most: int) -> None:
    announced = header.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)


def _too_slow() -> SlowBodyError:
    return SlowBodyError("The body did not come in time.", vi="Nội dung yêu cầu không tới kịp.")


def check_plain(header: Mapping[str, str]) -> None:
    """`UnsupportedMediaTypeError` for a file that is compressed on the way."""
    if header.get("content-encoding", "identity") != "identity":
        raise UnsupportedMediaTypeError(
            "Send the file as it is, not compressed.", vi="Hãy gửi tệp nguyên bản, không nén."
        )


def check_is_json(header: Mapping[str, str]) -> None:
    """`UnsupportedMediaTypeError` for what says that it is something else."""
    media_type, _, parameters = header.get("content-type", "").lower().partition(";")
    charset = parameters.strip().removeprefix("charset=").strip('"')
    plain = header.get("content-encoding", "identity") == "identity"
    if media_type.strip() != "application/json" or charset not in {"", "utf-8"} or not plain:
        raise UnsupportedMediaTypeError(
            "Send application/json in UTF-8, not compressed.", vi="Chỉ nhận application/json, mã hoá UTF-8, không nén."
        )


def read_json(body: bytes) -> Any:
    """Its value. Only JSON that everybody reads alike (I-JSON, RFC 7493): UTF-8, no field twice, no NaN. What two
    readers would read differently is refused (`RequestError`): a decision about a citizen may rest on it."""
    try:
        return _DECODER.decode(body.decode())
    except (ValueError, RecursionError) as exc:
        raise RequestError(
            "The body is not valid JSON.", vi="Nội dung không phải JSON hợp lệ.", what="malformed_json"
        ) from exc


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise RequestError(
            "A field stands twice in one object.", vi="Có trường bị lặp trong một đối tượng.", what="repeated_field"
        )
    return found


def _no_constant(name: str) -> object:
    raise RequestError(f"{name} is not JSON.", vi="Nội dung không phải JSON hợp lệ.", what="malformed_json")


def _too_large(most: int) -> TooLargeError:
    return TooLargeError(f"The body is larger than {most} bytes.", vi=f"Nội dung lớn hơn {most} byte.")


_DECODER = json.JSONDecoder(object_pairs_hook=_each_once, parse_constant=_no_constant)
