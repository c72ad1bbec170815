"""Store attempts before their INIT leaves, and write what INIT told. Those of one moment share their statements and
their commit: alone, an attempt is a dozen round trips to the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog

from gateway.database import OF_ONE, Gather, each_alone, is_of_all, or_each_alone
from gateway.delivery.model import Draft
from gateway.domain import Context
from gateway.exchange.model import Exchange
from gateway.payments.asking import Asking
from gateway.payments.bills import Bills, Due, DuePage
from gateway.payments.model import Bill, Payment, PaymentState
from gateway.payments.store import InitTold, PaymentStore
from gateway.sdk.errors import ConfigurationError, FieldProblem, GatewayError, UnprocessableError

INIT = "initiate_payment"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A payment that somebody wants to open. `bill_id`, `rail`: as he named them, or empty."""

    document: Mapping[str, Any]
    payment_id: str
    bill_id: str
    rail: str
    context: Context

    @property
    def due(self) -> Due:
        return Due(
            document=self.document,
            bill_id=self.bill_id or f"B{self.payment_id[1:]}",
            is_named=bool(self.bill_id),
            context=self.context,
        )


@dataclass(frozen=True, slots=True)
class Stored:
    """An attempt that is stored. `is_new`: just now, so its INIT is still to be sent."""

    payment: Payment
    is_new: bool


class PaymentOpening:
    """The way of an attempt into the store. Nothing of one that is refused is kept."""

    def __init__(
        self,
        store: PaymentStore,
        bills: Bills,
        *,
        asking: Asking,
        exchange: Exchange,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._bills = bills
        self._asking = asking
        self._exchange = exchange
        self._atomically = atomically
        self._clock = clock
        self._together: dict[str, Gather[Wanted, Stored]] = defaultdict(lambda: Gather(self._store_all))
        self._moving: dict[str, Gather[InitTold, Payment]] = defaultdict(lambda: Gather(self._move_all))
        """Both by tenant."""

    async def store(self, wanted: Wanted) -> Stored:
        """The attempt, or the one that was begun under its id. Raises as `DuePage.payable`, and for what the mapping
        cannot carry."""
        return await self._together[wanted.context.tenant].do(wanted)

    async def move(self, payment: Payment, state: PaymentState, *, pay_url: str = "") -> Payment:
        """Write what INIT told us, unless a notice was faster: it knows more."""
        return await self._moving[payment.tenant].do(InitTold(payment, state, pay_url))

    async def _store_all(self, wanted: Sequence[Wanted]) -> list[Stored | Exception]:
        """All of one tenant. A bill that cannot be read (it was altered) keeps none of the others out: then each goes
        alone, and so they do where one comes with the id of another, whose attempt it then finds."""
        if 1 < len(wanted) == len({each.payment_id for each in wanted}):
            with or_each_alone():
                async with self._atomically():
                    return await self._store_together(wanted)
        return await each_alone(wanted, self._alone)

    async def _alone(self, wanted: Wanted) -> Stored | Exception:
        """What comes over it is its own: those before it are stored, and whoever asked for them sends their INIT."""
        try:
            async with self._atomically():
                (stored,) = await self._store_together([wanted])
        except Exception as exc:
            return exc
        return stored

    async def _store_together(self, wanted: Sequence[Wanted]) -> list[Stored | Exception]:
        tenant = wanted[0].context.tenant
        begun = {p.payment_id: p for p in await self._store.several(tenant, [each.payment_id for each in wanted])}
        page = await self._bills.due(tenant, [each.due for each in wanted if each.payment_id not in begun])
        results: list[Stored | Exception] = []
        payments: list[Payment] = []
        drafts: list[Draft] = []
        for each in wanted:
            try:
                if held := begun.get(each.payment_id):
                    _check_same(held, each)
                    results.append(Stored(held, is_new=False))
                    continue
                payment, asked = self._placed(page, each)
            except GatewayError as exc:
                results.append(exc)
                continue
            except Exception:
                log.exception("payment_not_placed")
                results.append(GatewayError("Something went wrong on our side; it is logged."))
                continue
            results.append(Stored(payment, is_new=True))
            payments.append(payment)
            drafts += asked
        await self._bills.add(page.issued)
        if payments:
            await self._store.add(*payments)
        await self._asking.enqueue(drafts)
        return results

    def _placed(self, page: DuePage, wanted: Wanted) -> tuple[Payment, list[Draft]]:
        system = self._rail(wanted.rail)
        bill = page.payable(wanted.due)
        payment = self._new(bill, wanted, system=system)
        key, context = payment.payment_id, wanted.context
        self._exchange.draft(INIT, payment.document, key=key, context=context, target=system)  # or refuse it
        drafts = self._asking.first(payment, context=context)
        page.keep(bill)
        return payment, drafts

    def _rail(self, rail: str) -> str:
        """The system to pay over. `UnprocessableError`: none of that name takes payments."""
        if not rail:
            return self._exchange.system_for(INIT)
        try:
            offered = self._exchange.offers(INIT, target=rail)
        except ConfigurationError:
            offered = False
        if not offered:
            english, vietnamese = (
                "No rail of this name takes payments here; leave `rail` out to use the usual one.",
                "Không có kênh thanh toán nào mang tên này; bỏ trống `rail` để dùng kênh mặc định.",
            )
            fields = [FieldProblem("/rail", english, vietnamese)]
            raise UnprocessableError(english, vi=vietnamese, what="rail_unknown", fields=fields)
        return rail

    def _new(self, bill: Bill, wanted: Wanted, *, system: str) -> Payment:
        now, name = self._clock(), wanted.payment_id
        return Payment(
            tenant=bill.tenant,
            payment_id=name,
            bill_id=bill.bill_id,
            dossier_code=bill.dossier_code,
            amount=bill.amount,
            currency=bill.currency,
            state=PaymentState.CREATED,
            system=system,
            reference=name,
            created_at=now,
            updated_at=now,
            document={**bill.document, **_said(wanted.document), "reference": name, "initiated_at": now.isoformat()},
        )

    async def _move_all(self, moved: Sequence[InitTold]) -> list[Payment | Exception]:
        """All of one tenant. A statement, which is a transaction, holds at most one attempt of a bill, as whoever
        settles another of them waits for it and is not waited for. What comes over one is told to its own callers: the
        others' attempts are moved. To move one twice, or not at all, does no harm: it moves from `created` alone, and
        the query that was enqueued with it finds out what nobody wrote."""
        after: dict[str, Payment | Exception] = {}
        waiting = list(moved)
        while waiting:
            now = {each.payment.bill_id: each for each in reversed(waiting)}
            try:
                after |= {p.payment_id: p for p in await self._store.told(list(now.values()), at=self._clock())}
            except OF_ONE:  # each is done alone
                raise
            except Exception as exc:
                met = waiting if is_of_all(exc) else [*now.values()]  # else each would wait for it in its turn
                after |= dict.fromkeys((each.payment.payment_id for each in met), exc)
                if is_of_all(exc):
                    break
            waiting = [each for each in waiting if each is not now[each.payment.bill_id]]
        return [after[each.payment.payment_id] for each in moved]


def _said(document: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in document.items() if value is not None}


def _check_same(begun: Payment, wanted: Wanted) -> None:
    """One id, one payment: another fee under an old id must not be answered with the old one's state."""
    differs = any(begun.document.get(name) != value for name, value in _said(wanted.document).items())
    other_bill = bool(wanted.bill_id) and wanted.bill_id != begun.bill_id
    if differs or other_bill or (wanted.rail and wanted.rail != begun.system):
        raise UnprocessableError(
            "This Idempotency-Key opened another payment before; use a new key.",
            vi="Khoá Idempotency-Key này đã dùng để mở một giao dịch khác; hãy dùng khoá mới.",
            what="idempotency_key_reused",
        )
