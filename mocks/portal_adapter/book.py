"""What the mock adapter has stored: files, dossiers, their statuses and steps, in order of arrival.

With a state file each acceptance is one line, on the disk before the answer leaves, so that an adapter that is killed
and started again still has what it acknowledged: a message entirely or not at all.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mocks._kit.errors import MockDidNotStart

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class File:
    """One uploaded file. `hash` is what was answered; the bytes are not kept."""

    id: str
    name: str
    size: int
    hash: str


@dataclass(slots=True)
class Record:
    """All that the adapter holds of one dossier."""

    id: str
    dossier: Item
    statuses: list[Item] = field(default_factory=list)
    steps: list[Item] = field(default_factory=list)

    @property
    def code(self) -> str:
        return str(self.dossier["MaHoSo"])

    @property
    def status(self) -> int | None:
        """None: MOCK-NO-STATUS, NoiHoSo carries no status and none was told since."""
        return self.statuses[-1]["TrangThai"] if self.statuses else None


class Book:
    """The adapter's memory, and on request a file of JSON lines."""

    def __init__(self, file: Path | None = None, *, files: Iterable[Mapping[str, Any]] = ()) -> None:
        """`files` are there from the start."""
        self._file = file
        self._given = {given["id"]: File(**given) for given in files}
        self.files: dict[str, File] = dict(self._given)
        self.records: dict[str, Record] = {}
        self.values = 0
        """How many dossier codes were given out."""
        if file is not None and file.exists():
            self._replay(file)

    def find(self, code: str) -> Record | None:
        """The record of that MaHoSo, or None."""
        return next((record for record in self.records.values() if record.code == code), None)

    def keep(self, facts: Iterable[Mapping[str, Any]]) -> None:
        """Store facts, all or none: `{kind: value | file | dossier | status | step | lost, …}`."""
        facts = list(facts)
        if self._file is not None:
            with self._file.open("a", encoding="utf-8") as out:
                out.write(json.dumps(facts, ensure_ascii=False) + "\n")
                out.flush()
                os.fsync(out.fileno())
        for fact in facts:
            self._apply(fact)

    def clear(self) -> None:
        """Forget everything, in the file too."""
        self.files = dict(self._given)
        self.records.clear()
        self.values = 0
        if self._file is not None:
            self._file.unlink(missing_ok=True)

    def _apply(self, fact: Mapping[str, Any]) -> None:
        match fact["kind"]:
            case "value":
                self.values += 1
            case "file":
                self.files[fact["id"]] = File(fact["id"], fact["name"], fact["size"], fact["hash"])
            case "dossier":
                self.records[fact["id"]] = Record(fact["id"], fact["body"])
            case "status":
                self.records[fact["id"]].statuses.append(fact["body"])
            case "step":
                self.records[fact["id"]].steps.append(fact["body"])
            case "lost":
                self.records.pop(fact["id"], None)

    def _replay(self, file: Path) -> None:
        """Bytes, not text: a kill in mid-write may leave half a letter behind."""
        whole, newline, torn = file.read_bytes().rpartition(b"\n")
        for number, line in enumerate(whole.split(b"\n") if newline else (), 1):
            try:
                facts = json.loads(line)
            except ValueError as exc:
                raise MockDidNotStart(f"{file.name}, line {number}: the state file is damaged") from exc
            for fact in facts:
                self._apply(fact)
        if torn:  # that message was never acknowledged
            os.truncate(file, len(whole) + len(newline))
