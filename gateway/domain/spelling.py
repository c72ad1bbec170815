"""Compare two Vietnamese writings, and say why they are alike. Pure; any text will do.

What cannot be seen is no difference: composed or decomposed letters, marks in another order, full-width letters,
no-break and zero-width spaces. For everything else a text is folded step by step, each step with its reason; two texts
are similar when some of their folded forms meet, for the gentlest reasons that make them meet.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence

from gateway.domain.abbreviations import TextKind, expand
from gateway.domain.likeness import DIFFERENT, SAME, Likeness, Reason, similar
from gateway.domain.names import strip_marks

TONES = "\u0300\u0301\u0303\u0309\u0323"
_SHAPES = "\u0302\u0306\u031b"
"""Circumflex, breve and horn make another letter; they come before the tone in whatever order they were typed."""
_COMBINING = re.compile("[\u0300-\u036f]+")
_UNSETTLED = re.compile("[\u0300-\u036f\u0f0c\u2011\uff00-\uffef]")
"""Marks of their own, and what can be printed and yet is only a width or a way of breaking lines."""
_VOWELS = re.compile("(?:[aeiouy][\u0300-\u036f]*){2,}")
_LAST_Y = re.compile(
    f"(?:(?<=[bcdfghjklmnpqrstvwxzđ])|(?<=qu)|(?<![a-zđ\u0300-\u036f]))y([{TONES}]*)(?![a-zđ\u0300-\u036f])"
)
_LOOSE_SPACE = re.compile(r"(?<![0-9]) | (?![0-9])")
_APOSTROPHES = frozenset("'`´‘’ʼʹ")
_MEANING = frozenset("&@#%*")
"""Signs that distinguish names; they are not punctuation here."""
_WEIGHTS: Mapping[Reason, int] = {Reason.ABBREVIATION: 3, Reason.MARKS: 6}
_SAME_BUT_CASE = Likeness("same", (Reason.CASE,))
_NONE: frozenset[Reason] = frozenset()

Forms = dict[str, frozenset[Reason]]


def compare_texts(asked: str, held: str, *, kind: TextKind) -> Likeness:
    """`same`: at most capital and small letters differ (registers write in capitals). Symmetric; equal texts are the
    same. Digits never fold away: 1/2 and 12 are different."""
    same = same_text(asked, held)
    if same is not None:
        return same
    ours, theirs = _forms(_small(asked), kind), _forms(_small(held), kind)
    meeting = [ours[form] | theirs[form] for form in ours.keys() & theirs.keys() if form]
    return similar(min(meeting, key=_cost)) if meeting else DIFFERENT


def same_text(asked: str, held: str) -> Likeness | None:
    """As `compare_texts` where two texts are the same; None: they are not, however alike they may be."""
    if settle(asked) == settle(held):
        return SAME
    return _SAME_BUT_CASE if _small(asked) == _small(held) else None


def _small(text: str) -> str:
    return settle(settle(text).casefold())


def settle(text: str) -> str:
    """One writing for what looks the same: NFC with marks in order, half width, one space between words."""
    if text.isprintable() and not _UNSETTLED.search(text) and unicodedata.is_normalized("NFC", text):
        return " ".join(text.split())  # as nearly everything is written
    plain = "".join(_plain(character) for character in text)
    ordered = _COMBINING.sub(_in_order, unicodedata.normalize("NFD", plain))
    return " ".join(unicodedata.normalize("NFC", ordered).split())


@functools.lru_cache(maxsize=4096)  # of single characters: nothing of anybody is kept
def _plain(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    if unicodedata.decomposition(character).startswith(("<wide>", "<narrow>", "<noBreak>")):
        return unicodedata.normalize("NFKC", character)
    return character


def _in_order(marks: re.Match[str]) -> str:
    return "".join(sorted(marks[0], key=lambda mark: mark not in _SHAPES))


def _forms(text: str, kind: TextKind) -> Forms:
    """Every folded form of a text, with the gentlest reasons that lead to it."""
    found: Forms = {text: _NONE}
    for reason, fold in _steps(kind):
        for form, why in list(found.items()):
            for folded in fold(form):
                reasons = why | {reason}
                if folded not in found or _cost(reasons) < _cost(found[folded]):
                    found[folded] = reasons
    return found


def _steps(kind: TextKind) -> Sequence[tuple[Reason, Callable[[str], Sequence[str]]]]:
    """In the order in which they can still see what they fold."""
    return (
        (Reason.ABBREVIATION, lambda text: expand(text, kind)),
        (Reason.TONE_POSITION, lambda text: [_tones_last(text)]),
        (Reason.I_OR_Y, lambda text: [_i_for_y(text)]),
        (Reason.MARKS, lambda text: [strip_marks(text)]),
        (Reason.PUNCTUATION, lambda text: [_without_punctuation(text)]),
        (Reason.SPACING, lambda text: [_LOOSE_SPACE.sub("", text)]),
    )


def _cost(reasons: Iterable[Reason]) -> tuple[int, list[Reason]]:
    named = sorted(reasons)
    return sum(_WEIGHTS.get(reason, 1) for reason in named), named


def _tones_last(text: str) -> str:
    """hòa and hoà: the tone behind the last vowel of its group."""
    return unicodedata.normalize("NFC", _VOWELS.sub(_tone_behind, unicodedata.normalize("NFD", text)))


def _tone_behind(group: re.Match[str]) -> str:
    tones = "".join(sorted(mark for mark in group[0] if mark in TONES))
    return "".join(mark for mark in group[0] if mark not in TONES) + tones


def _i_for_y(text: str) -> str:
    """Lý and Lí, Mỹ and Mĩ, quý and quí. Not tay and tai, which are two words."""
    return unicodedata.normalize("NFC", _LAST_Y.sub(r"i\1", unicodedata.normalize("NFD", text)))


def _without_punctuation(text: str) -> str:
    return " ".join("".join(_unpointed(character) for character in text).split())


@functools.lru_cache(maxsize=4096)
def _unpointed(character: str) -> str:
    if character in _APOSTROPHES:
        return ""
    is_point = unicodedata.category(character).startswith("P") and character not in _MEANING
    return " " if is_point else character
