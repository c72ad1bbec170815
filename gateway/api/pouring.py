"""Files on their way out: part by part, as fast as whoever asked takes them."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import aclosing

import structlog
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from gateway.api.bodies import longest_s
from gateway.sdk import Attachment
from gateway.sdk.errors import GatewayError

log = structlog.get_logger()


class FileResponse(Response):
    """Says that its body is a file, and leaves the reading to the edge: before the first byte leaves, its leaf must be
    durable."""

    def __init__(self, file: Attachment, *, headers: Mapping[str, str]) -> None:
        super().__init__(headers={**headers, "Content-Length": str(file.size)})
        self._file = file

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": b"", "file": self._file})


async def pour(file: Attachment, receive: Receive, send: Send) -> None:
    """The bytes of `file` as the body of an answer that has begun. Where they end too early (the file was altered since
    it was looked through; whoever asked is gone, or takes too long), the answer stays without its end: the server then
    closes the connection, and nobody takes what came for a file."""
    leaving = asyncio.ensure_future(receive())
    left_s = longest_s(file.size)
    try:
        async with aclosing(file.read()) as pieces:
            async for piece in pieces:
                if leaving.done():
                    return
                began = time.monotonic()
                async with asyncio.timeout(left_s):
                    await send({"type": "http.response.body", "body": piece, "more_body": True})
                left_s -= time.monotonic() - began
        async with asyncio.timeout(left_s):  # the last piece may still be waiting for whoever asked
            await send({"type": "http.response.body", "body": b""})
    except TimeoutError:
        log.warning("file_cut_off", file_id=file.id, code="too_slow")
    except GatewayError as exc:
        log.error("file_cut_off", file_id=file.id, code=exc.error_code)
    except Exception:
        log.exception("file_cut_off", file_id=file.id, code=GatewayError.code)
    finally:
        leaving.cancel()
