"""The query string of each operation, and what is refused before anything is sent (contract, sections 4.1 and 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from connectors.business_registry.settings import BusinessRegistrySettings
from connectors.business_registry.wire import plain
from gateway.domain import EnterpriseCode
from gateway.sdk.errors import FieldProblem, UnprocessableError

_CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]", re.ASCII)
_JOURNAL = re.compile(r"[0-9]{1,20}", re.ASCII)
HOUSEHOLD_DIGITS = 12


def enterprise(body: Mapping[str, Any], own: BusinessRegistrySettings) -> dict[str, str]:
    """`msdn`. A household's code is its owner's personal number, and this system takes codes in the address alone."""
    code = str(body["msdn"])
    if not EnterpriseCode.PATTERN.fullmatch(code):
        raise _refused("enterprise_code", EnterpriseCode.MESSAGE, EnterpriseCode.MESSAGE_VI)
    if len(plain(code)) == HOUSEHOLD_DIGITS and not own.household_codes_in_address:
        english = "A code of 12 digits is a person's number, and this system takes it only in the address of the call."
        vietnamese = "Mã số 12 chữ số là số định danh cá nhân; hệ thống này chỉ nhận mã trong địa chỉ cuộc gọi."
        raise UnprocessableError(
            f"{english} household_codes_in_address is not set, so nothing was sent.",
            vi=f"{vietnamese} Cấu hình household_codes_in_address chưa cho phép nên cổng không gửi gì.",
            what="household_code",
            fields=[FieldProblem("/enterprise_code", english, vietnamese)],
        )
    return {"msdn": code}


def today(body: Mapping[str, Any], own: BusinessRegistrySettings) -> dict[str, str]:
    """`from_ts`, `to_ts` (`HH:mm`), `offset`, `limit`."""
    for ours, theirs in (("from_time", "from_ts"), ("to_time", "to_ts")):
        if not _CLOCK.fullmatch(str(body[theirs])):
            raise _refused(ours, "A time of day reads HH:MM.", "Giờ trong ngày có dạng HH:MM.")
    if body["from_ts"] > body["to_ts"]:
        raise _refused("to_time", "It lies before from_time.", "Sớm hơn from_time.")
    return {"from_ts": body["from_ts"], "to_ts": body["to_ts"], **_page(body, own)}


def period(body: Mapping[str, Any], own: BusinessRegistrySettings) -> dict[str, str]:
    """`from_date`, `to_date` (`dd/MM/yyyy`), `offset`, `limit`."""
    days = (_day(body["to_date"]) - _day(body["from_date"])).days + 1
    if days < 1:
        raise _refused("to_date", "It lies before from_date.", "Sớm hơn from_date.")
    if days > own.longest_period_days:
        english = f"A period may cover {own.longest_period_days} days, the first and the last counted."
        vietnamese = f"Khoảng thời gian dài nhất là {own.longest_period_days} ngày, tính cả ngày đầu và ngày cuối."
        raise UnprocessableError(
            english, vi=vietnamese, what="period_too_long", fields=[FieldProblem("/to_date", english, vietnamese)]
        )
    return {"from_date": body["from_date"], "to_date": body["to_date"], **_page(body, own)}


def dossier(body: Mapping[str, Any], _: BusinessRegistrySettings) -> dict[str, str]:
    """`in_journal_no`."""
    number = str(body["in_journal_no"])
    if not _JOURNAL.fullmatch(number):
        raise _refused("journal_no", "A journal number has digits only, 20 at most.", "Chỉ gồm chữ số, tối đa 20.")
    return {"in_journal_no": number}


def _page(body: Mapping[str, Any], own: BusinessRegistrySettings) -> dict[str, str]:
    if body["offset"] < 0:
        raise _refused("offset", "It is 0 or more.", "Phải từ 0 trở lên.")
    if not 1 <= body["limit"] <= own.largest_page:
        raise _refused("limit", f"It is 1 to {own.largest_page}.", f"Phải từ 1 đến {own.largest_page}.")
    return {"offset": str(body["offset"]), "limit": str(body["limit"])}


def _day(text: str) -> date:
    return datetime.strptime(text, "%d/%m/%Y").date()  # noqa: DTZ007 - a day has no zone


def _refused(field: str, english: str, vietnamese: str) -> UnprocessableError:
    return UnprocessableError(
        f"{field}: {english}",
        vi=f"{field}: {vietnamese}",
        fields=[FieldProblem(f"/{field}", english, vietnamese)],
    )
