"""Ask the portal, keep what it told, and show what is kept when it cannot be asked, saying so (DOS-23)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any

import structlog

from gateway.domain import Context, InvalidValueError, ProcedureCode
from gateway.exchange.answers import items_of
from gateway.exchange.model import Exchange
from gateway.procedures.model import Pin, ProcedureVersion, ProcedureView, digest_of
from gateway.procedures.store import ProcedureStore
from gateway.sdk import NotFoundError, ProtocolViolation, RemoteError

log = structlog.get_logger()


class Procedures:
    """Implements `ProcedureService`."""

    def __init__(
        self,
        store: ProcedureStore,
        *,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock

    async def read(self, code: str, *, context: Context) -> ProcedureView:
        """As the portal tells it now, kept as a new version if it differs; or the newest kept one, marked as stale."""
        national = ProcedureCode.parse(code).national
        try:
            document = await self._told(national, context=context)
        except RemoteError as exc:
            kept = await self._store.newest(context.tenant, national)
            if kept is None:
                raise
            log.warning("procedure_not_confirmed", procedure=national, code=exc.error_code)
            return ProcedureView(kept=kept, stale=True, trouble=exc)
        if document is None:
            raise NotFoundError("The portal has no such procedure.", vi="Cổng không có thủ tục mang mã này.")
        return ProcedureView(kept=await self._keep(national, document, tenant=context.tenant), stale=False)

    async def version(self, code: str, number: int, *, context: Context) -> ProcedureView:
        """A kept version; the portal is not asked."""
        kept = await self._store.version(context.tenant, ProcedureCode.parse(code).national, number)
        if kept is None:
            raise NotFoundError(
                "No such version of this procedure is kept.", vi="Không lưu phiên bản nào mang số này của thủ tục."
            )
        return ProcedureView(kept=kept, stale=True)

    async def versions(self, code: str, *, context: Context) -> Sequence[ProcedureVersion]:
        """The newest first; none when the procedure was never read."""
        return await self._store.versions(context.tenant, ProcedureCode.parse(code).national)

    async def pin(self, dossier: str, document: Mapping[str, Any], *, tenant: str) -> None:
        """Keep with a dossier the version in force when it was first taken in. Joins the transaction that is open."""
        try:
            code = ProcedureCode.parse((document.get("procedure") or {}).get("code") or "").national
        except InvalidValueError:
            return
        await self._store.pin(tenant, dossier, code, at=self._clock())

    async def of_dossier(self, dossier: str, *, context: Context) -> Pin:
        pin = await self._store.pinned(context.tenant, dossier)
        if pin is None:
            raise NotFoundError(
                "There is no such dossier, or it names no national procedure.",
                vi="Chưa có hồ sơ này, hoặc hồ sơ không nêu mã thủ tục quốc gia.",
            )
        return pin

    async def refresh(self, *, context: Context) -> int:
        """Look at every procedure that is kept or named by a dossier; how many the portal told. One that it does not
        tell leaves the others alone; if it tells none, the last trouble is raised, so that it is tried again."""
        told, trouble = 0, None
        for code in await self._store.codes(context.tenant):
            try:
                document = await self._told(code, context=context)
            except RemoteError as exc:
                trouble = exc
                log.warning("procedure_not_confirmed", procedure=code, code=exc.error_code)
                continue
            if document is None:
                log.warning("procedure_vanished", procedure=code)
                continue
            await self._keep(code, document, tenant=context.tenant)
            told += 1
        if trouble and not told:
            raise trouble
        return told

    async def of_agency(self, agency_id: str, *, context: Context) -> Sequence[Mapping[str, Any]]:
        """The procedures that the portal lists for one agency."""
        asked = {"agency_code": agency_id}
        return items_of(await self._exchange.ask("list_agency_procedures", asked, context=context, reference=agency_id))

    async def online_services(self, *, context: Context) -> Sequence[Mapping[str, Any]]:
        return items_of(await self._exchange.ask("list_online_services", {}, context=context, reference="services"))

    async def _told(self, national: str, *, context: Context) -> Mapping[str, Any] | None:
        asked = {"procedure_code": national}
        items = items_of(await self._exchange.ask("read_procedure", asked, context=context, reference=national))
        if items and items[0].get("code") != national:
            raise ProtocolViolation("The portal answered with another procedure than the one that was asked for.")
        return items[0] if items else None

    async def _keep(self, national: str, document: Mapping[str, Any], *, tenant: str) -> ProcedureVersion:
        digest, now = digest_of(document), self._clock()
        async with self._atomically():
            newest = await self._store.lock(tenant, national)
            if newest and newest.digest == digest:
                await self._store.confirm(newest, at=now)
            else:
                number = newest.version + 1 if newest else 1
                await self._store.add(
                    ProcedureVersion(
                        tenant=tenant,
                        code=national,
                        version=number,
                        digest=digest,
                        document=document,
                        fetched_at=now,
                        confirmed_at=now,
                    )
                )
                log.info("procedure_changed" if newest else "procedure_kept", procedure=national, version=number)
            kept = await self._store.newest(tenant, national)
        assert kept is not None
        return kept
