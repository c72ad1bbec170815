"""Whom a document names by number."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from gateway.domain.identifiers import PersonalId

KINDS = {"personal_id", "old_card"}
"""Kinds of identifiers that are a person's."""


def people_in(document: Any) -> tuple[str, ...]:
    """The personal numbers in a document of our own vocabulary, each once: `personal_id` wherever it stands, and the
    `identifiers` of an applicant."""
    return tuple(dict.fromkeys(number for number in _numbers(document) if PersonalId.PATTERN.fullmatch(number)))


def _numbers(document: Any) -> Iterator[str]:
    if isinstance(document, dict):
        if document.get("kind") in KINDS:
            yield str(document.get("value", ""))
        if isinstance(number := document.get("personal_id"), str):
            yield number
        for value in document.values():
            yield from _numbers(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _numbers(value)
