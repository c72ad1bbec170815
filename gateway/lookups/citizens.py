"""Compare what an officer typed of a citizen with a record of the population register. Pure (POP-09)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from gateway.domain import DIFFERENT, SAME, TextKind, compare_texts
from gateway.lookups.addresses import Known, compare_coded
from gateway.lookups.findings import Finding, Findings, not_held
from gateway.lookups.model import Gap

BASIC = ("personal_id", "full_name", "birth_date")
"""What a register of citizens compares by itself."""
BESIDE = ("gender", "permanent_address")
UNKNOWN_GENDER = "0"


def needs_record(asked: Mapping[str, Any]) -> bool:
    """Whether something was given that no register compares by itself."""
    return any(asked.get(field) for field in BESIDE)


def is_enough(findings: Findings) -> bool:
    """Whether anything was compared that says whose record it is: a gender or an address alone says nothing."""
    return any(field in findings.compared for field in BASIC)


def confirmed(asked: Sequence[str]) -> Findings:
    """What a register's yes covers: the fields that it was really asked about, and no other."""
    return Findings.of(
        Finding(field, SAME) if field in asked else Finding(field, None, Gap.NOT_ASKED) for field in BASIC
    )


def compare_citizen(asked: Mapping[str, Any], held: Mapping[str, Any], known: Mapping[str, Known]) -> Findings:
    """A field that the record leaves out is no difference: nothing is known about it."""
    return Findings.of(_compare(asked, held, known))


def _compare(asked: Mapping[str, Any], held: Mapping[str, Any], known: Mapping[str, Known]) -> Iterator[Finding]:
    yield _numbers(asked["personal_id"], held)
    yield _names(asked["full_name"], held.get("full_name"))
    yield _births(asked["birth_date"], held.get("birth_date"))
    if asked.get("gender"):
        yield _genders(asked["gender"], held.get("gender"))
    if asked.get("permanent_address"):
        yield from compare_coded(
            "permanent_address", asked["permanent_address"], held.get("permanent_address") or {}, known=known
        )


def _numbers(asked: str, held: Mapping[str, Any]) -> Finding:
    """A number of 12 digits and one of an old card may both be the same person's: they cannot be compared (COD-15)."""
    numbers = [number for key in ("personal_id", "old_card_number") if (number := held.get(key))]
    if not numbers:
        return not_held("personal_id")
    alike = [number for number in numbers if len(number) == len(asked)]
    if not alike:
        return Finding("personal_id", None, Gap.OTHER_DOCUMENT)
    return Finding("personal_id", SAME if asked in alike else DIFFERENT)


def _names(asked: str, held: str | None) -> Finding:
    if not held:
        return not_held("full_name")
    return Finding("full_name", compare_texts(asked, held, kind=TextKind.PERSON))


def _births(asked: str, held: str | None) -> Finding:
    """Where one side knows only the year, the years are compared, and that is said."""
    if not held:
        return not_held("birth_date")
    shorter = min(len(asked), len(held))
    likeness = SAME if asked[:shorter] == held[:shorter] else DIFFERENT
    return Finding("birth_date", likeness, Gap.ONLY_YEAR if len(asked) != len(held) else None)


def _genders(asked: str, held: Mapping[str, Any] | None) -> Finding:
    code = (held or {}).get("code") or UNKNOWN_GENDER
    if code == UNKNOWN_GENDER:
        return not_held("gender")
    return Finding("gender", SAME if asked == code else DIFFERENT)
