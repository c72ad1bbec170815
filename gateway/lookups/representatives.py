"""Is this person a legal representative of that enterprise (BIZ-05)? Pure; nothing of other people is ever shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.domain import DIFFERENT, SAME, TextKind, Verdict, compare_texts, fold_name
from gateway.lookups.findings import Finding, Findings, not_held
from gateway.lookups.model import Gap

NUMBER, NAME = "personal_id", "full_name"
_BEST_FIRST = (Verdict.MATCH, Verdict.NEEDS_REVIEW, Verdict.UNDETERMINED, Verdict.MISMATCH)
_FOREIGN = ("HOCHIEU", "PASSPORT")


def compare_representative(asked: Mapping[str, Any], people: Sequence[Mapping[str, Any]]) -> tuple[Verdict, Findings]:
    """The verdict on the person of the record who fits best. A number that was given and could not be compared (an old
    card against a personal number, a passport, none on record) leaves a name alone, which is for a person to review.
    Whom the register does not name may be the one: undetermined, unless the numbers tell."""
    found = [(_verdict(findings), findings) for findings in (_compare(asked, person) for person in people)]
    return min(found, key=_rank)


def told(record: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The representatives of whom the register says anything."""
    return [person for person in record.get("representatives") or () if any(person.values())]


def has_number(findings: Findings) -> bool:
    """Whether the person has the number that was given, under whatever name."""
    return NUMBER in findings.compared and NUMBER not in {difference.field for difference in findings.differences}


def _rank(judged: tuple[Verdict, Findings]) -> tuple[int, bool, int]:
    verdict, findings = judged
    return _BEST_FIRST.index(verdict), not has_number(findings), len(findings.differences)


def _compare(asked: Mapping[str, Any], person: Mapping[str, Any]) -> Findings:
    held = person.get("full_name")
    name = Finding(NAME, compare_texts(asked[NAME], held, kind=TextKind.PERSON)) if held else not_held(NAME)
    if not asked.get(NUMBER):
        return Findings((name,))
    return Findings((name, _number(asked[NUMBER], person)))


def _number(asked: str, person: Mapping[str, Any]) -> Finding:
    digits = "".join(filter(str.isalnum, person.get("document_number") or ""))
    if not digits:
        return not_held(NUMBER)
    if digits == asked:
        return Finding(NUMBER, SAME)
    is_foreign = any(word in fold_name(person.get("document_type") or "") for word in _FOREIGN)
    is_comparable = digits.isdigit() and len(digits) == len(asked) and not is_foreign
    return Finding(NUMBER, DIFFERENT) if is_comparable else Finding(NUMBER, None, Gap.OTHER_DOCUMENT)


def _verdict(findings: Findings) -> Verdict:
    if findings.verdict is Verdict.MATCH and findings.unchecked:
        return Verdict.NEEDS_REVIEW
    return findings.verdict
