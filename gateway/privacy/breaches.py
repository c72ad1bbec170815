"""The register of breaches and its 72 hours (PDP-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import NoReturn

from gateway.privacy.clocks import Law
from gateway.privacy.model import Breach, Opening, StartPoint
from gateway.privacy.store import BreachStore
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError


class Breaches:
    """Implements `BreachService`."""

    def __init__(self, store: BreachStore, *, law: Law, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._law = law
        self._clock = clock

    async def open(self, opening: Opening, *, by: str, tenant: str) -> Breach:
        now = self._clock()
        if not opening.from_at <= opening.to_at <= now or opening.discovered_at > now:
            raise _wrong(
                "/to_at", "The period must be in order and past.", "Khoảng thời gian phải đúng thứ tự và đã qua."
            )
        _check_written("/words", opening.words)
        starts_at = opening.from_at if opening.counts_from is StartPoint.HAPPENED else opening.discovered_at
        due_at = self._law.notice_due(starts_at)
        return await self._store.open(tenant, opening, due_at=due_at, by=by, now=now)

    async def listed(self, tenant: str, *, everything: bool) -> Sequence[Breach]:
        return await self._store.listed(tenant, everything=everything)

    async def find(self, tenant: str, breach_id: int) -> Breach:
        return await self._store.find(tenant, breach_id) or _unknown()

    async def notify(self, tenant: str, breach_id: int, *, by: str, late_reason: str = "") -> Breach:
        now = self._clock()
        held = await self.find(tenant, breach_id)
        if now > held.due_at and not late_reason.strip():
            raise _wrong(
                "/late_reason", "A late notice must give its reasons.", "Thông báo muộn phải nêu lý do (NĐ 13/2023)."
            )
        done = await self._store.notify(tenant, breach_id, by=by, late_reason=late_reason, now=now)
        return done or _past_that()

    async def close(self, tenant: str, breach_id: int, *, by: str, measures: str) -> Breach:
        _check_written("/measures", measures)
        held = await self.find(tenant, breach_id)
        if held.notified_at is None:
            raise ConflictError("It was not notified yet.", vi="Vi phạm này chưa được thông báo.", what="not_notified")
        done = await self._store.close(tenant, breach_id, by=by, measures=measures, now=self._clock())
        return done or _past_that()


def _check_written(pointer: str, text: str) -> None:
    if not text.strip():
        raise _wrong(pointer, "This must be written.", "Phải ghi mục này.")


def _wrong(pointer: str, english: str, vietnamese: str) -> UnprocessableError:
    return UnprocessableError(
        english, vi=vietnamese, what="breach", fields=[FieldProblem(pointer, english, vietnamese)]
    )


def _past_that() -> NoReturn:
    raise ConflictError("This breach is past that step.", vi="Vi phạm này đã qua bước đó.")


def _unknown() -> NoReturn:
    raise NotFoundError("No breach has this number.", vi="Không có vi phạm nào mang số này.")
