"""The report of a day for programs: JSON, schema `lienthong.reconciliation/1` (docs/reconciliation.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from gateway.cases.model import Case
from gateway.reconciliation.model import DayReport, Finding
from gateway.reconciliation.words import KINDS

SCHEMA = "lienthong.reconciliation/1"


def document(day: date, reports: Sequence[DayReport], *, tenant: str, at: datetime) -> dict[str, Any]:
    """Keys are only ever added under this schema's name; amounts are whole đồng."""
    return {
        "schema": SCHEMA,
        "tenant": tenant,
        "day": day.isoformat(),
        "made_at": at.isoformat(),
        "clean": all(report.clean for report in reports),
        "rails": [_rail(report) for report in reports],
    }


def _rail(report: DayReport) -> dict[str, Any]:
    day = report.day
    return {
        "rail": day.rail,
        "view": day.view.value,
        "runs": day.runs,
        "began_at": day.began_at.isoformat(),
        "ended_at": _iso(day.ended_at),
        "closed_at": _iso(day.closed_at),
        "closed_by": day.closed_by,
        "clean": report.clean,
        "without_case": len(report.without_case),
        "counts": dict(day.counts),
        "totals": [asdict(total) for total in day.totals],
        "findings": [_finding(finding, report) for finding in report.findings],
    }


def _finding(finding: Finding, report: DayReport) -> dict[str, Any]:
    case = report.cases.get(finding.case_id) if finding.case_id is not None else None
    return {
        "kind": finding.kind.value,
        "title": KINDS[finding.kind],
        "key": finding.key,
        "reference": finding.reference,
        "facts": dict(finding.facts),
        "linked_day": finding.linked_day.isoformat() if finding.linked_day else None,
        "posted": finding.posted,
        "found_at": _iso(finding.found_at),
        "cleared_at": _iso(finding.cleared_at),
        "case": _case(case) if case else None,
    }


def _case(case: Case) -> dict[str, Any]:
    return {
        "id": case.id,
        "owner": case.opening.owner.value,
        "opened_at": case.opened_at.isoformat(),
        "due_at": case.due_at.isoformat(),
        "resolved_at": _iso(case.resolved_at),
    }


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at else None
