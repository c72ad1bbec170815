"""What goes over the wire and comes back, and the files that go with it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFile:
    """A file that is whole in memory. `sha256`: lower-case hex of `content`."""

    id: str
    name: str
    media_type: str
    sha256: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """Tệp đính kèm: a file that the province handed over, of any size, so its bytes are in nobody's memory. `sha256`:
    lower-case hex of them; `size`: how many. `read` gives them from the first one on, in pieces, each time it is
    called; a piece that is not what was taken in is not given (`IntegrityError`)."""

    id: str
    name: str = field(repr=False)
    media_type: str
    sha256: str
    size: int
    read: Callable[[], AsyncGenerator[bytes, None]] = field(repr=False, compare=False)

    async def whole(self) -> bytes:
        """All of it, in memory: for what cannot be done piece by piece. Few at a time."""
        return b"".join([piece async for piece in self.read()])


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """The bytes to send: `content`, then those of `file`, then `after`. `url` is absolute; it never holds personal
    data."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""
    file: Attachment | None = None
    after: bytes = b""

    def headed(self, headers: Mapping[str, str], *, url: str = "") -> WireRequest:
        """The same with these headers, and another address where one is given. Every call passes here, and `replace`
        would take twice as long."""
        return WireRequest(
            method=self.method,
            url=url or self.url,
            headers=headers,
            content=self.content,
            file=self.file,
            after=self.after,
        )

    @property
    def size(self) -> int:
        """Bytes of the body."""
        return len(self.content) + (self.file.size if self.file else 0) + len(self.after)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body; from its beginning each time."""
        yield self.content
        if self.file:
            async with aclosing(self.file.read()) as pieces:
                async for piece in pieces:
                    yield piece
        yield self.after

    async def whole(self) -> WireRequest:
        """The same request with all of its body in memory."""
        if self.file is None:
            return self
        content = b"".join([piece async for piece in self.pieces()])
        return replace(self, content=content, file=None, after=b"")


@dataclass(frozen=True, slots=True, kw_only=True)
class WireReply:
    """The bytes that came back. Header names are lower-case."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes = b""

    @property
    def media_type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()
