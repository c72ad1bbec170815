"""How alike two writings are, and why: the words of every comparison that the gateway makes (POP-09)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

How = Literal["same", "similar", "different"]
_WORST: tuple[How, ...] = ("different", "similar")


class Reason(StrEnum):
    """Why two writings are only alike. Each is something that people and registers are known to write in two ways."""

    MARKS = "marks"
    CASE = "case"
    SPACING = "spacing"
    PUNCTUATION = "punctuation"
    TONE_POSITION = "tone_position"
    I_OR_Y = "i_or_y"
    ABBREVIATION = "abbreviation"
    OLD_PLACE = "old_place"

    @property
    def detail(self) -> str:
        """The sentence for engineers."""
        return _SENTENCES[self][0]

    @property
    def detail_vi(self) -> str:
        """The sentence for officers."""
        return _SENTENCES[self][1]


_SENTENCES: dict[Reason, tuple[str, str]] = {
    Reason.MARKS: ("The marks differ.", "Khác dấu."),
    Reason.CASE: ("Only capital and small letters differ.", "Chỉ khác chữ hoa, chữ thường."),
    Reason.SPACING: ("Words are joined or separated differently.", "Khác cách viết liền, viết rời."),
    Reason.PUNCTUATION: ("Dots, commas, hyphens or quotes differ.", "Khác dấu chấm, dấu phẩy, gạch nối hoặc nháy."),
    Reason.TONE_POSITION: (
        "The tone mark stands on another vowel of the same syllable.",
        "Khác vị trí đặt dấu thanh (hòa, hoà).",
    ),
    Reason.I_OR_Y: ("One writes i where the other writes y.", "Khác i và y (Lý, Lí)."),
    Reason.ABBREVIATION: ("One uses a short form of the other.", "Một bên viết tắt."),
    Reason.OLD_PLACE: (
        "One is the place's name or code before or after a merger.",
        "Một bên ghi địa danh trước, một bên sau sắp xếp đơn vị hành chính.",
    ),
}


@dataclass(frozen=True, slots=True)
class Likeness:
    """`same` (at most the letters' case differs), `similar` for the reasons in `why`, or `different`."""

    how: How
    why: tuple[Reason, ...] = ()

    def because(self, reason: Reason) -> Likeness:
        """Alike, but for one reason more. What is different stays so."""
        if self.how == "different":
            return self
        return similar({*(self.why if self.how == "similar" else ()), reason})


SAME, DIFFERENT = Likeness("same"), Likeness("different")


def similar(reasons: Iterable[Reason]) -> Likeness:
    """Similar, the reasons in the order of `Reason`. Case is named only where it is all that differs."""
    found = set(reasons) - {Reason.CASE}
    return Likeness("similar", tuple(reason for reason in Reason if reason in found))


def altogether(parts: Iterable[Likeness]) -> Likeness:
    """Of a whole: as its worst part is, for the reasons of all parts that are similar; of no parts: the same."""
    found = list(parts)
    worst: How = next((how for how in _WORST if any(part.how == how for part in found)), "same")
    if worst != "similar":
        return Likeness(worst)
    return similar(reason for part in found if part.how == "similar" for reason in part.why)
