"""Whom a document names by number."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from gateway.domain.identifiers import PersonalId

KINDS = {"personal_id", "old_card"}
"""Kinds of identifiers that are a person's."""
NUMBER = re.compile(r"[0-9]{12}", re.ASCII)


def people_in(document: Any) -> tuple[str, ...]:
    """The personal numbers in a document of our own vocabulary, each once: `personal_id` wherever it stands, and the
    `identifiers` of an applicant."""
    found: list[str] = []
    _numbers(document, found)
    return tuple(dict.fromkeys(filter(PersonalId.PATTERN.fullmatch, found)))


def numbers_in(document: Any) -> tuple[str, ...]:
    """Whatever reads as a personal number in a document of somebody else's vocabulary, where no field of ours says
    whose it is. Old cards are passed over: nine digits are a sum of money as well."""
    found: list[str] = []
    _texts(document, found)
    return tuple(dict.fromkeys([text for text in found if len(text) == 12 and NUMBER.fullmatch(text)]))


def _texts(document: Any, found: list[str]) -> None:
    """Into one list: a chain of generators costs more than what it yields."""
    if isinstance(document, str):
        found.append(document)
    elif isinstance(document, dict | Mapping):
        for value in document.values():
            if type(value) is str:
                found.append(value)
            else:
                _texts(value, found)
    elif isinstance(document, list | tuple):
        for value in document:
            _texts(value, found)


def _numbers(document: Any, found: list[str]) -> None:
    if isinstance(document, dict):
        if document.get("kind") in KINDS:
            found.append(str(document.get("value", "")))
        if isinstance(number := document.get("personal_id"), str):
            found.append(number)
        for value in document.values():
            if type(value) is not str:
                _numbers(value, found)
    elif isinstance(document, list | tuple):
        for value in document:
            _numbers(value, found)
