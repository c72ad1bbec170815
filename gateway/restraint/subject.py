"""Recognise whom look-ups are about without keeping a number: keyed digests only (PDP-15)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from gateway.domain import PersonalId
from gateway.signing.model import Digester


class Subjects:
    """Digests a number, and what it shares with its neighbours."""

    def __init__(self, digester: Digester, *, neighbour_digits: int) -> None:
        self._digester = digester
        self._digits = neighbour_digits

    def marks(self, tenant: str, number: str) -> tuple[bytes | None, bytes | None]:
        """Of the number, and of it without its last digits where it is a person's: an enterprise's details are free to
        everybody, and its numbers are given out in a row. None: it is about nobody."""
        plain = number.replace("-", "")
        if not plain:
            return None, None
        subject = self._digester.digest(plain.encode(), purpose=f"restraint/subject/{tenant}")
        if not PersonalId.PATTERN.fullmatch(plain):
            return subject, None
        near = f"{len(plain)}/{plain[: -self._digits]}"
        return subject, self._digester.digest(near.encode(), purpose=f"restraint/near/{tenant}")

    def question(self, tenant: str, asked: Mapping[str, Any]) -> bytes:
        """Of all that is said about the person. Which fields are wanted and why is no guess: both are left out."""
        said = {name: value for name, value in asked.items() if name not in {"purpose", "fields"} and value is not None}
        told = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
        return self._digester.digest(told, purpose=f"restraint/question/{tenant}")
