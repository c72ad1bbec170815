"""Bytes into text, or not at all: every contract says UTF-8, and a name in wrong letters would be a wrong answer."""

from __future__ import annotations

import codecs
import re
from collections.abc import Mapping
from typing import Any

from gateway.sdk.errors import ProtocolViolation

UTF_8_LABELS = frozenset({"", "utf-8", "utf8", "us-ascii", "ascii"})
"""What a label may say, lower-case. ASCII is UTF-8 as well."""
_LOST = re.compile(r"[^\W\d_]\?[^\W\d_]")
"""`TR?N`: a letter that the encoding of somebody on the way did not have."""
_WINDOWS_1252 = {
    ord(letter): byte for byte in range(128, 256) if (letter := bytes([byte]).decode("cp1252", "ignore")) > "\xff"
}
"""The letters that this encoding has beyond Latin-1, by the byte that they are read from."""
_NO_BYTES = re.compile(f"[^\0-\xff{''.join(map(chr, _WINDOWS_1252))}]")
"""A letter that neither of both encodings has, such as most of Vietnamese."""
REPLACED = "\N{REPLACEMENT CHARACTER}"
"""Somebody before us read the text in a wrong encoding and lost letters: what is left names nobody."""


def decoded(content: bytes) -> str:
    """The text of UTF-8 bytes, without a byte order mark. `ProtocolViolation` (`partner.wrong_charset`): other bytes,
    such as UTF-16 or windows-1258, or letters that were destroyed on the way."""
    return _decoded(content).removeprefix("\ufeff")


def xml_octets(content: bytes) -> bytes:
    """As `decoded`, but the bytes, which XML is read from; a document that marks itself as UTF-16 is read too, as XML
    demands of every reader (1.0, 4.3.3)."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            content = content.decode("utf-16").encode()
        except UnicodeError as exc:
            raise _wrong("The answer is not in UTF-16, although it says so.") from exc
    _decoded(content)
    return content.removeprefix(codecs.BOM_UTF8)


def _decoded(content: bytes) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError as exc:
        raise _wrong("The answer is not in UTF-8.") from exc
    # Each is looked for where it is found fastest: a zero in text of two bytes a letter is ten times slower.
    if REPLACED in text or b"\0" in content:
        raise _destroyed()
    return text


def check_label(label: str) -> None:
    """Refuse a charset label that is not UTF-8. `ProtocolViolation` (`partner.wrong_charset`)."""
    if label.strip().strip("\"'").lower() not in UTF_8_LABELS:
        raise _wrong("The answer is labelled with another encoding than UTF-8.")


def check_letters(*values: Any) -> None:
    """Refuse texts, in whatever they are nested, that somebody on the way has spoilt: encoded as UTF-8 twice, or with
    `?` for letters. They are in UTF-8, and yet would make another name of a right one. `ProtocolViolation`."""
    for value in values:
        if isinstance(value, str):
            if _is_encoded_twice(value) or ("?" in value and _LOST.search(value)):
                raise _destroyed()
        elif type(value) is dict or isinstance(value, Mapping):
            check_letters(*value.values())
        elif isinstance(value, list | tuple):
            check_letters(*value)


def _is_encoded_twice(text: str) -> bool:
    """Whether its letters are the bytes of another text, read as Latin-1 or windows-1252: `Táº¡` for `Tạ`."""
    if text.isascii() or _NO_BYTES.search(text):
        return False
    try:
        meant = text.translate(_WINDOWS_1252).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return False
    return any(c.isalpha() and not c.isascii() for c in meant)


def _destroyed() -> ProtocolViolation:
    return _wrong("The answer holds letters that were destroyed on the way.")


def _wrong(detail: str) -> ProtocolViolation:
    return ProtocolViolation(detail, vi="Câu trả lời không theo bảng mã UTF-8", what="wrong_charset")
