"""Compare what an officer typed with what a register holds. Pure, and it says which fields *we* compared (POP-09)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gateway.domain import Verdict, compare_names
from gateway.lookups.model import Difference


def compare_citizen(asked: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Differences between a request and a citizen's record. A field that the register left out is not a difference:
    nothing is known about it."""
    return tuple(
        _present(
            _differ("personal_id", _same_number(asked["personal_id"], held)),
            _differ(
                "full_name", compare_names(asked["full_name"], held["full_name"]) if held.get("full_name") else "same"
            ),
            _differ("birth_date", _compare_dates(asked["birth_date"], held.get("birth_date") or "")),
        )
    )


def compare_enterprise(asked: Mapping[str, Any], held: Mapping[str, Any]) -> tuple[Difference, ...]:
    """Differences in the enterprise's name and its legal representative, where the officer gave them (BIZ-05)."""
    found = []
    if asked.get("name"):
        names = [held[key] for key in ("name", "foreign_name", "short_name") if held.get(key)]
        found.append(_differ("name", _closest(asked["name"], names)))
    if asked.get("representative_name"):
        people = [person["full_name"] for person in held.get("representatives", ()) if person.get("full_name")]
        found.append(_differ("representative_name", _closest(asked["representative_name"], people)))
    return tuple(_present(*found))


def judge(differences: Iterable[Difference]) -> Verdict:
    """Nothing differs: match. Only marks, spacing or case differ: a person reviews. Otherwise: mismatch."""
    ways = {difference.how for difference in differences}
    if not ways:
        return Verdict.MATCH
    return Verdict.NEEDS_REVIEW if ways == {"similar"} else Verdict.MISMATCH


def _differ(field: str, how: str) -> Difference | None:
    return None if how == "same" else Difference(field=field, how=how)


def _present(*found: Difference | None) -> list[Difference]:
    return [difference for difference in found if difference]


def _same_number(asked: str, held: Mapping[str, Any]) -> str:
    numbers = {held.get("personal_id"), held.get("old_card_number")} - {None, ""}
    return "same" if not numbers or asked in numbers else "different"


def _compare_dates(asked: str, held: str) -> str:
    """A register that knows only the year agrees with every date of that year."""
    shorter = min(len(asked), len(held))
    return "same" if asked[:shorter] == held[:shorter] else "different"


def _closest(asked: str, names: list[str]) -> str:
    ways = {compare_names(asked, name) for name in names}
    return next((way for way in ("same", "similar") if way in ways), "different" if names else "similar")
