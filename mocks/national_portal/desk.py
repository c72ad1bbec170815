"""What a service of the mock portal works with, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mocks.national_portal.book import Book
from mocks.national_portal.settings import PortalSettings

Item = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answers. `code` 0 is success and takes the configured form on the wire; others go as they are."""

    code: int | str
    message: str | None = None
    result: Sequence[Item] | Item | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def no(cls, message: str, code: int | str = -1) -> Answer:
        """A refusal; -1 is the portal's generic failure (section 3.3)."""
        return cls(code, message)


@dataclass(frozen=True, slots=True)
class Desk:
    """What a service works with: what is stored, the fixtures, the switches and the moment (ISO 8601)."""

    book: Book
    fixtures: Mapping[str, Any]
    settings: PortalSettings
    at: str


Service = Callable[[Desk, Item], Answer]


def items_of(desk: Desk, message: Item) -> list[Item] | Answer:
    """`data` as a list of objects, or the refusal."""
    items = message.get("data")
    if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
        return Answer.no("MOCK-DATA: data phải là mảng đối tượng, không rỗng")
    if len(items) > desk.settings.max_batch:
        return Answer.no(f"MOCK-BATCH: tối đa {desk.settings.max_batch} bản ghi")
    return items
