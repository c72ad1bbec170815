"""`chiTietDoanhNghiep`: one enterprise, in the generation that the firm or the switch asks for (contract, 4.2, 4.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from starlette.requests import Request

from mocks._kit.app import fault_of, note
from mocks._kit.settings import Settings
from mocks.business_registry.refusals import RefusedError

CODE_FORMS = re.compile(r"[0-9]{10}|[0-9]{10}-?[0-9]{3}|[0-9]{12}")
"""Enterprise, dependent unit with or without dash, household (contract, 6)."""


class FirmDesk:
    """The firms on record."""

    def __init__(self, records: Mapping[str, Any], settings: Settings) -> None:
        self._records = records
        self._firms = {code.replace("-", ""): firm for code, firm in records.items()}
        self._settings = settings

    def statuses(self) -> list[dict[str, str | None]]:
        return [{"code": code, "status": legal_status(firm)} for code, firm in self._records.items()]

    def answer(self, request: Request, code: str) -> Any:
        """The reply word for word. Unknown firm: not found, as v1 unless the switch says otherwise."""
        if not CODE_FORMS.fullmatch(code):
            raise RefusedError("MOCK-MSDN Mã số doanh nghiệp không đúng định dạng")
        firm = self._firms.get(code.replace("-", ""), {})
        wanted = self._settings.text("generation")
        generation = firm.get("serves", "v1") if wanted == "per_firm" else wanted
        note(request, generation=generation, found=generation in firm)
        if generation not in firm:
            return self._nothing(generation)
        if fault_of(request, "other_firm"):
            return self._another(firm, generation)[generation]
        if generation == "v2" and (fault := fault_of(request, "several")):
            other = firm if fault.argument == "same" else self._another(firm, "v2")
            return {"GetEntCert": [*other["v2"]["GetEntCert"], *firm["v2"]["GetEntCert"]]}
        return firm[generation]

    def _another(self, firm: Mapping[str, Any], generation: str) -> Mapping[str, Any]:
        return next(
            other for other in self._records.values() if other is not firm and _has_record(other.get(generation))
        )

    def _nothing(self, generation: str) -> Any:
        """Not found: `MainInformation` (v1) or `GetEntCert` (v2) null or missing."""
        named = self._settings.text("not_found") == "null"
        if generation == "v2":
            return {"GetEntCert": None} if named else {}
        return {"Data": {"MainInformation": None} if named else {}, "DataCount": 0, "Status": "1", "Message": "success"}


def legal_status(firm: Mapping[str, Any]) -> str | None:
    """The words of the reply that the firm gets (contract, 4.3: match on names, the codes are unknown)."""
    reply = firm[firm["serves"]]
    words: str | None = None
    if firm["serves"] == "v2":
        words = reply["GetEntCert"][0]["TinhTrangPhapLy"][0]["TinhTrangPhapLy"]
    elif reply["Data"] is not None:
        words = reply["Data"]["MainInformation"]["ENTERPRISE_STATUS_NAME"]
    return words


def _has_record(reply: Mapping[str, Any] | None) -> bool:
    return reply is not None and bool(reply.get("GetEntCert") or reply.get("Data"))
