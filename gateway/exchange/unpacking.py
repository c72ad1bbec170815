"""Compressed replies, unpacked by pieces: what a reply grows to is known before it has grown."""

from __future__ import annotations

import zlib

from gateway.sdk import ProtocolViolation, Unsettled

ACCEPTED = "gzip, deflate"
"""For `Accept-Encoding`. A coding that was not offered is not read."""
_GZIP, _ZLIB, _RAW = 16 + zlib.MAX_WBITS, zlib.MAX_WBITS, -zlib.MAX_WBITS
_WINDOWS = {"gzip": _GZIP, "x-gzip": _GZIP, "deflate": _ZLIB}


class Unpacking:
    """The body of one reply. `most`: bytes that it may have when unpacked."""

    def __init__(self, coding: str, *, most: int) -> None:
        """`coding`: the `Content-Encoding` (RFC 9110, 8.4). `Unsettled`: one that was not offered."""
        name = coding.strip().lower()
        if name not in {"", "identity", *_WINDOWS}:
            raise Unsettled("The answer came in a coding that was not asked for.")
        self._room = most
        self._most = most
        self._deflated = name == "deflate"
        self._unpacked = zlib.decompressobj(_WINDOWS[name]) if name in _WINDOWS else None
        self._parts: list[bytes] = []
        self._has_begun = False

    def expect(self, length: str) -> None:
        """The `Content-Length`, packed. `ProtocolViolation` (`partner.reply_too_large`): it need not be read at all."""
        if length.isascii() and length.isdecimal() and int(length[:20]) > self._most:
            raise self._too_large()

    def take(self, raw: bytes) -> None:
        """`ProtocolViolation` (`partner.reply_too_large`) as soon as it is too large; `Unsettled`: it is damaged."""
        self._has_begun = self._has_begun or bool(raw)
        if self._unpacked and self._unpacked.eof and raw:
            raise self._goes_on()
        part = self._inflated(raw) if self._unpacked else raw
        self._room -= len(part)
        if self._room < 0:
            raise self._too_large()
        self._parts.append(part)

    def whole(self) -> bytes:
        """All of it. `Unsettled`: it was cut off."""
        if self._unpacked and not self._unpacked.eof and self._has_begun:
            raise Unsettled("The answer was cut off.")
        if self._unpacked and self._unpacked.unused_data:
            raise self._goes_on()
        return b"".join(self._parts)

    def _goes_on(self) -> Unsettled:
        """Part of it would be lost, or was never meant to be read."""
        return Unsettled("The answer goes on behind the end of what was packed.")

    def _too_large(self) -> ProtocolViolation:
        return ProtocolViolation(
            f"The answer is larger than {self._most} bytes.", vi="Câu trả lời quá lớn", what="reply_too_large"
        )

    def _inflated(self, raw: bytes) -> bytes:
        assert self._unpacked is not None
        first, self._deflated = self._deflated, False
        try:
            return self._unpacked.decompress(raw, self._room + 1)
        except zlib.error as exc:
            if not first:
                raise Unsettled("The answer is damaged.") from exc
        self._unpacked = zlib.decompressobj(_RAW)  # many send it without zlib's header
        return self._inflated(raw)
