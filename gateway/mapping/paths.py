"""Read and write by dotted path in plain documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.mapping.model import ABSENT


def read(document: Any, path: Sequence[str]) -> Any:
    """The value at `path`, or ABSENT. A numeric step indexes a list; index 0 of a single object is that object,
    because lists of one collapse in some systems (population and business contract, section 4.2)."""
    value = document
    for step in path:
        if isinstance(value, Mapping):
            value = value if step == "0" and step not in value else value.get(step, ABSENT)
        elif isinstance(value, list) and step.isdigit():
            value = value[int(step)] if int(step) < len(value) else ABSENT
        else:
            return ABSENT
        if value is ABSENT:
            return ABSENT
    return value


def is_empty(value: Any) -> bool:
    """Absent, null, blank text, or an empty list or object: nothing was said."""
    if isinstance(value, str):
        return not value.strip()
    return value is None or value is ABSENT or (not value and value in ([], {}))


def write(document: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        document = document.setdefault(step, {})
    document[path[-1]] = value
