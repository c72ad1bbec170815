"""What the mock portal has stored: every version of every dossier and its progress steps, in order of arrival.

With a state file each acceptance is appended and flushed before the answer leaves, so that a portal that is killed and
started again still has what it acknowledged.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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

    def clear(self) -> None:
        """Forget everything, in the file too."""
        self._records.clear()
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _keep(self, facts: list[dict[str, Any]]) -> None:
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:  # closing flushes: the bytes outlive this process
                out.write("".join(json.dumps(fact, ensure_ascii=False) + "\n" for fact in facts))
        for fact in facts:
            self._apply(fact)

    def _apply(self, fact: Mapping[str, Any]) -> None:
        body = fact["body"]
        record = self._records.setdefault(body["MaHoSo"], Record())
        if fact["kind"] == "step":
            record.steps.append(Step(fact["at"], body))
            return
        before = record.dossier["TrangThaiHoSo"] if record.versions else body["TrangThaiHoSo"]
        warnings = tuple(transition_warnings(before, body["TrangThaiHoSo"]))
        record.versions.append(Version(fact["at"], fact["updating"], body, warnings))

    def _replay(self, file: Path) -> None:
        text = file.read_text(encoding="utf-8")
        whole, _, torn = text.rpartition("\n")
        for line in whole.split("\n") if whole else ():
            self._apply(json.loads(line))
        if torn:  # killed in mid-write: that item was never acknowledged
            file.write_text(whole + "\n" if whole else "", encoding="utf-8")
