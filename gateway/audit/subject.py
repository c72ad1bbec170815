"""Whom a row is about, searchable without the number: a keyed digest (PDP-15). The digest never enters the leaf, so
that it can be erased, and who holds the log alone cannot try all numbers."""

from __future__ import annotations

from gateway.audit.keys import Digester


def subject_digest(number: str, digester: Digester, *, tenant: str) -> bytes:
    """Of a personal number, however it is written: with blanks, dots or dashes. 32 bytes."""
    plain = number.upper() if number.isalnum() else "".join(letter for letter in number if letter.isalnum()).upper()
    return digester.digest(plain.encode(), purpose=f"audit-subject/{tenant}")
