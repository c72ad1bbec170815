"""A place as far as a comparison of addresses needs it: its names, old and new (ORG-03, ORG-10)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KinPlace:
    """One of the places that a code stands for. `names` are its own, then those of what it lies or lay in."""

    code: str
    names: tuple[str, ...]
    former: bool
    """Not the place as it is called last, but what it was before, was made of, or became."""
