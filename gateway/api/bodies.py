"""Bodies of requests: how many bytes are read, of which kind, and what their JSON says."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from starlette.types import Message, Receive

from gateway.sdk.errors import RequestError, SlowBodyError, TooLargeError, UnsupportedMediaTypeError

BODY_S, SLOWEST = 20.0, 100_000
"""Seconds that a body may take, and bytes a second that a large one must come with beside them."""
ARRIVED = "lienthong.arrived"
"""Where the scope of a call says that all of it was there before it began: nothing of it is waited for."""


def replay(body: bytes) -> Receive:
    messages: list[Message] = [{"type": "http.request", "body": body}]

    async def receive() -> Message:
        return messages.pop() if messages else {"type": "http.disconnect"}

    return receive


async def read_body(header: Mapping[str, str], receive: Receive, *, most: int, arrived: bool = False) -> bytes:
    """The whole body, or `TooLargeError` as soon as it is known to be larger than `most` bytes. `SlowBodyError`: it
    holds a place at the door for too long. `arrived`: it is all there, as the server says."""
    announced = header.get("content-length", "")
    if announced.isdecimal() and int(announced) > most:
        raise _too_large(most)
    if arrived:
        return await _whole(receive, most=most)
    try:
        async with asyncio.timeout(BODY_S + most / SLOWEST):
            return await _whole(receive, most=most)
    except TimeoutError as exc:
        raise SlowBodyError("The body did not come in time.", vi="Nội dung yêu cầu không tới kịp.") from exc


async def _whole(receive: Receive, *, most: int) -> bytes:
    chunks, size, more = list[bytes](), 0, True
    while more:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestError("The connection was closed before the body was complete.", what="incomplete")
        chunk = message.get("body", b"")
        more = message.get("more_body", False)
        size += len(chunk)
        if size > most:
            raise _too_large(most)
        chunks.append(chunk)
    return b"".join(chunks)


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
