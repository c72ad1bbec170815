"""What one dossier counts as in every figure of a period. Pure; `gateway/sql/queries/scores.sql` says the same for many
at once, and a test holds the two together.

A dossier counts as received in the period of its reception, and as finished in that of its result, whichever it was
received in. Whatever another system has authority over (`mirrored`) is in no figure but its own (KPI-08).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.domain import DossierStatus, local_day
from gateway.scores.indicators import contact_points, time_points
from gateway.scores.model import Fact, Mark, Window

WITH_RESULT = frozenset({DossierStatus.PROCESSED, DossierStatus.RETURNED})
ENDED = WITH_RESULT | {DossierStatus.REFUSED}


def marks_of(fact: Fact, window: Window) -> Mapping[str, str]:
    """By figure; a figure that does not count it is absent."""
    if fact.created_at > window.cut_off or (window.agencies is not None and fact.agency not in window.agencies):
        return {}
    is_received = fact.received_on is not None and window.period.since <= fact.received_on <= window.period.until
    is_finished = fact.finished_at is not None and window.period.begins <= fact.finished_at < window.period.ends
    is_finished = is_finished and fact.finished_at is not None and fact.finished_at <= window.cut_off
    found: dict[str, str | None] = {}
    if is_received:
        found |= {"synced": fact.synced, "mirrored": Mark.YES if fact.mirrored else None}
    if fact.mirrored:
        return {figure: mark for figure, mark in found.items() if mark}
    if is_received:
        found |= _received(fact)
    if is_finished:
        found |= _finished(fact)
    found |= _overdue(fact, window, is_finished=is_finished)
    return {figure: mark for figure, mark in found.items() if mark}


def _received(fact: Fact) -> dict[str, str | None]:
    papers = fact.components > 0
    return {
        "digitised": _either(fact.digitised >= fact.components) if papers else Mark.EXCLUDED,
        "reused": _either(fact.reused > 0) if papers else Mark.EXCLUDED,
        "reused_national": _either(fact.from_store > 0) if papers else Mark.EXCLUDED,
        "online": _either(fact.channel == "online"),
        "paid_online": _either(fact.online_payment or fact.paid) if fact.fee > 0 or fact.paid else None,
    }


def _finished(fact: Fact) -> dict[str, str | None]:
    assert fact.finished_at is not None
    timed = fact.received_at is not None and fact.finished_at >= fact.received_at
    judged = total_time(fact.finished_at, fact.due_at)
    return {
        "on_time": Mark.EXCLUDED if judged is None else _either(judged > 0),
        "early": Mark.EXCLUDED if judged is None else _either(judged == 2),
        "online_on_time": None if fact.channel != "online" or judged is None else _either(judged > 0),
        "handled": Mark.YES if timed else Mark.EXCLUDED,
        "online_finished": _either(fact.channel == "online"),
        "e_result": _either(fact.results > 0) if fact.status in WITH_RESULT else None,
        "total_time": Mark.EXCLUDED if judged is None else str(judged),
        "contacts": str(contact_points(fact.contacts)),
    }


def _overdue(fact: Fact, window: Window, *, is_finished: bool) -> dict[str, str | None]:
    """Open and overdue is another thing than finished late (KPI-08); an apology is due for both (Art 19.9)."""
    moment = window.moment
    found: dict[str, str | None] = {}
    began = fact.received_on is not None and fact.received_on <= window.period.until
    if began and fact.finished_at is None and fact.status not in ENDED:
        is_open = f"{fact.pack}:{int(fact.status)}" in window.running
    else:  # it ended later: which status it had at that moment is not kept beside it, so it counts as being worked on
        is_open = began and fact.finished_at is not None and fact.finished_at > moment
    if is_open:
        late = fact.due_at is not None and fact.due_at < moment
        found["open_in_time"] = Mark.EXCLUDED if fact.due_at is None else _either(not late)
    else:
        late = is_finished and total_time(fact.finished_at, fact.due_at) == 0
    if late:
        found["apologised"] = _either(fact.apologised_at is not None and fact.apologised_at <= moment)
    return found


def total_time(finished_at: datetime | None, due_at: datetime | None) -> int | None:
    """TT 01/2018/TT-VPCP Art 13.1: 2 shorter than the limit, 1 exactly, 0 longer. Our reading: before the day on which
    it is due is shorter, on that day it is exact. None: there is no date to compare with."""
    if finished_at is None or due_at is None:
        return None
    if finished_at > due_at:
        return time_points(1)
    return time_points(-1 if local_day(finished_at) < local_day(due_at) else 0)


def _either(holds: bool) -> Mark:
    return Mark.YES if holds else Mark.NO
