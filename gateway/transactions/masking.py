"""Bytes as they were exchanged, with whatever may be of a person covered. Pure.

A field is shown when our classification calls it not personal (`privacy/fields.yaml`, through the mapping where it is a
field of theirs) or when its name is a technical one; every other field is covered, known or not. What is shown is then
looked through for what has the shape of a personal number, a telephone or an address of e-mail. What cannot be read as
JSON, XML or a form is not shown at all.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit
from xml.parsers import expat

COVER = "•••"
LONGEST = 20_000
"""Letters that are shown of one body."""
MOST_DEPTH = 40
SHAPES = re.compile(
    r"(?<![0-9A-Za-z])(?:\+?84|0)[ .()–-]{0,2}[1-9](?:[ .()–-]{0,2}[0-9]){7,9}(?![0-9])"  # telephones
    r"|(?<![0-9])[0-9]{9,12}(?![0-9])"  # identity papers of nine and twelve digits; a JSON number has lost its first 0
    r"|(?<![0-9])[0-9]{3}(?:[ .,/_–-][0-9]{3}){2,3}(?![0-9])"
    r"|(?<![0-9A-Za-z])[A-Z][0-9]{7,8}(?![0-9A-Za-z])"  # passports
    r"|[\w.+-]{1,64}@[\w-]{1,63}\.[\w.-]{1,255}"  # bounded: a long text without an @ is not read over and over
)
TECHNICAL = frozenset(
    [
        "code",
        "status",
        "error_code",
        "errorcode",
        "statuscode",
        "http_status",
        "success",
        "result",
        "total",
        "count",
        "page",
        "limit",
        "offset",
        "size",
        "version",
        "type",
        "maloi",
        "ma_loi",
        "trangthai",
        "vnp_responsecode",
        "vnp_transactionstatus",
        "vnp_command",
        "vnp_version",
        "trace_id",
        "call_id",
        "audit_index",
        "verdict",
        "retry",
        "operation",
        "system",
        "event",
        "mapping_version",
        "outcome",
    ]
)
"""Names that no contract uses for a field of a person."""
TECHNICAL_VALUE = re.compile(r"(?!(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9]).{12})[A-Za-z0-9_.:/+-]{0,40}")
"""What mixes letters of both sizes with digits may be something in base64."""
FIELD_NAME = re.compile(r"[\w@$#][\w.:@$#/-]{0,99}", re.ASCII)
"""Other names of fields may be what somebody is called: a document may list persons by name."""
PATH = re.compile(r"[A-Za-z0-9._~:-]{0,40}")
"""A step of an address that is shown."""
HEADS = frozenset(["content-type", "content-length", "content-encoding", "date", "server", "accept", "retry-after"])

Shows = Callable[[str], bool]
"""Whether a field may be shown, by its dotted path without the numbers of list items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Masked:
    """`text`: empty when it cannot be shown; `size`: bytes of the body; `covered`: values that were covered. `is_cut`:
    there is more than is shown."""

    text: str
    size: int
    covered: int = 0
    is_cut: bool = False


class _Cover:
    """Covers values, and counts."""

    def __init__(self, shows: Shows) -> None:
        self._shows = lru_cache(maxsize=4096)(shows)  # a list has the same fields in each of its items
        self.count = 0

    def value(self, path: str, value: str) -> str:
        if not value.strip():
            return value
        name = path.rpartition(".")[2].lower()
        is_technical = name in TECHNICAL and TECHNICAL_VALUE.fullmatch(value) is not None
        if not (is_technical or self._shows(path)):
            return self._covered()
        value = value[:LONGEST]
        if (folded := _folded(value)) != value and SHAPES.search(folded):
            return self._covered()  # digits of another script, or with something that nobody sees between them
        return SHAPES.sub(lambda _: self._covered(), value)

    def name(self, name: str) -> str:
        """Of a field."""
        return SHAPES.sub(COVER, name) if FIELD_NAME.fullmatch(name) else COVER

    def _covered(self) -> str:
        self.count += 1
        return COVER


def _folded(value: str) -> str:
    """As a reader sees it: every digit and blank the usual one, without what takes no place."""
    plain = unicodedata.normalize("NFKC", value)
    letters = (str(unicodedata.decimal(one)) if one.isdecimal() else one for one in plain)
    return "".join(" " if one.isspace() else one for one in letters if unicodedata.category(one) not in {"Cf", "Mn"})


def mask(content: bytes, shows: Shows) -> Masked:
    """The body, covered; nothing of it where it is not understood."""
    cover = _Cover(shows)
    text = _read(content, cover)
    cut = text[:LONGEST]
    return Masked(text=cut, size=len(content), covered=cover.count, is_cut=len(text) > LONGEST)


def mask_head(content: bytes) -> Masked:
    """The line and headers before a body: names, and the values that say nothing of anybody; of an address the path
    without what may be a number."""
    cover = _Cover(lambda _path: False)
    first, *headers = content.decode(errors="replace").split("\n")
    lines = [" ".join(_address(word, cover) for word in first.split(" "))]
    for header in headers:
        name, _, value = header.partition(": ")
        is_plain = name.lower() in HEADS
        lines.append(f"{name}: {SHAPES.sub(COVER, value) if is_plain else cover.value('', value)}")
    return Masked(text="\n".join(lines)[:LONGEST], size=len(content), covered=cover.count)


def _address(word: str, cover: _Cover) -> str:
    """Without who logs in; steps of the path that are not plain are covered."""
    try:
        parts = urlsplit(word)
    except ValueError:
        return COVER
    query = f"?{_form(parts.query, cover)}" if parts.query else ""
    path = "/".join(_step(step) for step in parts.path.split("/"))
    host = parts.netloc.rpartition("@")[2]
    return f"{parts.scheme}://{SHAPES.sub(COVER, host)}{path}{query}" if parts.netloc else path + query


def _step(step: str) -> str:
    plain = unquote(step)
    return SHAPES.sub(COVER, plain) if PATH.fullmatch(plain) else COVER


def _read(content: bytes, cover: _Cover) -> str:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return ""
    for read in (_json, _xml, _whole_form):
        before = cover.count
        try:
            return read(text, cover)
        except (ValueError, RecursionError, expat.ExpatError):
            cover.count = before
    return ""


def _json(text: str, cover: _Cover) -> str:
    return json.dumps(_walk(json.loads(text), "", cover), ensure_ascii=False, indent=2)


def _walk(value: Any, path: str, cover: _Cover) -> Any:
    if path.count(".") > MOST_DEPTH:
        raise RecursionError
    if isinstance(value, Mapping):
        return {
            cover.name(name): _walk(inner, f"{path}.{name}" if path else name, cover) for name, inner in value.items()
        }
    if isinstance(value, list):
        return [_walk(inner, path, cover) for inner in value]
    if value is None or isinstance(value, bool):
        return value
    shown = cover.value(path, str(value))
    return value if shown == str(value) else shown


def _xml(text: str, cover: _Cover) -> str:
    """Elements in lines, without prefixes. Declared entities are refused: nothing here unfolds."""
    lines, path, said = list[str](), list[str](), list[str]()
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True

    def refuse(*_: object) -> None:
        raise ValueError

    def tell() -> None:
        whole = "".join(said).strip()
        said.clear()
        if whole:
            lines.append(f"{'  ' * len(path)}{cover.value('.'.join(path), whole)}")

    def start(name: str, attributes: dict[str, str]) -> None:
        tell()
        own = [
            f' {cover.name(_local(key))}="{cover.value(".".join([*path, _local(name), _local(key)]), value)}"'
            for key, value in attributes.items()
        ]
        lines.append(f"{'  ' * len(path)}<{cover.name(_local(name))}{''.join(own)}>")
        path.append(_local(name))
        if len(path) > MOST_DEPTH:
            raise ValueError

    def end(name: str) -> None:
        tell()
        path.pop()
        lines.append(f"{'  ' * len(path)}</{cover.name(_local(name))}>")

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = said.append
    parser.Parse(text.encode(), True)
    return "\n".join(lines)


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _whole_form(text: str, cover: _Cover) -> str:
    if not re.fullmatch(r"[^=&\s<>{}]+=[^&\s<>{}]*(?:&[^=&\s<>{}]+=[^&\s<>{}]*)*", text):
        raise ValueError
    return _form(text, cover)


def _form(text: str, cover: _Cover) -> str:
    pairs = parse_qsl(text, keep_blank_values=True)
    return "&".join(f"{cover.name(name)}={cover.value(name, value)}" for name, value in pairs)
