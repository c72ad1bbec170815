"""What goes over the wire."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import fields, replace

import pytest

from gateway.sdk import Attachment, WireRequest


async def _nothing() -> AsyncGenerator[bytes, None]:
    yield b""


FILE = Attachment(id="F1", name="f", media_type="text/plain", sha256="0" * 64, size=0, read=_nothing)
WHOLE = WireRequest(method="POST", url="http://127.0.0.1/a", headers={"a": "1"}, content=b"c", file=FILE, after=b"z")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1/b"])
def test_a_request_with_other_headers_is_the_same_in_everything_else(url: str) -> None:
    assert all(getattr(WHOLE, field.name) for field in fields(WireRequest)), "a field that is empty shows nothing"
    headers = {"b": "2"}
    assert WHOLE.headed(headers, url=url) == replace(WHOLE, headers=headers, url=url or WHOLE.url)
