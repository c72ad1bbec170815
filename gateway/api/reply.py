"""An answer that is complete before its first byte leaves. Our answers are small JSON documents; a file, which was
looked through, is read again while it leaves."""

from __future__ import annotations

from starlette.responses import Response
from starlette.types import Message, Receive, Send

from gateway.api.pouring import pour
from gateway.sdk import Attachment

_JSON = (b"content-type", b"application/json")
_KEPT_NOWHERE = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))


class Reply:
    """Collects what an application says, and says it when it may. Names of headers are in lower case, as ASGI has
    them."""

    __slots__ = ("_headers", "content", "file", "status")

    def __init__(
        self, status: int = 500, headers: list[tuple[bytes, bytes]] | None = None, content: bytes = b""
    ) -> None:
        self.status = status
        self._headers = headers or []
        self.content = content
        self.file: Attachment | None = None

    @classmethod
    def of(cls, response: Response) -> Reply:
        return cls(response.status_code, response.raw_headers, bytes(response.body))

    @classmethod
    def json(cls, status: int, content: bytes) -> Reply:
        """The headers are those of a Starlette `Response`, in its order."""
        return cls(status, [(b"content-length", b"%d" % len(content)), _JSON], content)

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status, self._headers = message["status"], list(message.get("headers", ()))
        elif message["type"] == "http.response.body":
            self.content += message.get("body", b"")
            self.file = message.get("file")

    def keep_nowhere(self) -> None:
        """No browser and no proxy stores it, or guesses what kind of file it is."""
        named = [name for name, _ in self._headers]
        self._headers += [header for header in _KEPT_NOWHERE if header[0] not in named]

    async def forward(self, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": self.status, "headers": self._headers})
        if self.file is None:
            await send({"type": "http.response.body", "body": self.content})
        else:
            await pour(self.file, receive, send)
