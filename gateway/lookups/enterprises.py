"""Compare what an officer typed of an enterprise with a record of the business register, and cut the record down to
what was asked for. Pure (BIZ-03 to BIZ-06)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import StrEnum
from typing import Any

from gateway.domain import DIFFERENT, SAME, EnterpriseCode, Likeness, TextKind, compare_texts, fold_name, same_text
from gateway.lookups.addresses import Known, compare_text
from gateway.lookups.findings import Finding, Findings, not_held
from gateway.lookups.model import Caution

PUBLIC_FIELDS = ("enterprise_code", "name", "address", "activities", "representatives", "status")
"""Free of charge to everybody: name, number, head office, lines of business, name of the legal representative, legal
status (NĐ 01/2021 Art 36.1; BIZ-03)."""
DOCUMENTS = "representative_documents"
"""The representatives with their documents: a field of its own, which must be asked for by name."""
OTHER_NAMES = ("foreign_name", "short_name")
GIVEN = ("name", "head_office", "representative_name")
BESIDE = (*GIVEN, "full_name", "personal_id")
"""What is given of an enterprise or its representative beside the number."""
_COOPERATIVES = ("HOPTACXA", "LIENHIEPHOPTACXA")


class SubjectType(StrEnum):
    """Loại chủ thể (BIZ-06): by the form of the number (contract, section 6) and the register's own word."""

    ENTERPRISE = "enterprise"
    DEPENDENT_UNIT = "dependent_unit"
    HOUSEHOLD = "household"
    COOPERATIVE = "cooperative"


def subject_type(code: str, record: Mapping[str, Any]) -> SubjectType:
    """12 digits: a household business; 13: a dependent unit; 10: an enterprise, or a co-operative if the register
    calls it one."""
    digits = len(code.replace("-", ""))
    if digits == 12:
        return SubjectType.HOUSEHOLD
    if digits == 13:
        return SubjectType.DEPENDENT_UNIT
    is_cooperative = fold_name(str(record.get("type_name") or "")).startswith(_COOPERATIVES)
    return SubjectType.COOPERATIVE if is_cooperative else SubjectType.ENTERPRISE


def subject(asked: Mapping[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The fact of BIZ-06, once the register has answered."""
    return {"subject_type": subject_type(asked["enterprise_code"], record)} if record else {}


def is_enough(asked: Mapping[str, Any], findings: Findings) -> bool:
    """Whether anything that was given beside the number could be compared, if anything was."""
    return len(findings.compared) > 1 or not any(asked.get(key) for key in GIVEN)


def cautions(code: str) -> tuple[Caution, ...]:
    """A check digit that does not fit is a reason to look again, never to refuse: the register holds exceptions."""
    return (Caution.CHECK_DIGIT,) if EnterpriseCode.parse(code).check_digit_holds is False else ()


def cut_down(record: Mapping[str, Any], fields: Iterable[str] | None) -> dict[str, Any]:
    """Only the wanted fields. Representatives are names; what identifies them stands in a field of its own."""
    wanted = PUBLIC_FIELDS if fields is None else tuple(fields)
    shown = {key: record[key] for key in wanted if key in record and key != DOCUMENTS}
    people: Sequence[Mapping[str, Any]] = record.get("representatives") or ()
    if "representatives" in shown:
        shown["representatives"] = [{"full_name": p["full_name"]} for p in people if p.get("full_name")]
    if DOCUMENTS in wanted and people:
        shown[DOCUMENTS] = [dict(person) for person in people]
    return shown


def compare_enterprise(asked: Mapping[str, Any], held: Mapping[str, Any], known: Known) -> Findings:
    """The number found the record, and so is the same; beside it whatever was given."""
    return Findings.of(_compare(asked, held, known))


def own_places(address: Mapping[str, Any]) -> list[str]:
    """The names of the places of a head office, from the nearest upwards."""
    return [name for key in ("ward", "district", "province") if (name := address.get(key))]


def _compare(asked: Mapping[str, Any], held: Mapping[str, Any], known: Known) -> Iterator[Finding]:
    yield Finding("enterprise_code", SAME)
    if asked.get("name"):
        names = [held.get("name") or "", *(held[key] for key in OTHER_NAMES if held.get(key))]
        yield _among("name", asked["name"], names, kind=TextKind.ENTERPRISE)
    if asked.get("head_office"):
        yield _head_office(asked["head_office"], held.get("address") or {}, known)
    if asked.get("representative_name"):
        names = [person.get("full_name") or "" for person in held.get("representatives") or ()]
        yield _among("representative_name", asked["representative_name"], names, kind=TextKind.PERSON)


def _among(field: str, asked: str, names: Sequence[str], *, kind: TextKind) -> Finding:
    """Against each name; an empty one is not shown and may be the one: then no difference is known."""
    likeness = closest(asked, [name for name in names if name], kind=kind)
    return not_held(field) if likeness == DIFFERENT and not (names and all(names)) else Finding(field, likeness)


def closest(asked: str, names: Sequence[str], *, kind: TextKind) -> Likeness:
    """The likeness to the name that fits best."""
    same = [likeness for name in names if (likeness := same_text(asked, name))]
    alike = same or [likeness for name in names if (likeness := compare_texts(asked, name, kind=kind)) != DIFFERENT]
    return min(alike, key=lambda likeness: (len(likeness.why), likeness.why), default=DIFFERENT)


def _head_office(asked: str, address: Mapping[str, Any], known: Known) -> Finding:
    full, street = address.get("full_text") or "", address.get("street") or ""
    if not full and not street and not known.names:
        return not_held("head_office")
    whole = compare_texts(asked, full, kind=TextKind.PLACE) if full else DIFFERENT
    if whole.how == "same":
        return Finding("head_office", whole)
    by_parts = compare_text("head_office", asked, street=street or full, names=known.names, explained=bool(known.codes))
    is_open = by_parts.likeness in {None, DIFFERENT}
    return Finding("head_office", whole) if whole != DIFFERENT and is_open else by_parts
