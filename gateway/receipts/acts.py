"""What an officer does about receipts: register numbers, issue what waits, record paper, read a file. Each act and its
leaf (SEC-04)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import date, datetime

from gateway.audit.acts import Act
from gateway.audit.recorder import Recorder
from gateway.domain import Context, local_day
from gateway.receipts.issuing import Issuing
from gateway.receipts.model import NumberRange, PaperReceipt, ReceiptService
from gateway.receipts.ranges import fresh_range, series_of
from gateway.receipts.service import Receipts
from gateway.receipts.settings import Units
from gateway.receipts.store import ReceiptStore
from gateway.receipts.voucher_model import VoucherService
from gateway.rules.packs import RulePack, pack_on
from gateway.sdk import StoredFile
from gateway.sdk.errors import FieldProblem, NotFoundError, UnprocessableError

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """A range that is to be registered. `year`: of the symbol; None: this one."""

    unit: str
    first: int
    last: int
    year: int | None = None


class ReceiptActs:
    """What the command line and the console call."""

    def __init__(
        self,
        store: ReceiptStore,
        receipts: Receipts,
        issuing: Issuing,
        *,
        units: Units,
        packs: Sequence[RulePack],
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._receipts = receipts
        self._issuing = issuing
        self._units = units
        self._packs = packs
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def add_range(self, numbers: Numbers, *, context: Context) -> NumberRange:
        """`NotFoundError`: no such unit. `ConflictError`, `UnprocessableError`: not these numbers."""
        now = self._clock()
        day = date(numbers.year, 1, 1) if numbers.year else local_day(now)
        unit = self._units.of(numbers.unit)
        if unit is None:
            raise NotFoundError("No such unit stands in [receipts].", vi="Không có tổ chức thu này trong [receipts].")
        series = series_of(unit, tenant=context.tenant, on=day)
        pack = pack_on(self._packs, max(day, local_day(now)))
        fresh = fresh_range(series, (numbers.first, numbers.last), pack=pack, now=now)
        async with self._atomically():
            await self._store.turn(context.tenant, unit.agency_id)
            await self._store.add_range(fresh)
            await self._store.hurry(context.tenant, now=now)
            told = f"{numbers.first}-{numbers.last}"
            facts = {"symbol": fresh.symbol, "issuer": fresh.issuer, "numbers": told}
            act = Act(operation="add_receipt_range", reference=f"unit:{numbers.unit}", facts=facts)
            await self._recorder.record(act.entry(context, at=now))
        return fresh

    async def issue(self, *, context: Context, most: int = MOST_AT_ONCE) -> int:
        """Issue now what is due, also what waits for its next try. How many receipts there are more."""
        now = self._clock()
        async with self._atomically():
            await self._store.hurry(context.tenant, now=now)
            act = Act(operation="issue_receipts", reference="receipts")
            await self._recorder.record(act.entry(context, at=now))
        return await self._issuing.issue_due(context.tenant, most=most)

    async def record_paper(self, paper: PaperReceipt, *, context: Context) -> None:
        """Errors are those of `Receipts.record_paper`."""
        async with self._atomically():
            await self._receipts.record_paper(paper)
            facts = {"symbol": paper.symbol, "number": str(paper.number), "kind": paper.kind.value}
            act = Act(operation="record_paper_receipt", reference=paper.dossier_code, facts=facts)
            await self._recorder.record(act.entry(context, at=self._clock()))


class Reading:
    """Files that name the payer: handed out for a reason, which is evidence."""

    def __init__(
        self,
        receipts: ReceiptService,
        vouchers: VoucherService,
        recorder: Recorder,
        *,
        clock: Callable[[], datetime],
    ) -> None:
        self._receipts = receipts
        self._vouchers = vouchers
        self._recorder = recorder
        self._clock = clock

    async def receipt(self, receipt_id: str, *, reason: str, context: Context) -> StoredFile:
        """The signed PDF. `UnprocessableError`: without a reason; else the errors of `ReceiptService.file`."""
        _check(reason)
        file = await self._receipts.file(receipt_id, context=context)
        await self._told("read_receipt_file", receipt_id, reason=reason, context=context)
        return file

    async def voucher(self, payment_id: str, sha256: str, *, reason: str, context: Context) -> StoredFile:
        """The rail's own receipt of a payment, likewise."""
        _check(reason)
        file = await self._vouchers.file(payment_id, sha256, context=context)
        await self._told("read_voucher_file", payment_id, reason=reason, context=context)
        return file

    async def _told(self, operation: str, reference: str, *, reason: str, context: Context) -> None:
        act = Act(operation=operation, reference=reference, bodies={"reason": reason.encode()})
        await self._recorder.record(act.entry(context, at=self._clock()))


def _check(reason: str) -> None:
    if not reason.strip():
        english, vietnamese = "Say why the file is read.", "Phải ghi lý do xem tệp."
        fields = [FieldProblem("/reason", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="reason_missing", fields=fields)
