"""Whom a document names by number."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from gateway.domain.identifiers import PersonalId

KINDS = {"personal_id", "old_card"}
"""Kinds of identifiers that are a person's."""
NUMBER = re.compile(r"[0-9]{12}", re.ASCII)


def people_in(document: Any) -> tuple[str, ...]:
    """The personal numbers in a document of our own vocabulary, each once: `personal_id` wherever it stands, and the
    `identifiers` of an applicant."""
    return tuple(dict.fromkeys(number for number in _numbers(document) if PersonalId.PATTERN.fullmatch(number)))


def numbers_in(document: Any) -> tuple[str, ...]:
    """Whatever reads as a personal number in a document of somebody else's vocabulary, where no field of ours says
    whose it is. Old cards are passed over: nine digits are a sum of money as well."""
    return tuple(dict.fromkeys(text for text in _texts(document) if NUMBER.fullmatch(text)))


def _texts(document: Any) -> Iterator[str]:
    if isinstance(document, str):
        yield document
    elif isinstance(document, Mapping):
        for value in document.values():
            yield from _texts(value)
    elif isinstance(document, list | tuple):
        for value in document:
            yield from _texts(value)


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
