"""What changed in a code list, and when that is too much to believe."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.delivery.model import StreamKey
from gateway.domain import ProcedureCode

PROCEDURES = "procedures"
SOURCES: Mapping[str, str] = {
    "agencies": "list_agencies",
    "fields": "list_fields",
    PROCEDURES: "list_procedures",
    "online_services": "list_online_services",
}
"""Catalogue → the operation that lists it as codes with names. Any other is read by its name, row by row."""

BY_NAME = "read_catalogue"


def question(catalogue: str) -> tuple[str, Mapping[str, str]]:
    """The operation that lists it, and what it is told."""
    return (SOURCES[catalogue], {}) if catalogue in SOURCES else (BY_NAME, {"name": catalogue})


def known_as(catalogue: str, code: str) -> str:
    """The code under which a list holds what it names: a procedure by its national part, whoever published the copy
    that is listed or filed (COD-08)."""
    return ProcedureCode.national_of(code) if catalogue == PROCEDURES else code


def entries_of(catalogue: str, answer: Mapping[str, Any]) -> Mapping[str, str]:
    """Codes with names; of a list whose fields nobody knows, each row under its own digest, so that its drift is seen
    all the same. Of several copies of a procedure the national one, the shortest, gives the name."""
    if "rows" not in answer:
        found = {str(item["code"]).strip(): str(item["name"]) for item in answer["items"]}
        longest_first = sorted(found, key=lambda code: (-len(code), code))
        return {known_as(catalogue, code): found[code] for code in longest_first}
    rows = [json.dumps(row, ensure_ascii=False, sort_keys=True) for row in answer["rows"]]
    return {hashlib.sha256(row.encode()).hexdigest()[:16]: row for row in rows}


@dataclass(frozen=True, slots=True, order=True)
class UnknownCode:
    """A code that its catalogue does not hold on the day in question."""

    catalogue: str
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """Codes with their names: `changed` has the old name and the new one."""

    added: Mapping[str, str]
    changed: Mapping[str, tuple[str, str]]
    vanished: Mapping[str, str]

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.vanished)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sync:
    """One look at a list. `applied` False: so much was gone that a person must confirm it; the old list stays."""

    catalogue: str
    at: datetime
    applied: bool
    drift: Drift
    version: int = 0
    """The version of our list after this look; each applied change is the next one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueView:
    """A list that was taken over: how many codes are in force, which version they are, and when it was looked at."""

    catalogue: str
    version: int
    codes: int
    looked_at: datetime
    changed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CodedField:
    """A coded field of a dossier: a JSON pointer, the catalogue that its code is from, and the version of the day on
    which the dossier was received; 0: the catalogue was never taken over (COD-11)."""

    field: str
    code: str
    catalogue: str
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A dossier whose copies wait for a code."""

    stream: StreamKey
    unknown: UnknownCode
    since: datetime


def drift(before: Mapping[str, str], after: Mapping[str, str]) -> Drift:
    return Drift(
        added={code: name for code, name in after.items() if code not in before},
        changed={c: (before[c], name) for c, name in after.items() if c in before and before[c] != name},
        vanished={code: name for code, name in before.items() if code not in after},
    )


def is_believable(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """A list that lost more than half of itself is an accident at the other end until somebody says otherwise."""
    gone = sum(code not in after for code in before)
    return bool(after) and gone * 2 <= len(before)
