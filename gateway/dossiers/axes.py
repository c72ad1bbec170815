"""The axes of a dossier, each read from its own facts (STA-05). Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.delivery.model import StreamState, StreamView
from gateway.domain import DossierStatus

HANDED_OVER = {DossierStatus.PROCESSED: "ready", DossierStatus.RETURNED: "handed_over"}
REUSED = {"component": "reused", "result": "reused_result"}
FURTHEST = ("none", "digitised", "reused", "reused_result")


def digitisation_of(document: Mapping[str, Any]) -> str:
    """The furthest of its papers: 0 none, 1 digitised, 2 reused, 3 reused from another result, as one-stop systems
    count them."""
    papers: Sequence[Mapping[str, Any]] = document.get("components", ())
    found = [
        REUSED.get(paper.get("reused", "no"), "digitised" if paper.get("digitised") else "none") for paper in papers
    ]
    found.append("digitised" if document.get("digitised") else "none")
    return max(found, key=FURTHEST.index)


def delivery_of(status: DossierStatus) -> str:
    return HANDED_OVER.get(status, "not_ready")


def sync_of(streams: Sequence[StreamView]) -> str:
    if not streams:
        return "none"
    if any(stream.state is StreamState.HELD for stream in streams):
        return "held"
    return "complete" if all(stream.head == stream.tail for stream in streams) else "under_way"
