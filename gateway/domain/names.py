"""Vietnamese names without their marks, as systems want them that take only plain letters."""

from __future__ import annotations

import re
import unicodedata

_MARKS = re.compile("[\u0300-\u034e\u0350-\u036f]+")
"""Those of Latin letters; all of them combine. U+034F between them does not."""


def strip_marks(text: str) -> str:
    """`Trần Thị Mẫu` → `Tran Thi Mau`; đ becomes d, also where an old font left another letter that looks like it."""
    decomposed = unicodedata.normalize("NFD", text.translate(_BARRED))
    plain = _MARKS.sub("", decomposed)
    return plain if plain.isascii() else "".join(c for c in plain if not unicodedata.combining(c))


def to_ascii(text: str) -> str:
    """Without marks, and with the plain form of what word processors type; what has none is left out."""
    plain = strip_marks(text).translate(_TYPESET)
    return plain.encode("ascii", "ignore").decode()


_BARRED = str.maketrans({"đ": "d", "Đ": "D", "ð": "d", "Ð": "D", "ɖ": "d", "Ɖ": "D"})
_TYPESET = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "})


def fold_name(text: str) -> str:
    """`Trần  Thị Mẫu` → `TRANTHIMAU`: the stripped form that population look-ups send (contract section 3.3)."""
    return "".join(filter(str.isalnum, strip_marks(text).upper()))
