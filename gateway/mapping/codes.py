"""Code lists as data: `codes/<list>.csv` with the columns ours, theirs, label_vi. An unknown code is never guessed."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gateway.mapping.model import MisfitError

COLUMNS = ["ours", "theirs", "label_vi"]


class BadCodeListError(Exception):
    """A code list file is malformed."""


@dataclass(frozen=True, slots=True)
class CodeList:
    """Danh mục. Several of our codes may share one of theirs; reading takes the first."""

    name: str
    by_ours: Mapping[str, str]
    by_theirs: Mapping[str, str]
    labels: Mapping[str, str]

    def theirs(self, value: Any) -> str:
        return self._find(self.by_ours, value)

    def ours(self, value: Any) -> str:
        return self._find(self.by_theirs, value)

    def label(self, value: Any) -> dict[str, str | None]:
        """Their raw code, kept, beside its meaning; no meaning is known for an unknown code."""
        return {"code": str(value), "label_vi": self.labels.get(str(value))}

    def _find(self, table: Mapping[str, str], value: Any) -> str:
        if str(value) not in table:
            raise MisfitError(f"the code is not in the list {self.name}", f"mã không có trong danh mục {self.name}")
        return table[str(value)]


def read_code_list(file: Path) -> CodeList:
    with file.open(encoding="utf-8", newline="") as lines:
        reader = csv.DictReader(lines)
        if reader.fieldnames != COLUMNS:
            raise BadCodeListError(f"{file.name}: the columns must be {', '.join(COLUMNS)}")
        rows = list(reader)
    by_ours: dict[str, str] = {}
    by_theirs: dict[str, str] = {}
    labels: dict[str, str] = {}
    for row in rows:
        if row["ours"]:
            if row["ours"] in by_ours:
                raise BadCodeListError(f"{file.name}: {row['ours']!r} stands twice")
            by_ours[row["ours"]] = row["theirs"]
            by_theirs.setdefault(row["theirs"], row["ours"])
        labels.setdefault(row["theirs"], row["label_vi"])
    return CodeList(file.stem, by_ours, by_theirs, labels)
