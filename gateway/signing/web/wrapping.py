"""A body inside another one, and back: the headers that speak of the body go with it."""

from __future__ import annotations

from dataclasses import replace

from gateway.signing.protection import Message

_OF_THE_BODY = ("content-type", "content-length")


def wrapped(message: Message, content: bytes, *, kind: str) -> Message:
    return _with_body(message, content, kind)


def unwrapped(message: Message, content: bytes, *, kind: object) -> Message:
    """`kind`: the content type that was signed or sealed with the body; anything but text: it had none."""
    return _with_body(message, content, kind if isinstance(kind, str) else "")


def _with_body(message: Message, content: bytes, kind: str) -> Message:
    headers = {name: value for name, value in message.headers.items() if name not in _OF_THE_BODY}
    if kind:
        headers["content-type"] = kind
    return replace(message, headers=headers, content=content)
