"""The harmless call of a system, as its connector declares it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    """One call that may be made at any time, to see whether the system answers: an idempotent look-up without personal
    data that is the same each time, such as a catalogue. `body`: in the system's own vocabulary."""

    operation: str
    body: Mapping[str, Any] = field(default_factory=dict)
