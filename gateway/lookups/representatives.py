"""Is this person a legal representative of that enterprise (BIZ-05)? Pure; nothing of other people is ever shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain import DIFFERENT, SAME, TextKind, Verdict, compare_texts
from gateway.lookups.findings import Finding, Findings, not_held
from gateway.lookups.model import Gap

NUMBER, NAME = "personal_id", "full_name"
_BEST_FIRST = (Verdict.MATCH, Verdict.NEEDS_REVIEW, Verdict.MISMATCH)


def compare_representative(asked: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> tuple[Verdict, Findings]:
    """The verdict on the person of the record who fits best. A number that was given and could not be compared (an old
    card against a personal number, a passport, none on record) leaves a name alone, which is for a person to review."""
    found = [(_verdict(findings), findings) for findings in (_compare(asked, person) for person in people)]
    return min(found, key=lambda judged: (_BEST_FIRST.index(judged[0]), len(judged[1].differences)))


def named(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The representatives of whom the register says at least the name."""
    return [person for person in record.get("representatives") or () if person.get("full_name")]


def _compare(asked: Mapping[str, Any], person: Mapping[str, Any]) -> Findings:
    name = Finding(NAME, compare_texts(asked[NAME], person["full_name"], kind=TextKind.PERSON))
    if not asked.get(NUMBER):
        return Findings((name,))
    return Findings((name, _number(asked[NUMBER], person.get("document_number"))))


def _number(asked: str, held: str | None) -> Finding:
    digits = "".join(filter(str.isalnum, held or ""))
    if not digits:
        return not_held(NUMBER)
    if digits == asked:
        return Finding(NUMBER, SAME)
    is_comparable = digits.isdigit() and len(digits) == len(asked)
    return Finding(NUMBER, DIFFERENT) if is_comparable else Finding(NUMBER, None, Gap.OTHER_DOCUMENT)


def _verdict(findings: Findings) -> Verdict:
    if findings.verdict is Verdict.MATCH and findings.unchecked:
        return Verdict.NEEDS_REVIEW
    return findings.verdict
