"""Vietnamese names: what is the same name, and what only looks like it.

A mismatch never decides by itself (POP-09): where only marks, spacing or case differ, the answer is *needs review*.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

NameComparison = Literal["same", "similar", "different"]


def strip_marks(text: str) -> str:
    """`Trần Thị Mẫu` → `Tran Thi Mau`; đ becomes d."""
    decomposed = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "D"))
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def to_ascii(text: str) -> str:
    """Without marks, and with the plain form of what word processors type; what has none is left out."""
    plain = strip_marks(text).translate(_TYPESET)
    return plain.encode("ascii", "ignore").decode()


_TYPESET = str.maketrans({"–": "-", "—": "-", "‘": "'", "’": "'", "“": '"', "”": '"', "…": "...", "\u00a0": " "})


def fold_name(text: str) -> str:
    """`Trần  Thị Mẫu` → `TRANTHIMAU`: the stripped form that population look-ups send (contract section 3.3)."""
    return "".join(c for c in strip_marks(text).upper() if c.isalnum())


def compare_names(asked: str, held: str) -> NameComparison:
    """Tell whether two spellings are the same name, similar (marks, spacing, punctuation), or different."""
    if _spelling(asked) == _spelling(held):
        return "same"
    return "similar" if fold_name(asked) == fold_name(held) else "different"


def _spelling(text: str) -> str:
    return " ".join(unicodedata.normalize("NFC", text).upper().split())
