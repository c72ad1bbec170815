"""Answers as long as is asked for: a firm with many lines of business, a person of whom much is told that nobody asked.

Both are what a register may send: the list of `BusinessActivity` has no limit, and a `CongDan` may hold elements that
are in no contract of ours.
"""

from __future__ import annotations

from collections.abc import Callable

LIST = b'"BusinessActivity":['
PERSON_ENDS = b"</ns1:CongDan>"


def padded(body: bytes, least: int) -> bytes:
    """The answer with as much in it as makes it `least` bytes long, within one element; others stay as they are."""
    if len(body) >= least:
        return body
    at = body.find(LIST)
    if at >= 0:
        at += len(LIST)
        return body[:at] + _filled(_activity, least - len(body)) + body[at:]
    at = body.rfind(PERSON_ENDS)
    if at >= 0:
        return body[:at] + _filled(_told, least - len(body)) + body[at:]
    return body


def _filled(part: Callable[[int], bytes], room: int) -> bytes:
    parts, length = list[bytes](), 0
    while length < room:
        parts.append(part(len(parts)))
        length += len(parts[-1])
    return b"".join(parts)


def _activity(number: int) -> bytes:
    return f'{{"CODE":"{1000 + number % 9000}","NAME":"Ngành nghề kinh doanh thử số {number}","IS_MAIN":"N"}},'.encode()


def _told(number: int) -> bytes:
    return f"<ns1:ThongTinThem>Thông tin thử số {number} không ai hỏi đến</ns1:ThongTinThem>".encode()
