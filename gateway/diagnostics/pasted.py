"""A message as somebody pastes it: with its first line and headers, with headers alone, or the body alone. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from gateway.sdk.errors import UnprocessableError
from gateway.signing.protection import Message

_REQUEST = re.compile(r"([A-Z]{3,10}) (\S+)(?: HTTP/[0-9.]+)?")
_REPLY = re.compile(r"HTTP/[0-9.]+ ([1-5][0-9]{2})(?: .*)?")
_HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*(.*)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pasted:
    """`is_base64`: the text is the bytes in base64; else they are its UTF-8, with LF at the end of lines, since a
    browser has changed them anyway. `url`: where a request went, if its first line does not say all of it."""

    text: str
    is_base64: bool = False
    url: str = ""


def read_message(pasted: Pasted, *, is_reply: bool = False) -> Message:
    """`UnprocessableError`: not base64."""
    head, content = _parted(_bytes(pasted))
    lines = [line for line in head.decode("utf-8", "replace").split("\n") if line]
    request = _REQUEST.fullmatch(lines[0]) if lines else None
    reply = _REPLY.fullmatch(lines[0]) if lines else None
    headers = _headers(lines[1:] if request or reply else lines)
    if reply or (is_reply and not request):
        return Message(headers=headers, content=content, status=int(reply[1]) if reply else 200)
    method, where = (request[1], request[2]) if request else ("POST", "")
    return Message(
        headers=headers, content=content, method=method, url=_url(pasted.url, where, headers.get("host", ""))
    )


def _bytes(pasted: Pasted) -> bytes:
    if not pasted.is_base64:
        return pasted.text.replace("\r\n", "\n").encode("utf-8", "replace")
    try:
        return base64.b64decode("".join(pasted.text.split()), validate=True)
    except (binascii.Error, ValueError) as exc:
        raise UnprocessableError("This is not base64.", vi="Nội dung không phải base64.", what="bad_encoding") from exc


def _parted(content: bytes) -> tuple[bytes, bytes]:
    """Head and body. Without a blank line: all head where each line is one of a head, else all body."""
    if content.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] in {b"<", b"{", b"["}:
        return b"", content
    for mark in (b"\r\n\r\n", b"\n\n"):
        head, found, body = content.partition(mark)
        if found and _is_head(head.replace(b"\r\n", b"\n")):
            return head.replace(b"\r\n", b"\n"), body
    plain = content.replace(b"\r\n", b"\n").strip(b"\n")
    return (plain, b"") if _is_head(plain) else (b"", content)


def _is_head(head: bytes) -> bool:
    lines = head.decode("utf-8", "replace").split("\n")
    first = bool(_REQUEST.fullmatch(lines[0]) or _REPLY.fullmatch(lines[0]))
    rest = lines[1:] if first else lines
    return (first or bool(rest)) and all(_HEADER.fullmatch(line) for line in rest if line)


def _headers(lines: list[str]) -> dict[str, str]:
    """By name in small letters; one that stands twice is joined, as RFC 9110 5.3 has it."""
    found: dict[str, str] = {}
    for line in lines:
        if match := _HEADER.fullmatch(line):
            name, value = match[1].lower(), match[2].strip()
            found[name] = f"{found[name]}, {value}" if name in found else value
    return found


def _url(given: str, where: str, host: str) -> str:
    if given:
        return given
    return where if "://" in where or not host else f"https://{host}{where}"
