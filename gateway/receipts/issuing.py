"""Issue what is due: number, content, signature and file in one transaction, so that a crash leaves no hole among the
numbers and no receipt twice (NĐ 254/2026 Art 23-25; PAY-09, PAY-12).

Whoever cannot sign or has no numbers issues nothing: the receipts wait, a person is told, and they are tried again.
"""

from __future__ import annotations

import asyncio
import hashlib
import secrets
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from gateway.alarms.model import AlarmService, Occasion
from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import local_day
from gateway.observability import continue_trace, own_context
from gateway.receipts.model import (
    Content,
    Delegator,
    Earlier,
    Issued,
    NumberRange,
    Receipt,
    ReceiptState,
    Series,
    Signed,
)
from gateway.receipts.ranges import fresh_range, left_of, next_number, series_of
from gateway.receipts.settings import Unit, Units
from gateway.receipts.signature import ReceiptSigner
from gateway.receipts.store import ReceiptStore, Trouble
from gateway.receipts.words import amount_in_words
from gateway.rules.limits import check_receipt_number
from gateway.rules.packs import RulePack, pack_on
from gateway.sdk.errors import ConfigurationError, GatewayError

log = structlog.get_logger()

CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: nothing that is read as something else."""
CODE_LENGTH = 20
MOST = 99_999_999
"""Numbers of the sandbox's unit in a year."""
LOW, USED_UP, NOT_ISSUED = "receipt_range_low", "receipt_range_used_up", "receipt_not_issued"
KINDS = {
    "operator.receipt_range": USED_UP,
    "operator.receipt_unit": "receipt_unit_unknown",
    "operator.receipt_certificate": "receipt_not_signed",
    "operator.receipt_mandate": "receipt_mandate",
}
"""The alarm of each thing that an operator can mend."""


class Issuing:
    """One of any number of processes that issue the receipts of one tenant."""

    def __init__(
        self,
        store: ReceiptStore,
        signer: ReceiptSigner,
        *,
        units: Units,
        packs: Sequence[RulePack],
        watch: Watch,
        on_issued: Sequence[Issued] = (),
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._signer = signer
        self._units = units
        self._packs = packs
        self._watch = watch
        self._on_issued = on_issued
        self._atomically = atomically
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()
        """Of this process: who waits for a number holds a connection that the leaf of the one before needs."""

    async def run(self, tenant: str, *, stop: asyncio.Event) -> None:
        """Issue until `stop` is set."""
        stopped = asyncio.create_task(stop.wait())
        while not stop.is_set():
            if not await self.issue_due(tenant):
                await asyncio.wait({stopped}, timeout=self._units.poll_s)
        await stopped

    async def issue_due(self, tenant: str, *, most: int = 100) -> int:
        """Issue what is due and can be issued now. How many receipts there are more."""
        issued = 0
        while issued < most:
            try:
                receipt = await self._next(tenant)
            except Exception:
                log.exception("receipts_not_readable")
                return issued
            if receipt is None:
                return issued
            issued += receipt.state is ReceiptState.ISSUED
        return issued

    async def _next(self, tenant: str) -> Receipt | None:
        """The next one as it stands then: issued, or postponed. None: nothing is due."""
        async with self._one_at_a_time:
            receipt: Receipt | None = None
            try:
                async with self._atomically():
                    receipt = await self._store.next_due(tenant, now=self._clock())
                    if receipt is None:
                        return None
                    signed, left = await self._issue(receipt)
            except Exception as exc:
                if receipt is None:
                    raise
                await self._postpone(receipt, exc)
                return receipt
        await self._tell(signed.receipt, left)
        return signed.receipt

    async def _issue(self, receipt: Receipt) -> tuple[Signed, int]:
        """With how many numbers are left after it."""
        unit = self._unit_of(receipt)
        await self._store.turn(receipt.tenant, unit.agency_id)
        now = self._clock()  # in turn: a higher number never has an earlier time
        ranges = await self._ranges(series_of(unit, tenant=receipt.tenant, on=local_day(now)), unit, now)
        found = next_number(ranges)
        if found is None:
            raise _no_number(unit, now)
        signed = await self._signed(receipt, unit, number=found[1], now=now)
        await self._store.give(*found)
        await self._store.issue(signed)
        if receipt.supersedes:
            state = ReceiptState.ADJUSTED if receipt.amount else ReceiptState.CANCELLED
            await self._store.supersede(receipt.tenant, receipt.supersedes, state)
        for hook in self._on_issued:
            await hook(signed.receipt, signed.content)
        await self._watch.recorder.record(_entry(signed.receipt))
        return signed, left_of(ranges) - 1

    def _unit_of(self, receipt: Receipt) -> Unit:
        unit = self._units.of(receipt.unit)
        if unit is None:
            raise ConfigurationError(
                f"No collecting unit {receipt.unit} is set in [receipts].",
                vi=f"Chưa khai báo tổ chức thu {receipt.unit} trong [receipts].",
                what="receipt_unit",
            )
        if unit.delegation and local_day(self._clock()) < unit.delegation.since:
            raise ConfigurationError(
                f"The mandate of {unit.agency_id} does not hold yet (NĐ 254/2026/NĐ-CP Art 25).",
                vi=f"Văn bản ủy nhiệm của {unit.agency_id} chưa có hiệu lực (Điều 25 NĐ 254/2026/NĐ-CP).",
                what="receipt_mandate",
            )
        return unit

    async def _ranges(self, series: Series, unit: Unit, now: datetime) -> Sequence[NumberRange]:
        """The sandbox registers its own; a province's are registered by a person."""
        ranges = await self._store.ranges_of(series)
        if ranges or not unit.made_up:
            return ranges
        whole = fresh_range(series, (1, MOST), pack=pack_on(self._packs, local_day(now)), now=now)
        await self._store.add_range(whole)
        return [whole]

    async def _signed(self, receipt: Receipt, unit: Unit, *, number: int, now: datetime) -> Signed:
        day = local_day(now)
        check_receipt_number(number, pack_on(self._packs, day))
        issued = replace(
            receipt,
            state=ReceiptState.ISSUED,
            issuer=unit.issuer,
            form=unit.form,
            symbol=unit.symbol(day),
            number=number,
            issued_at=now,
            lookup_code="".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH)),
        )
        content = await self._content(receipt, unit)
        page = await asyncio.to_thread(_page, issued, content)
        file = await self._signer.sign(page, unit=unit, at=now)
        return Signed(receipt=replace(issued, sha256=hashlib.sha256(file).hexdigest()), content=content, file=file)

    async def _content(self, receipt: Receipt, unit: Unit) -> Content:
        """What it says, with what is fixed only now."""
        known = await self._store.content(receipt.tenant, receipt.receipt_id)
        earlier = await self._store.find(receipt.tenant, receipt.supersedes) if receipt.supersedes else None
        assert known is not None
        return replace(
            known,
            unit_name=unit.name,
            unit_tax_code=unit.tax_code,
            unit_address=unit.address,
            delegator=_delegator(unit),
            words=amount_in_words(receipt.amount),
            earlier=_earlier(earlier) if earlier else None,
            made_up=unit.made_up,
        )

    async def _postpone(self, receipt: Receipt, exc: Exception) -> None:
        """What an operator must mend holds up the whole unit; anything else holds up this one alone. Called while `exc`
        is handled."""
        code = GatewayError.code
        if isinstance(exc, GatewayError):
            code = exc.error_code
        else:
            log.exception("receipt_failed", receipt_id=receipt.receipt_id)
        whole = isinstance(exc, ConfigurationError)
        named = {"unit": receipt.unit} if whole else {"receipt_id": receipt.receipt_id}
        until = self._clock() + timedelta(seconds=self._units.retry_s)
        async with self._atomically():
            await self._store.postpone(Trouble(tenant=receipt.tenant, code=code, **named), until=until)
        about = f"unit:{receipt.unit}" if whole else f"receipt:{receipt.receipt_id}"
        facts = {"code": code, "receipt": receipt.receipt_id}
        await self._watch.warn(Occasion(kind=KINDS.get(code, NOT_ISSUED), about=about, facts=facts), receipt.tenant)

    async def _tell(self, receipt: Receipt, left: int) -> None:
        log.info("receipt_issued", receipt_id=receipt.receipt_id, symbol=receipt.symbol, number=receipt.number)
        unit = self._units.of(receipt.unit)
        if unit and not unit.made_up and left <= self._units.low:
            about = f"unit:{unit.agency_id}:{receipt.symbol}"
            kind = LOW if left else USED_UP
            await self._watch.warn(Occasion(kind=kind, about=about, facts={"left": left}), receipt.tenant)


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """Who is told: the log of evidence, and the people who look at alarms."""

    recorder: Recorder
    alarms: AlarmService

    async def warn(self, occasion: Occasion, tenant: str) -> None:
        """An alarm that cannot be raised now is raised with the next one; receipts go on."""
        try:
            await self.alarms.raise_alarm(occasion, context=own_context(tenant))
        except Exception:
            log.exception("receipt_alarm_not_raised", kind=occasion.kind)


def _page(receipt: Receipt, content: Content) -> bytes:
    from gateway.receipts.page import page_of  # what draws it takes long to load, and most processes draw none

    return page_of(receipt, content)


def _delegator(unit: Unit) -> Delegator | None:
    said = unit.delegation
    if said is None:
        return None
    return Delegator(name=said.name, tax_code=said.tax_code, mandate=said.mandate, since=said.since)


def _earlier(receipt: Receipt) -> Earlier:
    assert receipt.number is not None
    assert receipt.issued_on is not None
    return Earlier(form=receipt.form, symbol=receipt.symbol, number=receipt.number, issued_on=receipt.issued_on)


def _no_number(unit: Unit, now: datetime) -> ConfigurationError:
    symbol = unit.symbol(local_day(now))
    return ConfigurationError(
        f"{unit.agency_id} has no number left under {symbol}; register a range: `lienthong receipts ranges add`.",
        vi=f"{unit.agency_id} hết số biên lai ký hiệu {symbol}; đăng ký dải số bằng `lienthong receipts ranges add`.",
        what="receipt_range",
    )


def _entry(receipt: Receipt) -> Entry:
    """The leaf: which receipt, which number, which bytes. It names no payer."""
    facts: dict[str, str | int] = {
        "form": receipt.form,
        "symbol": receipt.symbol,
        "number": receipt.number or 0,
        "amount": receipt.amount,
        "sha256": receipt.sha256,
    }
    if receipt.supersedes:
        facts["supersedes"] = receipt.supersedes
    return Entry(
        kind=EntryKind.ADMIN,
        tenant=receipt.tenant,
        actor="worker",
        operation="adjust_receipt" if receipt.supersedes else "issue_receipt",
        outcome="answered",
        occurred_at=receipt.issued_at or receipt.due_at,
        trace_id=continue_trace("").trace_id,
        reference=receipt.receipt_id,
        facts=facts,
    )
