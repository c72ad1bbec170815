"""Whom bytes that were exchanged are about. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence

from gateway.domain import PersonalId, numbers_in, people_in

_NUMBER = re.compile(r"(?<![0-9])[0-9]{12}(?![0-9])")


def people_of(contents: Iterable[bytes]) -> tuple[str, ...]:
    """The personal numbers that stand in what was exchanged, in whichever vocabulary, also in the middle of a text."""
    found = dict[str, None]()
    for content in contents:
        text = content.decode(errors="replace")
        try:
            document = json.loads(text)
            named: Sequence[str] = [*people_in(document), *numbers_in(document)]
        except (ValueError, RecursionError):
            named = ()
        known = (number for number in named if PersonalId.PATTERN.fullmatch(number))
        found |= dict.fromkeys([*known, *_NUMBER.findall(text)])
    return tuple(found)
