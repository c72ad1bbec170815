"""Who is on record: the made-up people of `scenarios.yaml`, and when one of them is the person asked for."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mocks.population.fields import Inquiry


@dataclass(frozen=True, slots=True)
class Person:
    """A `CongDan` as it is received (contract, 3.4).

    `by_number`: MOCK-LOOKUP-BY-NUMBER, ours: the look-up answers although name or birth date differ.
    """

    record: Mapping[str, Any]
    by_number: bool = False

    def is_meant(self, inquiry: Inquiry) -> bool:
        """The number is this person's."""
        if inquiry.personal_id:
            return inquiry.personal_id == self.record.get("SoDinhDanh")
        return inquiry.old_card_number == self.record.get("SoCMND")

    def matches(self, inquiry: Inquiry) -> bool:
        """Number, name and birth date, where one is asked, are this person's. MOCK-YEAR, ours: a year alone matches
        the year on record, and a full date never matches a record that has the year alone."""
        born = self.record.get("NgayThangNamSinh", {})
        on_record = born.get("Nam" if len(inquiry.born) == 4 else "NgayThangNam")
        name = " ".join(self.record["HoVaTen"].values())
        is_named = self.is_meant(inquiry) and fold(name) == fold(inquiry.full_name)
        return is_named and inquiry.born in ("", on_record)


def people(scenarios: Sequence[Mapping[str, Any]]) -> list[Person]:
    return [Person(item["record"], by_number=bool(item.get("by_number"))) for item in scenarios]


def fold(name: str) -> str:
    """Marks removed, đ→d, upper-case, letters and digits only: `TRẦN THỊ MẪU` → `TRANTHIMAU` (contract, 3.3)."""
    plain = unicodedata.normalize("NFD", name.upper().replace("Đ", "D"))
    return "".join(letter for letter in plain if letter.isascii() and letter.isalnum())
