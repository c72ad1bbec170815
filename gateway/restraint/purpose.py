"""What a look-up may ask under its purpose. Pure: it raises, or says what may be returned (POP-06, PDP-01, CON-09)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from gateway.domain import Purpose
from gateway.rules.purposes import FREE_ENTERPRISE_FIELDS, Allowance
from gateway.sdk.errors import FieldProblem, NotAllowedError

COMPARED = ("personal_id", "full_name", "birth_date")
"""What a citizen's verification compares."""


def check_complete(purpose: Purpose | None) -> Purpose:
    """`NotAllowedError` unless dossier, procedure, officer and agency are named (47/2020 Art 35.2, 52.2.b)."""
    names = ("dossier_code", "procedure_code", "officer_id", "agency_id")
    missing = [name for name in names if not (purpose and getattr(purpose, name))]
    if purpose is None or missing:
        raise _refused([f"/purpose/{name}" for name in missing], "A look-up needs it.", "Tra cứu phải nêu trường này.")
    return purpose


def check_named(allowance: Allowance | None) -> Allowance:
    """`NotAllowedError` when no rule lets the procedure ask anything."""
    if allowance is None:
        raise _refused(
            ["/purpose/procedure_code"],
            "No rule in force lets this procedure ask.",
            "Chưa có quy định hiệu lực cho thủ tục này được khai thác.",
        )
    return allowance


def check_citizen_fields(fields: Sequence[str], allowance: Allowance) -> frozenset[str]:
    """What may be returned of a citizen's record."""
    _check([(f"/fields/{number}", name) for number, name in enumerate(fields)], allowance.citizen)
    return frozenset(fields) & allowance.citizen


def check_citizen_compared(asked: Mapping[str, Any], allowance: Allowance) -> None:
    """Whoever compares a field learns it: each must be allowed, those that the caller may leave out when given."""
    given = [*COMPARED, *(name for name in asked if name not in {*COMPARED, "purpose"} and asked[name] is not None)]
    _check([(f"/{name}", name) for name in given], allowance.citizen)


def check_enterprise_fields(fields: Sequence[str] | None, allowance: Allowance) -> frozenset[str]:
    """What may be returned of an enterprise's record; None asks for what is free to everybody (BIZ-03)."""
    allowed = FREE_ENTERPRISE_FIELDS | allowance.enterprise
    _check([(f"/fields/{number}", name) for number, name in enumerate(fields or ())], allowed)
    return frozenset(fields) & allowed if fields is not None else FREE_ENTERPRISE_FIELDS


def check_representative(asked: Mapping[str, Any], allowance: Allowance) -> None:
    """A representative's name is free to everybody, the number of their papers is not."""
    if asked.get("personal_id") is not None and "representative_documents" not in allowance.enterprise:
        raise _not_for_this_procedure(["/personal_id"])


def check_may(able: bool) -> None:
    """`NotAllowedError` when a register as a whole is not for this procedure."""
    if not able:
        raise _not_for_this_procedure(["/purpose/procedure_code"])


def check_contact(asked: Mapping[str, Any], allowance: Allowance) -> frozenset[str]:
    """What is left out of a registration: whoever handed it in, unless they were asked for and may be."""
    if not asked.get("contact"):
        return frozenset({"contact"})
    if not allowance.registration_contacts:
        raise _not_for_this_procedure(["/contact"])
    return frozenset()


def cut(record: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    """The record without anything that may not be returned, whatever the register sent."""
    kept = {*allowed}
    return {name: value for name, value in record.items() if name in kept}


def cut_enterprise(record: Mapping[str, Any], allowed: Iterable[str]) -> dict[str, Any]:
    """The same; of representatives only the names: their papers are a field of their own."""
    found = cut(record, allowed)
    if "representatives" in found:
        found["representatives"] = [cut(person, {"full_name"}) for person in found["representatives"]]
    return found


def _check(asked: Iterable[tuple[str, str]], allowed: frozenset[str]) -> None:
    beyond = [pointer for pointer, name in asked if name not in allowed]
    if beyond:
        raise _not_for_this_procedure(beyond)


def _not_for_this_procedure(pointers: Sequence[str]) -> NotAllowedError:
    return _refused(pointers, "This procedure may not ask for it.", "Thủ tục này không được phép khai thác trường này.")


def _refused(pointers: Sequence[str], english: str, vietnamese: str) -> NotAllowedError:
    return NotAllowedError(
        "The purpose does not cover what is asked.",
        vi="Mục đích khai thác không bao gồm nội dung được hỏi.",
        what="purpose",
        fields=[FieldProblem(pointer, english, vietnamese) for pointer in pointers],
    )
