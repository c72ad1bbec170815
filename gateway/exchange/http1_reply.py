"""Reads the replies of one connection out of its bytes, as they come, bounded. It opens nothing: whoever holds the
socket feeds it. llhttp decides on the framing, as strictly as it does by itself but for two habits of old servers."""

from __future__ import annotations

import httptools

from gateway.exchange.unpacking import Unpacking
from gateway.sdk import GatewayError, Unsettled, WireReply

MOST_BESIDE_BODY = 100_000
"""Bytes of a head, of a chunk's extensions or of trailers: an answer that goes on so tells nothing."""


class ReplyReader:
    """One reply after the other. `keeps`: whether the connection can bear another one."""

    def __init__(self, *, most: int) -> None:
        """`most`: bytes that a body may have when it is unpacked."""
        self.keeps = True
        self._most = most
        self._parser = httptools.HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(lenient_optional_cr_before_lf=True, lenient_spaces_after_chunk_size=True)
        self.expect("GET")

    def expect(self, method: str) -> None:
        """The next reply is to a request of `method`."""
        self._is_head = method == "HEAD"
        self._is_interim = self._ends_with_connection = False
        self._beside = self._status = 0
        self._headers: dict[str, str] = {}
        self._body: Unpacking | None = None
        self._reply: WireReply | None = None

    def feed(self, data: bytes) -> WireReply | None:
        """The reply, as soon as it is whole. `Unsettled`: it is none, or cannot be read; `ProtocolViolation`: it is too
        large. After either the connection is of no more use."""
        self._beside += len(data)
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade) as exc:
            self.keeps = False
            if self._reply is None:
                raise _fault(exc) from exc
        if self._reply is None and self._beside > MOST_BESIDE_BODY:
            raise Unsettled("The answer has no end of a head.")
        return self._reply

    def end(self) -> WireReply:
        """The other side has closed. `Unsettled`: in the middle of it."""
        self.keeps = False
        if self._body is None or not self._ends_with_connection:
            raise Unsettled("The connection was closed before the answer was whole.")
        return WireReply(status=self._status, headers=self._headers, content=self._body.whole())

    # What llhttp tells. Whatever is raised in here ends its work, and `feed` raises it.

    def on_message_begin(self) -> None:
        if self._reply is not None:
            raise Unsettled("The system answered more than it was asked.")

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._body is not None:  # a trailer
            return
        key, text = name.decode("latin-1").lower(), _text(value.strip())
        self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        self._beside, self._status = 0, self._parser.get_status_code()
        if self._status < 200:
            if self._status < 100 or self._status == 101:
                raise Unsettled("The answer turns to another protocol.")
            self._is_interim = True
            return
        headers = self._headers
        coding = headers.get("transfer-encoding")
        if coding is not None and coding.lower() != "chunked":
            raise Unsettled("The answer came in a transfer coding that was not asked for.")
        self._body = Unpacking(headers.get("content-encoding", ""), most=self._most)
        if not self._is_head and self._status not in {204, 304}:
            self._body.expect(headers.get("content-length", ""))
        self._ends_with_connection = coding is None and "content-length" not in headers
        if self._is_head:
            self.keeps = False  # llhttp waits for the body that such a reply only describes
            self._reply = WireReply(status=self._status, headers=headers)

    def on_body(self, data: bytes) -> None:
        assert self._body is not None
        self._beside = 0
        self._body.take(data)

    def on_message_complete(self) -> None:
        if self._is_interim:
            self._is_interim, self._headers = False, {}
            return
        assert self._body is not None
        self.keeps = self._parser.should_keep_alive()
        self._reply = WireReply(status=self._status, headers=self._headers, content=self._body.whole())


def _fault(exc: BaseException) -> GatewayError:
    """What was raised while llhttp called us, or that it called no more."""
    told = exc.__context__
    return told if isinstance(told, GatewayError) else Unsettled("The answer is not HTTP.")


def _text(value: bytes) -> str:
    """UTF-8 where it is, because Vietnamese systems send it."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
