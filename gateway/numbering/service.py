"""Issue dossier codes (NĐ 61/2018 Art 17.3 and 26.1; TT 01/2018/TT-VPCP Art 19)."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from datetime import date, datetime

import structlog

from gateway.domain import Context, DossierCode, InvalidValueError, local_day
from gateway.exchange.model import Exchange
from gateway.numbering.model import OWN, CodeRequest, IssuedCode
from gateway.numbering.store import NumberingStore
from gateway.rules.limits import legacy_code
from gateway.sdk import Answered, ProtocolViolation
from gateway.sdk.errors import FieldProblem, UnprocessableError

NEXT = "next_dossier_code"

log = structlog.get_logger()


class Numbering:
    """Implements `NumberingService`."""

    def __init__(
        self,
        store: NumberingStore,
        *,
        exchange: Exchange,
        upstream: bool,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        """`upstream`: the system that takes our dossiers issues their codes."""
        self._store = store
        self._exchange = exchange
        self._upstream = upstream
        self._atomically = atomically
        self._clock = clock

    async def issue(self, request: CodeRequest, *, context: Context) -> IssuedCode:
        today = local_day(self._clock())
        day = request.received_on or today
        if day > today:
            english, vietnamese = "This day lies in the future.", "Ngày này ở tương lai."
            fields = [FieldProblem("/received_on", english, vietnamese)]
            raise UnprocessableError(english, vi=vietnamese, what="in_the_future", fields=fields)
        if self._upstream:
            return await self._from_above(request, context=context)
        async with self._atomically():
            return await self._from_counter(request, day, tenant=context.tenant)

    async def _from_above(self, request: CodeRequest, *, context: Context) -> IssuedCode:
        if known := await self._store.earlier(context.tenant, request.key):
            return known
        asked = {"agency_code": request.agency, "procedure_code": request.procedure}
        exchanged = await self._exchange.ask(NEXT, asked, context=context, reference=request.agency)
        if not isinstance(exchanged.outcome, Answered):
            raise ProtocolViolation(
                "The system above issued no dossier code.", vi="Hệ thống cấp trên không cấp mã hồ sơ nào."
            )
        issued = IssuedCode(code=str(exchanged.canonical["code"]), agency=request.agency, source=exchanged.system)
        if not DossierCode.PATTERN.fullmatch(issued.code):
            raise ProtocolViolation(
                "What the system above issued is no dossier code.",
                vi="Hệ thống cấp trên trả về thứ không phải mã hồ sơ.",
            )
        if not await self._store.claim(context.tenant, issued, key=request.key, now=self._clock()):
            if known := await self._store.earlier(context.tenant, request.key):
                return known  # the same request, meanwhile; the number asked for here stays unused
            raise ProtocolViolation(
                "The system above issued a code that is in use already.",
                vi="Hệ thống cấp trên cấp mã hồ sơ đã được dùng.",
                what="code_issued_twice",
            )
        return issued

    async def _from_counter(self, request: CodeRequest, day: date, *, tenant: str) -> IssuedCode:
        """A number whose code is in use already (a one-stop system that numbered by itself before) is passed over, and
        the log says so."""
        while True:
            serial = await self._store.next_serial(tenant, request.agency, day, key=request.key)
            if isinstance(serial, IssuedCode):
                return serial
            code = _checked(legacy_code(request.agency, day, serial))
            issued = IssuedCode(code=code, agency=request.agency, source=OWN)
            if await self._store.claim(tenant, issued, key=request.key, now=self._clock()):
                return issued
            log.warning("dossier_code_passed_over", reference=code)


def _checked(code: str) -> str:
    try:
        return DossierCode.parse(code).value
    except InvalidValueError as exc:
        english = "This agency id does not fit into a dossier code (groups of at most 6 characters)."
        vietnamese = "Mã cơ quan này không ghép được vào mã hồ sơ (mỗi nhóm tối đa 6 ký tự)."
        fields = [FieldProblem("/agency_code", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="agency_code", fields=fields) from exc
