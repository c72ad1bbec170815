"""What else is called what, and what is still to happen: read from the tables of those who gave the numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from services import NOW

from gateway.transactions.memory_relations import MemoryRelations
from gateway.transactions.model import Waiting, WaitingKind, WaitingState
from gateway.transactions.postgres_relations import PostgresRelations

SOON, LATER = NOW + timedelta(minutes=5), NOW + timedelta(hours=5)
DOSSIER = "H99-261129-0001"
KNOWN = {
    "bill": "INSERT INTO bill (tenant, bill_id, dossier_code, amount, currency, state, matter, beneficiary, document,"
    " created_at, updated_at) VALUES (%(t)s, 'BILL1', %(d)s, 9, 'VND', 'unpaid', '', '', '', %(n)s, %(n)s)",
    "payment": "INSERT INTO payment (tenant, payment_id, dossier_code, amount, currency, state, system,"
    " transaction_id, document, created_at, updated_at, bill_id, reference) VALUES (%(t)s, 'PAY1', %(d)s, 9, 'VND',"
    " 'paid', 'payment', 'BANK-77', '', %(n)s, %(n)s, 'BILL1', 'REF1')",
    "refund": "INSERT INTO refund (tenant, refund_id, payment_id, bill_id, dossier_code, rail, kind, way, amount,"
    " currency, state, refund_transaction_id, created_at, updated_at, document) VALUES (%(t)s, 'BACK1', 'PAY1',"
    " 'BILL1', %(d)s, 'payment', 'whole', 'rail', 9, 'VND', 'sent', 'BANK-88', %(n)s, %(n)s, '')",
    "stream": "INSERT INTO stream (tenant, target, key, created_at, known) VALUES (%(t)s, 'national_portal', %(d)s,"
    """ %(n)s, '{"dossier": "PORTAL-5", "status": "4"}')""",
    "recheck": "INSERT INTO recheck (tenant, recheck_id, client_id, operation, dossier_code, reference, trace_id,"
    " created_at, due, state, callback, request) VALUES (%(t)s, 'AGAIN1', 'motcua', 'verify_citizen', %(d)s, '', '',"
    " %(n)s, %(later)s, 'waiting', 'none', '')",
    "callback_event": "INSERT INTO callback_event (tenant, event_id, client_id, type, subject, agency_id, reference,"
    " trace_id, body, created_at, due, state, tries, trouble) VALUES (%(t)s, 'EVENT1', 'motcua', 'paid', '', '',"
    " %(d)s, '', '', %(n)s, %(soon)s, 'waiting', 2, 'partner.callback_refused'),"
    " (%(t)s, 'EVENT2', 'motcua', 'paid', '', '', %(d)s, '', '', %(n)s, NULL, 'given_up', 9, ''),"
    " (%(t)s, 'EVENT3', 'motcua', 'paid', '', '', %(d)s, '', '', %(n)s, NULL, 'delivered', 1, '')",
}
WAITS = [
    Waiting(
        kind=WaitingKind.CALLBACK,
        state=WaitingState.DUE,
        reference=DOSSIER,
        to="motcua",
        at=SOON,
        tries=2,
        trouble="partner.callback_refused",
    ),
    Waiting(kind=WaitingKind.RECHECK, state=WaitingState.DUE, reference=DOSSIER, to="verify_citizen", at=LATER),
    Waiting(kind=WaitingKind.CALLBACK, state=WaitingState.GIVEN_UP, reference=DOSSIER, to="motcua", at=None, tries=9),
]
LEADS = {
    DOSSIER: ["BACK1", "BILL1", "PAY1", "REF1"],
    "PAY1": ["BACK1", "BILL1", "REF1"],
    "REF1": ["BACK1", "BILL1", "PAY1"],
    "BANK-77": ["BACK1", "BILL1", "PAY1", "REF1"],
    "BANK-88": ["BACK1"],
    "PORTAL-5": [DOSSIER],
    "AGAIN1": [DOSSIER],
    "EVENT1": [DOSSIER],
    "4": [],
    "NOTHING": [],
}


@pytest.fixture
def tenant() -> str:
    return f"T{uuid4().hex[:12].upper()}"


@pytest.fixture
async def relations(on: Any, tenant: str) -> Any:
    if on is None:
        kept = MemoryRelations()
        kept.leads.update({f"{tenant}/{code}": found for code, found in LEADS.items()})
        kept.waits[tenant] = WAITS
        return kept
    for statement in KNOWN.values():
        await on.run(statement, {"t": tenant, "d": DOSSIER, "n": NOW, "soon": SOON, "later": LATER})
    return PostgresRelations(on)


@pytest.mark.parametrize("code", list(LEADS))
async def test_a_code_leads_to_itself_and_to_what_it_was_given_to(relations: Any, tenant: str, code: str) -> None:
    assert list(await relations.related(tenant, code)) == [code, *LEADS[code]]
    assert list(await relations.related(tenant + "X", code)) == [code]


async def test_what_is_not_done_is_told_the_next_one_first(relations: Any, tenant: str) -> None:
    assert list(await relations.waiting(tenant, [DOSSIER, "other"])) == WAITS
    assert list(await relations.waiting(tenant, ["other"])) == []
    assert list(await relations.waiting(tenant + "X", [DOSSIER])) == []
