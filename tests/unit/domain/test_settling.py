"""The short way of `settle`, for what is settled already, gives what the long way gives."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from gateway.domain.spelling import settle

LETTERS = st.sampled_from("aAệẬđĐ ớỗ\u0302\u0300\u0323\u031b\u05b0\u0f0c\u2011\uff21\u00a0\u200b\u1e1c\u01e1?'")


def long_way(text: str) -> str:
    """A space that is no letter of any word cannot be printed as one, so it goes the long way and leaves nothing."""
    return settle(f"{text} \u2003")


def test_every_letter_by_itself() -> None:
    differing = [
        hex(code)
        for code in range(0x110000)
        if unicodedata.category(letter := chr(code)) != "Cs" and settle(letter) != long_way(letter)
    ]
    assert differing == []


@given(st.text(LETTERS, max_size=8) | st.text(max_size=8))
def test_any_text(text: str) -> None:
    assert settle(text) == long_way(text)
