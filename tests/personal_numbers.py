"""Finds the made-up people of the fixtures in a text: their numbers and names, plain or packed (PDP-15).

Pure functions. `leak_watch.py` holds them against everything that a test run lets out.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import yaml

PEOPLE = Path(__file__).parents[1] / "mocks" / "population" / "scenarios.yaml"
NUMBER = r"(?<![0-9A-Za-z.])099(?:[ .]?[0-9]){9}(?![0-9A-Za-z])"
"""Any personal number of a fixture. Letters around it would be a digest or a token; the known numbers are found there,
too."""
OLD_CARD = re.compile(r"(?:cmnd|cccd|personal|id_?number|giay_?to|dinh_?danh|card)[^\n]{0,40}?(?<!\d)000000\d{3}(?!\d)")
PACKED = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
HEX = re.compile(r"[0-9a-f]+", re.I)
ESCAPED = re.compile(r"\\u([0-9a-fA-F]{4})")
SHORT = 300
LOOSE = re.compile(r"[\u0300-\u036f\s]+")


def kind_found(text: str) -> str:
    """What of a person stands in the text, such as "a personal number in base64"; empty: nothing."""
    return _kind_found_once(text) if len(text) < SHORT else _kind_found(text)


def _kind_found(text: str) -> str:
    if plain := _plain(text):
        return plain
    if "%" in text and (unquoted := _plain(unquote_plus(text))):
        return f"{unquoted} in percent-encoding"
    if "\\u" in text and (unescaped := _plain(ESCAPED.sub(lambda found: chr(int(found[1], 16)), text))):
        return f"{unescaped} in escapes"
    return next((f"{packed} in base64" for word in PACKED.findall(text) if (packed := _packed(word))), "")


_kind_found_once = lru_cache(maxsize=4096)(_kind_found)
"""Libraries say the same few things for every request."""


def stripped(text: str) -> str:
    """Lower case, without diacritics and spaces, as names are sent and searched for."""
    return LOOSE.sub("", unicodedata.normalize("NFD", text.lower())).replace("đ", "d")


def _plain(text: str) -> str:
    numbers, names = _known()
    if numbers.search(text):
        return "a personal number"
    if names.search(stripped(text)):
        return "a name"
    return "an old card's number" if "000000" in text and OLD_CARD.search(text.lower()) else ""


def _packed(word: str) -> str:
    """base64 in both alphabets, wherever it was cut."""
    if HEX.fullmatch(word):
        return ""
    word = word.rstrip("=").replace("-", "+").replace("_", "/")
    for begin in range(4):
        with contextlib.suppress(binascii.Error):  # a length that base64 never has
            found = _plain(base64.b64decode(word[begin:] + "===").decode("utf-8", "ignore"))
            if found:
                return found
    return ""


@cache
def _known() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Patterns of numbers and of stripped names of everybody on record, relatives too."""
    texts = dict.fromkeys(_texts(yaml.safe_load(PEOPLE.read_text(encoding="utf-8")), ""))
    numbers = [value for name, value in texts if name == "SoDinhDanh" and len(value) == 12]
    names = [stripped(value) for name, value in texts if name in {"HoVaTen", "Ten"} and len(value) > 5]
    return re.compile("|".join([NUMBER, *numbers])), re.compile("|".join(map(re.escape, names)))


def _texts(value: Any, name: str) -> Iterator[tuple[str, str]]:
    """Every text of the fixtures with the name of its field."""
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _texts(inner, str(key))
    elif isinstance(value, list):
        for inner in value:
            yield from _texts(inner, name)
