"""What the mock portal has stored: every version of every dossier and its progress steps, in order of arrival.

With a state file each acceptance is one line, on the disk before the answer leaves, so that a portal that is killed and
started again still has what it acknowledged: a message entirely or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mocks._kit.errors import MockDidNotStart
from mocks.national_portal.rules import transition_warnings

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Version:
    """One accepted DongBoHoSoMC item. `at` is ISO 8601; `updating` tells isUpdating "True" from "False"."""

    at: str
    updating: bool
    dossier: Item
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One accepted CapNhatTienDoHoSoMC item."""

    at: str
    step: Item


@dataclass(slots=True)
class Record:
    """All that the portal holds under one MaHoSo. The last version replaces the earlier ones in full."""

    versions: list[Version] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)

    @property
    def dossier(self) -> Item:
        """The dossier as it stands."""
        return self.versions[-1].dossier


class Book:
    """The portal's dossiers, in memory, and on request in a file of JSON lines."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._records: dict[str, Record] = {}
        self.notes: list[tuple[str, Item]] = []
        """What other services kept, as (service, item), in order of arrival."""
        if file is not None and file.exists():
            self._replay(file)

    def __contains__(self, code: object) -> bool:
        return code in self._records

    def find(self, code: str) -> Record | None:
        """The record of that MaHoSo, or None."""
        return self._records.get(code)

    def codes(self) -> list[str]:
        """Every MaHoSo, in order of first arrival."""
        return list(self._records)

    def put(self, dossiers: Iterable[Item], *, updating: bool, at: str) -> None:
        """Store full dossiers; each becomes the newest version of its code."""
        facts = [{"kind": "dossier", "at": at, "updating": updating, "body": body} for body in dossiers]
        self._keep(facts)

    def append(self, steps: Iterable[Item], *, at: str) -> None:
        """Append progress steps. Repeats are kept: whether the portal de-duplicates is unknown."""
        self._keep([{"kind": "step", "at": at, "body": body} for body in steps])

    def note(self, service: str, items: Iterable[Item]) -> None:
        """Keep what a service took that is about no dossier of this book."""
        self._keep([{"kind": "note", "service": service, "body": body} for body in items])

    def lose(self, code: str) -> bool:
        """Forget one dossier and its steps, as a portal that was restored from an older copy has. False: unknown."""
        if code not in self._records:
            return False
        self._keep([{"kind": "lost", "body": {"MaHoSo": code}}])
        return True

    def clear(self) -> None:
        """Forget everything, in the file too."""
        self._records.clear()
        self.notes.clear()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _keep(self, facts: list[dict[str, Any]]) -> None:
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(facts, ensure_ascii=False) + "\n")
                out.flush()
                os.fsync(out.fileno())
        for fact in facts:
            self._apply(fact)

    def _apply(self, fact: Mapping[str, Any]) -> None:
        body = fact["body"]
        if fact["kind"] == "note":
            self.notes.append((fact["service"], body))
            return
        if fact["kind"] == "lost":
            self._records.pop(body["MaHoSo"], None)
            return
        record = self._records.setdefault(body["MaHoSo"], Record())
        if fact["kind"] == "step":
            record.steps.append(Step(fact["at"], body))
            return
        before = record.dossier["TrangThaiHoSo"] if record.versions else body["TrangThaiHoSo"]
        warnings = tuple(transition_warnings(before, body["TrangThaiHoSo"]))
        record.versions.append(Version(fact["at"], fact["updating"], body, warnings))

    def _replay(self, file: Path) -> None:
        """Bytes, not text: a kill in mid-write may leave half a letter behind."""
        whole, newline, torn = file.read_bytes().rpartition(b"\n")
        for number, line in enumerate(whole.split(b"\n") if newline else (), 1):
            for fact in _facts(line, f"{file.name}, line {number}"):
                self._apply(fact)
        if torn:  # that message was never acknowledged
            os.truncate(file, len(whole) + len(newline))


def _facts(line: bytes, where: str) -> list[Mapping[str, Any]]:
    try:
        facts: list[Mapping[str, Any]] = json.loads(line)
    except ValueError as exc:
        raise MockDidNotStart(f"{where}: the state file is damaged") from exc
    return facts
