"""Recognise whom look-ups are about without keeping a number: keyed digests only (PDP-15)."""

from __future__ import annotations

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
