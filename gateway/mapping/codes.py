"""Code lists as data: `codes/<list>.csv` with the columns ours, theirs, label_vi. An unknown code is never guessed.

`codes/lists.yaml`, where there is one, names the catalogue and the version that a list was taken from (COD-11).
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

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
    catalogue: str = ""
    """Name of the catalogue that it was taken from; empty: not told. `version` is the catalogue's own."""
    version: str = ""

    def theirs(self, value: Any) -> str:
        found = self.by_ours.get(str(value))
        if found is None:
            raise self._unknown()
        return found

    def ours(self, value: Any) -> str:
        found = self.by_theirs.get(str(value))
        if found is None:
            raise self._unknown()
        return found

    def label(self, value: Any) -> dict[str, str | None]:
        """Their raw code, kept, beside its meaning and the catalogue; no meaning is known for an unknown code."""
        named = {"list": self.catalogue, "list_version": self.version} if self.catalogue else {}
        return {"code": str(value), "label_vi": self.labels.get(str(value)), **named}

    def _unknown(self) -> MisfitError:
        return MisfitError(f"the code is not in the list {self.name}", f"mã không có trong danh mục {self.name}")


def read_code_lists(folder: Path) -> dict[str, CodeList]:
    """Every list of a folder by its name. `BadCodeListError`: a file is malformed, or `lists.yaml` names no list."""
    found = {file.stem: read_code_list(file) for file in sorted(folder.glob("*.csv"))}
    for name, told in _catalogues(folder / "lists.yaml").items():
        is_complete = isinstance(told, dict) and told.keys() == {"catalogue", "version"}
        if name not in found or not is_complete or not all(isinstance(text, str) and text for text in told.values()):
            raise BadCodeListError(f"lists.yaml: {name}: a list of this folder has a catalogue and a version, as texts")
        found[name] = replace(found[name], **told)
    return found


def _catalogues(file: Path) -> Mapping[str, Any]:
    if not file.is_file():
        return {}
    try:
        told = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as exc:
        raise BadCodeListError("lists.yaml: not YAML") from exc
    if not isinstance(told, dict):
        raise BadCodeListError("lists.yaml: names of lists, each with a catalogue and a version")
    return told


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
