"""Which canonical fields are of persons, of what kind, and which of them are sensitive (PDP-06): read from data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from gateway.sdk.errors import ConfigurationError

SHIPPED = Path(__file__).parent / "fields.yaml"
NONE = "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldKind:
    """Loại dữ liệu."""

    name: str
    title: str
    title_vi: str
    sensitive: bool = False

    @property
    def personal(self) -> bool:
        return self.name != NONE


@dataclass(frozen=True, slots=True)
class _Line:
    pattern: re.Pattern[str]
    kind: FieldKind
    operation: str


class FieldKinds:
    """The classification of every field."""

    def __init__(self, kinds: Mapping[str, FieldKind], lines: Sequence[_Line]) -> None:
        self.kinds = kinds
        self._lines = lines

    def of(self, field: str, *, operation: str) -> FieldKind | None:
        """None: nobody has classified it."""
        return next(
            (
                line.kind
                for line in self._lines
                if line.operation in {"", operation} and line.pattern.fullmatch(field) is not None
            ),
            None,
        )

    def personal(self, fields: Iterable[str], *, operation: str) -> dict[FieldKind, list[str]]:
        """The fields of persons by kind, in the order of the file; what nobody has classified is left out."""
        found: dict[FieldKind, list[str]] = {kind: [] for kind in self.kinds.values() if kind.personal}
        for field in sorted(fields):
            kind = self.of(field, operation=operation)
            if kind is not None and kind.personal:
                found[kind].append(field)
        return {kind: names for kind, names in found.items() if names}

    def unclassified(self, fields: Iterable[str], *, operation: str) -> list[str]:
        return sorted(field for field in fields if self.of(field, operation=operation) is None)


@cache
def load_kinds(*more: Path) -> FieldKinds:
    """What comes with the gateway and, before it, what a system brings in `mappings/<id>/privacy/fields.yaml`.
    `ConfigurationError` for a line that names no kind."""
    said = [yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader) for file in (*more, SHIPPED)]
    kinds = {
        name: FieldKind(name=name, title=one["en"], title_vi=one["vi"], sensitive=bool(one.get("sensitive")))
        for one_file in reversed(said)
        for name, one in one_file.get("kinds", {}).items()
    }
    return FieldKinds(
        kinds, [line for one_file in said for entry in one_file["fields"] for line in _lines(entry, kinds)]
    )


def _lines(entry: Mapping[str, Any], kinds: Mapping[str, FieldKind]) -> Iterable[_Line]:
    kind = kinds.get(entry["kind"])
    if kind is None:
        raise ConfigurationError("fields.yaml names a kind that it does not have.", what="field_kinds")
    fields = entry["field"]
    for field in [fields] if isinstance(fields, str) else fields:
        yield _Line(_pattern(field), kind, entry.get("operation", ""))


def _pattern(field: str) -> re.Pattern[str]:
    parts = re.split(r"(\*\*|\*)", field)
    wild = {"**": ".*", "*": "[^.]*"}
    return re.compile("".join(wild.get(part, re.escape(part)) for part in parts))
