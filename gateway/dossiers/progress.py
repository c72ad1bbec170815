"""How far a dossier has come, for anybody who knows its code: the code and the level, and nothing else (TT 01/2018 Art
16.2.d; DOS-22). Why a dossier waits or was refused is its applicant's business."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gateway.domain import DossierCode, DossierStatus, InvalidValueError
from gateway.dossiers.store import DossierStore
from gateway.sdk.errors import NotFoundError


class Level(StrEnum):
    """Mức độ hoàn thành."""

    FILED = "filed"
    IN_PROGRESS = "in_progress"
    RESULT_READY = "result_ready"
    FINISHED = "finished"


LEVELS = {
    DossierStatus.FILED: Level.FILED,
    DossierStatus.PROCESSED: Level.RESULT_READY,
    DossierStatus.RETURNED: Level.FINISHED,
    DossierStatus.REFUSED: Level.FINISHED,
    DossierStatus.WITHDRAWN: Level.FINISHED,
    DossierStatus.STOPPED: Level.FINISHED,
}
"""Every other status is one of work."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Answers by code."""

    store: DossierStore
    tenant: str

    async def of(self, code: str) -> tuple[str, Level]:
        """`NotFoundError`, in the same words for a code that nobody has and for what is no code."""
        try:
            known = DossierCode.parse(code.strip()).value
        except InvalidValueError:
            known = ""
        held = await self.store.find(self.tenant, known) if known else None
        if held is None:
            raise NotFoundError("No dossier has this code.", vi="Không có hồ sơ nào mang mã này.")
        return held.code, LEVELS.get(held.status, Level.IN_PROGRESS)
