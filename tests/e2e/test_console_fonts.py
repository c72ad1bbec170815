"""Vietnamese is written whole in every font that a page may fall back to: no letter from another font, no empty box."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import CDPSession, Page
from screen import screen

STYLE = Path(__file__).parents[2] / "gateway" / "console" / "static" / "console.css"
MARKS = "\u0300\u0301\u0303\u0309\u0323"
VOWELS = "aăâeêioôơuưy"
LETTERS = "".join(
    unicodedata.normalize("NFC", vowel + mark) + unicodedata.normalize("NFC", vowel.upper() + mark)
    for vowel in VOWELS
    for mark in ("", *MARKS)
)
SAMPLE = LETTERS + "đĐ₫"
STACKS = re.findall(r"(?:font|font-family): ?([^;{}]*(?:serif|monospace))", STYLE.read_text(encoding="utf-8"))
WHOLE = sorted({tuple(name.strip() for name in re.sub(r"^.*/\S+ ", "", stack).split(",")) for stack in STACKS})
FALLBACKS = [", ".join(stack[first:]) for stack in WHOLE for first in range(len(stack))]
"""What is left of each list where the fonts before are not installed."""
NAMED = [rest for rest in FALLBACKS if "," in rest]
"""Those where a font is named: the last one, whatever the machine has, may take letters from several."""


@pytest.fixture(scope="module")
def page() -> Iterator[Page]:
    with screen() as opened:
        yield opened.profile().new_page()


def fonts_of(page: Page, families: str, text: str) -> dict[str, int]:
    """Which fonts the letters were really taken from, and how many from each."""
    page.set_content(f"<p id=sample style='font-family: {families}'>{text}</p>")  # from the first layout on
    session: CDPSession = page.context.new_cdp_session(page)
    session.send("DOM.enable")
    session.send("CSS.enable")
    root = session.send("DOM.getDocument")["root"]["nodeId"]
    node = session.send("DOM.querySelector", {"nodeId": root, "selector": "#sample"})["nodeId"]
    used = session.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return {font["familyName"]: int(font["glyphCount"]) for font in used}


def test_all_of_the_alphabet_is_in_the_sample() -> None:
    assert len(LETTERS) == 12 * 6 * 2
    assert {"ắ", "ợ", "Ữ", "ỵ"} <= set(LETTERS)
    assert len(WHOLE) == 2


@pytest.mark.parametrize("families", NAMED)
def test_every_letter_comes_from_one_font(page: Page, families: str) -> None:
    used = fonts_of(page, families, SAMPLE)
    assert len(used) == 1, used
    assert sum(used.values()) >= len(SAMPLE)  # some are drawn as a letter and a mark


@pytest.mark.parametrize("families", FALLBACKS)
def test_no_letter_is_an_empty_box(page: Page, families: str) -> None:
    """Each letter is drawn otherwise than one that no font has."""
    page.set_content("<canvas id=c width=60 height=60></canvas>")
    drawn: dict[str, str] = page.evaluate(
        """([families, letters]) => {
        const canvas = document.getElementById("c"), pen = canvas.getContext("2d");
        const draw = (letter) => {
            pen.clearRect(0, 0, 60, 60);
            pen.font = `32px ${families}`;
            pen.fillText(letter, 5, 45);
            return canvas.toDataURL();
        };
        return Object.fromEntries([...letters, "\\uFFFE", "\\u{10FFFD}"].map((letter) => [letter, draw(letter)]));
        }""",
        [families, SAMPLE],
    )
    boxes = {drawn.pop("\ufffe"), drawn.pop("\U0010fffd")}
    assert not boxes & set(drawn.values())
    assert len(set(drawn.values())) == len(set(SAMPLE))
