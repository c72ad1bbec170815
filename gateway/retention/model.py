"""What is erased, and what must not be."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Erased:
    """The proof's content: how many rows lost how many bodies, from which index to which. `first` is None: none."""

    rows: int = 0
    bodies: int = 0
    first: int | None = None
    last: int | None = None

    def __add__(self, other: Erased) -> Erased:
        firsts = [index for index in (self.first, other.first) if index is not None]
        lasts = [index for index in (self.last, other.last) if index is not None]
        return Erased(
            rows=self.rows + other.rows,
            bodies=self.bodies + other.bodies,
            first=min(firsts, default=None),
            last=max(lasts, default=None),
        )

    def facts(self) -> dict[str, str | int]:
        """As a leaf says it."""
        told: dict[str, str | int] = {"rows": self.rows, "bodies": self.bodies}
        if self.first is not None and self.last is not None:
            told |= {"first": self.first, "last": self.last}
        return told


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What a hold is about: exactly one of a reference (a dossier's rows, later ones too), a range of indexes, and a
    person, by digest (`audit.subject`)."""

    reference: str = ""
    first: int | None = None
    last: int | None = None
    subject: bytes = field(default=b"", repr=False)

    @property
    def is_one(self) -> bool:
        a_range = self.first is not None and self.last is not None and 0 <= self.first <= self.last
        none = self.first is None and self.last is None
        return (a_range or none) and sum((bool(self.reference), a_range, bool(self.subject))) == 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Lệnh giữ dữ liệu to be placed: while it stands nothing in its scope is erased, by nobody and for no reason."""

    scope: Scope
    reason: str = field(repr=False)
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold(Placed):
    """A hold with its number. `lifted_at` is None while it stands."""

    id: int
    lifted_by: str = ""
    lifted_at: datetime | None = None
