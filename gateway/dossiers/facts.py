"""What a dossier is scored by, read from its document when it is stored: ids, moments and counts, nothing of a person
(KPI-01). Pure.

Papers that were withdrawn are not counted. What is reused is digitised, wherever it came from.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.domain import DossierCode, DossierStatus, ProcedureCode
from gateway.dossiers.model import DossierRecord

VERSION = 1
"""Of this reading; it stands beside the facts."""
ENDED = {
    DossierStatus.REFUSED: ("refused_at",),
    DossierStatus.PROCESSED: ("processed_at",),
    DossierStatus.RETURNED: ("processed_at", "returned_at"),
}
"""The dates that say when the work on a dossier of this status ended: the first that it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """The columns beside the sealed document. `finished_at`: the result was ready, or it was refused; None while it is
    open, and where nobody said when. `contacts`: rounds of supplements. `fee` in đồng."""

    facts: int = VERSION
    agency: str
    procedure: str
    channel: str
    mirrored: bool
    received_at: datetime | None
    finished_at: datetime | None
    fee: int
    online_payment: bool
    components: int
    digitised: int
    reused: int
    from_store: int
    results: int
    contacts: int


def facts_of(record: DossierRecord) -> Facts:
    document = record.document
    papers = [paper for paper in document.get("components") or () if not paper.get("deleted")]
    rounds = document.get("supplements") or ()
    fees = [*(document.get("fees") or ()), *(fee for round_ in rounds for fee in round_.get("fees") or ())]
    procedure = (document.get("procedure") or {}).get("code") or ""
    return Facts(
        agency=agency_of(record.code),
        procedure=ProcedureCode.national_of(procedure),
        channel=document.get("channel") or "",
        mirrored=bool(document.get("origin_code")),
        received_at=moment_in(document, "received_at"),
        finished_at=finished_at(record),
        fee=sum(fee.get("amount") or 0 for fee in fees),
        online_payment=bool(document.get("online_payment")),
        components=len(papers),
        digitised=sum(bool(paper.get("digitised")) or _is_reused(paper) for paper in papers),
        reused=sum(_is_reused(paper) for paper in papers),
        from_store=sum(bool(paper.get("from_national_store")) for paper in papers),
        results=len(document.get("results") or ()),
        contacts=len(rounds),
    )


def agency_of(code: str) -> str:
    """The body that received it, which its code names (TT 01/2018/TT-VPCP Art 19); empty: it names none."""
    return DossierCode(code).agency if DossierCode.PATTERN.fullmatch(code) else ""


def _is_reused(paper: Mapping[str, Any]) -> bool:
    return paper.get("reused", "no") != "no" or bool(paper.get("from_national_store"))


def finished_at(record: DossierRecord) -> datetime | None:
    """The one fact that a step can change."""
    if record.status not in ENDED:
        return None
    said = (moment_in(record.document, name) for name in ENDED[record.status])
    return next((moment for moment in said if moment), record.last_event_at)


def moment_in(document: Mapping[str, Any], name: str) -> datetime | None:
    text = document.get(name)
    return datetime.fromisoformat(text) if text else None
