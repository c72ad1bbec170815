"""Who may do what: keys, scopes, agencies."""

from __future__ import annotations

import pytest
from operations import OPERATIONS, Operation
from province import TENANT, Province, now

from gateway.clients.model import Scope

every = pytest.mark.parametrize("operation", OPERATIONS, ids=str)
NEEDS = {
    "check_evidence": tuple(Scope),
    "verify_citizen": Scope.CITIZENS,
    "lookup_citizen": Scope.CITIZENS_READ,
    "lookup_enterprise": Scope.ENTERPRISES,
    "verify_enterprise": Scope.ENTERPRISES,
    "verify_representative": Scope.ENTERPRISES,
    "list_registrations": Scope.ENTERPRISES,
    "read_registration": Scope.ENTERPRISES,
    "create_payment": Scope.PAYMENTS,
    "get_payment": Scope.PAYMENTS_READ,
    "check_payment": Scope.PAYMENTS,
    "list_receipts": Scope.PAYMENTS_READ,
    "get_receipt": Scope.PAYMENTS_READ,
    "get_receipt_file": Scope.PAYMENTS_READ,
    "list_vouchers": Scope.PAYMENTS_READ,
    "get_voucher_file": Scope.PAYMENTS_READ,
    "put_dossier": Scope.DOSSIERS,
    "add_status_event": Scope.DOSSIERS,
    "add_status_events": Scope.DOSSIERS,
    "get_sync": Scope.DOSSIERS_READ,
    "get_dossier": Scope.DOSSIERS_READ,
    "get_deadlines": Scope.DOSSIERS_READ,
    "list_status_events": Scope.DOSSIERS_READ,
    "request_refund": Scope.PAYMENTS,
    "get_refunds": Scope.PAYMENTS_READ,
    "get_refund": Scope.PAYMENTS_READ,
    "approve_refund": Scope.PAYMENTS,
    "record_refund": Scope.PAYMENTS,
    "cancel_refund": Scope.PAYMENTS,
    "issue_bill": Scope.PAYMENTS,
    "get_bill": Scope.PAYMENTS_READ,
    "pay_bill": Scope.PAYMENTS,
    "cancel_bill": Scope.PAYMENTS,
    "list_arrivals": Scope.ARRIVALS_READ,
    "get_arrival": Scope.ARRIVALS_READ,
    "acknowledge_arrival": Scope.ARRIVALS,
    "put_file": Scope.DOSSIERS,
    "get_file": Scope.DOSSIERS_READ,
    "get_file_content": Scope.FILES_READ,
    "lookup_account": Scope.CITIZENS_READ,
    "get_dossier_procedure": Scope.DOSSIERS_READ,
    "get_procedure": Scope.PROCEDURES,
    "list_procedure_versions": Scope.PROCEDURES,
    "list_agency_procedures": Scope.PROCEDURES,
    "list_online_services": Scope.PROCEDURES,
    "list_questions": Scope.FEEDBACK_READ,
    "get_answer": Scope.FEEDBACK_READ,
    "get_delivery": Scope.FEEDBACK_READ,
    "publish_question": Scope.FEEDBACK,
    "answer_question": Scope.FEEDBACK,
    "publish_ratings": Scope.FEEDBACK,
    "get_codes": Scope.DOSSIERS_READ,
    "list_catalogues": Scope.DOSSIERS_READ,
    "get_catalogue": Scope.DOSSIERS_READ,
    "resolve_place": Scope.DOSSIERS_READ,
    "get_agency_forms": Scope.DOSSIERS_READ,
    "issue_dossier_code": Scope.DOSSIERS,
    "create_recheck": Scope.CITIZENS,
    "get_recheck": (Scope.CITIZENS, Scope.ENTERPRISES),
    "withdraw_recheck": (Scope.CITIZENS, Scope.ENTERPRISES),
}
"""Of several, each one is enough."""


def needed(operation: Operation) -> tuple[Scope, ...]:
    scopes = NEEDS[operation.name]
    return scopes if isinstance(scopes, tuple) else (scopes,)


async def status(province: Province, key: str, operation: Operation) -> tuple[int, str]:
    async with province.client(key) as client:
        headers = {"Content-Type": "application/json", **operation.headers}
        answer = await client.request(operation.method, operation.path, content=operation.content, headers=headers)
    code = answer.json().get("code", "") if answer.status_code >= 400 else ""
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
    return answer.status_code, code


@every
async def test_without_a_key_nothing_is_answered(province: Province, operation: Operation) -> None:
    """SEC-12 (part): and a leaf says that somebody tried, without keeping what a stranger sent."""
    assert await status(province, "", operation) == (401, "caller.not_authenticated")
    leaf = province.recorder.entries[-1]
    assert (leaf.actor, leaf.operation, leaf.outcome, leaf.bodies) == ("unknown", operation.name, "http_401", {})
    assert province.stored == (0, 0, 0)


@every
@pytest.mark.parametrize(
    "spoil", ["x", "lt_H99_nobody_00", "lt_", "lt_H99_motcua_", "lt_H98_motcua_" + "0" * 48, "x" * 5000]
)
async def test_a_key_that_is_not_one_of_ours_is_401(province: Province, operation: Operation, spoil: str) -> None:
    await province.issue()
    assert await status(province, spoil, operation) == (401, "caller.not_authenticated")


@every
async def test_a_revoked_key_is_401_at_once(province: Province, operation: Operation) -> None:
    key = await province.issue()
    await province.clients.revoke(TENANT, "motcua", at=now())
    assert await status(province, key, operation) == (401, "caller.not_authenticated")


@pytest.mark.parametrize("operation", [op for op in OPERATIONS if op.name != "check_evidence"], ids=str)
async def test_every_scope_but_the_right_one_is_403(province: Province, operation: Operation) -> None:
    others = [scope for scope in Scope if scope not in needed(operation)]
    assert await status(province, await province.issue("khac", *others), operation) == (403, "caller.scope")
    assert province.stored == (0, 0, 0)
    assert [entry.outcome for entry in province.recorder.entries] == ["http_403"]


@every
async def test_the_right_scope_alone_is_enough(province: Province, operation: Operation) -> None:
    for number, scope in enumerate(needed(operation)):
        code, _ = await status(province, await province.issue(f"vua-du-{number}", scope), operation)
        assert code not in {401, 403}


@pytest.mark.parametrize(
    "operation",
    [op for op in OPERATIONS if op.body and not {"purpose", "agency_id", "request"}.isdisjoint(op.body)],
    ids=str,
)
async def test_a_key_bound_to_an_agency_does_not_act_for_another(province: Province, operation: Operation) -> None:
    """POP-06, POP-12 (part): no register is asked; in whose name and for which dossier is told by the leaf."""
    key = await province.issue("xa-khac", agencies=("000.00.99.H99",))
    assert await status(province, key, operation) == (403, "caller.agency")
    (leaf,) = province.recorder.entries
    assert leaf.outcome == "http_403"
    assert leaf.purpose == operation.body.get("purpose", operation.body.get("request", {}).get("purpose", {}))
