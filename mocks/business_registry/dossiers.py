"""Registration dossiers: of today, of a period, and the state of one (contract, 4.1 and 4.2).

The contract has the parameters and the columns. Ours: MOCK-5-DAYS, MOCK-PAGE, MOCK-PERIOD, MOCK-COUNT (see README.md).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from typing import Any

from starlette.requests import Request

from mocks._kit.app import fault_of
from mocks._kit.clock import Clock
from mocks._kit.settings import Settings
from mocks.business_registry.refusals import RefusedError

VIETNAM = timezone(timedelta(hours=7))
CLOCK_FORM = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")
DATE_FORM = re.compile(r"[0-9]{2}/[0-9]{2}/[0-9]{4}")
LISTED = (
    "IN_JOURNAL_NO", "DOCUMENT_TYPE", "ENTERPRISE_CODE", "ENTERPRISE_GDT_CODE", "NAME", "SITE_ID", "PROCESS_STATUS",
    "RECEIPT_DATE", "PLAN_DATE", "PROCESSED_DATE",
)  # fmt: skip
"""The columns of the lists; the state of one dossier has more."""


class DossierDesk:
    """The dossiers on record. One with `at` was processed today at that time, whichever day it is."""

    def __init__(self, records: Sequence[Mapping[str, Any]], settings: Settings, clock: Clock) -> None:
        self._records = records
        self._settings = settings
        self._clock = clock

    def today(self, asked: Mapping[str, str]) -> Any:
        if not all(CLOCK_FORM.fullmatch(asked[name]) for name in ("from_ts", "to_ts")):
            raise RefusedError("MOCK-TIME from_ts, to_ts phải có dạng HH:mm")
        found = [row for row in self._records if asked["from_ts"] <= row.get("at", "") <= asked["to_ts"]]
        return self._page(found, asked)

    def period(self, asked: Mapping[str, str]) -> Any:
        """By the date of receipt: MOCK-PERIOD."""
        first, last = _day(asked["from_date"]), _day(asked["to_date"])
        days = (last - first).days + 1
        if not 1 <= days <= self._settings.number("period_days"):
            raise RefusedError("MOCK-5-DAYS Khoảng thời gian không hợp lệ hoặc dài quá 5 ngày")
        found = [row for row in self._records if first <= _day(row["RECEIPT_DATE"]) <= last]
        return self._page(found, asked)

    def state(self, request: Request, journal_no: str) -> Any:
        """Null or missing `MainInformation` when it is on no record, as for an enterprise."""
        if not journal_no.isdecimal():
            raise RefusedError("MOCK-JOURNAL in_journal_no phải là số")
        rows = [row for row in self._records if str(row["IN_JOURNAL_NO"]) == journal_no]
        others = [row for row in self._records if row not in rows]
        if rows and fault_of(request, "other_firm"):
            rows = others[:1]
        if rows and (fault := fault_of(request, "several")):
            rows = [*(rows if fault.argument == "same" else others[:1]), *rows]
        shown = [{name: value for name, value in self._dated(row).items() if name != "at"} for row in rows]
        if not shown:
            named = self._settings.text("not_found") == "null"
            return _envelope({"MainInformation": None} if named else {}, 0)
        return _envelope({"MainInformation": shown[0] if len(shown) == 1 else shown}, len(shown))

    def _page(self, found: Sequence[Mapping[str, Any]], asked: Mapping[str, str]) -> Any:
        if not all(asked[name].isdecimal() for name in ("offset", "limit")):
            raise RefusedError("MOCK-PAGE offset, limit phải là số")
        offset, limit = int(asked["offset"]), int(asked["limit"])
        if not 1 <= limit <= self._settings.number("page_limit"):
            raise RefusedError("MOCK-PAGE limit ngoài khoảng cho phép")
        rows = [self._dated(row) for row in found[offset : offset + limit]]
        return _envelope({"MainInformation": [{name: row.get(name) for name in LISTED} for row in rows]}, len(rows))

    def _dated(self, row: Mapping[str, Any]) -> dict[str, Any]:
        if "at" not in row:
            return dict(row)
        return {**row, "PROCESSED_DATE": self._clock().astimezone(VIETNAM).strftime("%d/%m/%Y")}


def _envelope(content: Any, count: int) -> Any:
    return {"Data": content, "DataCount": count, "Status": "1", "Message": "success"}


def _day(text: str) -> date:
    try:
        day = datetime.strptime(text, "%d/%m/%Y").replace(tzinfo=VIETNAM).date()
    except ValueError as exc:
        raise RefusedError("MOCK-DATE không có ngày này") from exc
    if not DATE_FORM.fullmatch(text):
        raise RefusedError("MOCK-DATE from_date, to_date phải có dạng dd/MM/yyyy")
    return day
