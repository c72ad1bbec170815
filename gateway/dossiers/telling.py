"""What a target must learn of a dossier, as operations with canonical bodies, in order. Pure.

A dossier of ours is told whole, and then the step that changed it (portal contract, 5.1 and 5.2). A dossier that was
born at the portal is theirs: it is told by its status alone, under the code that the portal gave it (5.3).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain import DossierStatus
from gateway.dossiers.model import DossierRecord
from gateway.dossiers.store import EventRecord

SYNC, STEP, ORIGIN = "sync_dossier", "report_progress", "report_origin_status"


@dataclass(frozen=True, slots=True)
class Told:
    """One message to come."""

    operation: str
    document: Mapping[str, Any]


def opening(document: Mapping[str, Any]) -> str:
    """The operation whose route decides where the whole dossier goes."""
    return ORIGIN if document.get("origin_code") else SYNC


def of_version(record: DossierRecord) -> list[Told]:
    """The dossier as it is now. One born at the portal and not received yet has nothing to tell: they filed it."""
    document = record.document
    if not document.get("origin_code"):
        return [Told(SYNC, document)]
    if record.version > 1 or record.status is DossierStatus.FILED:
        return []
    told = {"at": document["received_at"], "content": document.get("note", ""), "status": int(record.status)}
    return [Told(ORIGIN, {**_origin(record), **told})]


def of_step(before: DossierRecord, record: DossierRecord, step: EventRecord, *, late: bool) -> list[Told]:
    """A step that was placed. One that changes nothing of the dossier is only a step; a late one moves no status, so
    a portal that knows the status alone is not told of it."""
    if record.document.get("origin_code"):
        if late or step.status is DossierStatus.FILED:  # that it was filed is the portal's own word
            return []
        named = {name: step.document[name] for name in ("at", "content", "components") if name in step.document}
        return [Told(ORIGIN, {**_origin(record), **named, "status": int(step.status)})]
    told = Told(STEP, {**step.document, "dossier_code": record.code})
    changed = dict(record.document) != dict(before.document)
    return [Told(SYNC, record.document), told] if changed else [told]


def whose_papers(record: DossierRecord, steps: Iterable[EventRecord] = ()) -> list[Mapping[str, Any]]:
    """The documents whose papers go out: of a step only with a dossier that was born at the portal (5.3)."""
    return [record.document, *(step.document for step in steps if record.document.get("origin_code"))]


def _origin(record: DossierRecord) -> dict[str, Any]:
    account = record.document.get("applicant", {}).get("account_id")
    return {
        "origin_code": record.document["origin_code"],
        "code": record.code,
        **({"account_id": account} if account else {}),
    }
