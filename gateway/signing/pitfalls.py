"""What happens to bytes between a signer and a reader without anybody meaning it. Pure.

Each is undone here: where the signature holds then, that was it.
"""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

BOM = b"\xef\xbb\xbf"
Both = tuple[str, str]
_SIGN_LAST = (
    "Ký đúng chuỗi byte sẽ gửi, và gửi đúng chuỗi byte đã ký; không để thư viện ghi lại nội dung sau khi ký.",
    "Sign the very bytes that are sent, and send the very bytes that were signed; let no library write them anew.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pitfall:
    """One change on the way. `found`: as it is told; `to_do`: for the sender."""

    name: str
    found: Both
    to_do: Both = _SIGN_LAST


def _spaced(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False)


def _compact(document: Any) -> str:
    return json.dumps(document, ensure_ascii=False, separators=(",", ":"))


_JSON: tuple[tuple[str, Both, Callable[[Any], str]], ...] = (
    ("json_compact", ("JSON không khoảng trắng", "JSON without spaces"), _compact),
    ("json_spaced", ("JSON có khoảng trắng sau dấu phẩy", "JSON with spaces after commas"), _spaced),
    (
        "json_ascii",
        ("JSON với chữ có dấu viết thành \\u…", "JSON with letters written as \\u…"),
        lambda document: json.dumps(document, separators=(",", ":")),
    ),
    ("json_ascii_spaced", ("JSON với \\u… và khoảng trắng", "JSON with \\u… and spaces"), json.dumps),
    (
        "json_sorted",
        ("JSON sắp xếp lại tên trường", "JSON with its names sorted"),
        lambda document: json.dumps(document, ensure_ascii=False, separators=(",", ":"), sort_keys=True),
    ),
    (
        "json_indented",
        ("JSON thụt dòng", "JSON with indents"),
        lambda document: json.dumps(document, ensure_ascii=False, indent=2),
    ),
)


def otherwise(content: bytes) -> Iterator[tuple[Pitfall, bytes]]:
    """The content as it may have been when it was signed, and what happened since."""
    seen = {content}
    for pitfall, other in _all(content):
        if other not in seen:
            seen.add(other)
            yield pitfall, other


def _all(content: bytes) -> Iterator[tuple[Pitfall, bytes]]:
    lines = content.replace(b"\r\n", b"\n")
    yield _lines("LF"), lines
    yield _lines("CRLF"), lines.replace(b"\n", b"\r\n")
    bare = content.rstrip(b"\r\n")
    yield _end("đã thêm", "was added"), bare
    yield _end("đã mất", "was lost"), bare + b"\n"
    yield _end("đã mất", "was lost"), bare + b"\r\n"
    yield _edges(), content.strip()
    yield _mark("đã thêm", "was added"), content.removeprefix(BOM)
    yield _mark("đã mất", "was lost"), BOM + content.removeprefix(BOM)
    yield from _letters(content)
    yield from _written_anew(content)


def _letters(content: bytes) -> Iterator[tuple[Pitfall, bytes]]:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return
    for form in ("NFC", "NFD"):
        found = (
            f"Chữ có dấu bị đổi dạng: lúc ký là Unicode {form}.",
            f"Letters with diacritics were written another way: signed as Unicode {form}.",
        )
        yield Pitfall(name=f"unicode_{form.lower()}", found=found), unicodedata.normalize(form, text).encode()
    yield (
        Pitfall(
            name="charset",
            found=("Bảng mã bị đổi: lúc ký là UTF-16.", "The charset was changed: signed as UTF-16."),
        ),
        text.encode("utf-16"),
    )


def _written_anew(content: bytes) -> Iterator[tuple[Pitfall, bytes]]:
    try:
        document = json.loads(content)
    except (ValueError, RecursionError):
        return
    for name, how, write in _JSON:
        found = (
            f"Nội dung JSON bị ghi lại sau khi ký: chữ ký khớp với {how[0]}.",
            f"The JSON was written anew after it was signed: the signature holds for {how[1]}.",
        )
        yield Pitfall(name=name, found=found), write(document).encode("utf-8", "surrogatepass")


def _lines(kind: str) -> Pitfall:
    return Pitfall(
        name=f"line_ends_{kind.lower()}",
        found=(
            f"Ký tự xuống dòng khác lúc ký: chữ ký khớp khi mỗi dòng kết thúc bằng {kind}. "
            "(Trình duyệt cũng đổi ký tự này khi dán; muốn chắc chắn hãy dán dạng base64.)",
            f"Line ends are not those that were signed: it holds when each line ends with {kind}. "
            "(A browser changes them too when text is pasted; paste base64 to be sure.)",
        ),
    )


def _end(vi: str, en: str) -> Pitfall:
    return Pitfall(
        name="last_line_end",
        found=(
            f"Ký tự xuống dòng ở cuối {vi} sau khi ký.",
            f"A line end at the end {en} after it was signed.",
        ),
    )


def _edges() -> Pitfall:
    return Pitfall(
        name="edges",
        found=(
            "Khoảng trắng ở đầu hoặc cuối được thêm sau khi ký.",
            "Spaces were added around it after it was signed.",
        ),
    )


def _mark(vi: str, en: str) -> Pitfall:
    return Pitfall(
        name="bom",
        found=(f"Dấu BOM của UTF-8 ở đầu {vi} sau khi ký.", f"A byte order mark {en} after it was signed."),
    )
