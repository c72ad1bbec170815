"""What is due for a dossier: said once, never rewritten, paid once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NoReturn

import orjson
import structlog

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.domain import Context
from gateway.payments.beneficiaries import Beneficiaries
from gateway.payments.model import Bill, BillState, Payment
from gateway.payments.store import BillStore, PaymentStore
from gateway.sdk.errors import ConflictError, FieldProblem, GatewayError, NotFoundError, UnprocessableError

OF_THE_BILL = (
    "dossier_code", "procedure_code", "procedure_name", "service_code", "agency_id", "agency_name", "amount",
    "currency", "narration", "payer", "lines", "beneficiary",
)  # fmt: skip
"""What a bill says; the rest of a payment's document is the attempt's own."""
PAYABLE = {BillState.UNPAID}
AGAIN = {BillState.CANCELLED, BillState.REFUNDED}
"""After these the same fees may become due anew."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What somebody wants to pay: the bill that `is_named`, or else the fees that `document` says."""

    document: Mapping[str, Any]
    bill_id: str
    """The bill that he names, or the name of the one that is issued if there is none over these fees."""
    is_named: bool
    context: Context


class DuePage:
    """The bills that payments of one moment are about, and those that are issued for them."""

    def __init__(self, locked: Sequence[Bill], new: Mapping[str, Bill | GatewayError]) -> None:
        """`locked`: oldest first. `new`: what would be issued for each that names no bill, or why it cannot be."""
        self.issued: list[Bill] = []
        self._new = new
        self._by_id = {bill.bill_id: bill for bill in locked}
        self._of_fees = {(bill.dossier_code, bill.matter): bill for bill in locked}

    def payable(self, due: Due) -> Bill:
        """The bill to pay: the one that is named, or the newest over the same fees that may be paid, or a new one,
        which is only issued when it is kept. `ConflictError`: it is paid, exempt or cancelled, so that nobody pays
        twice."""
        if due.is_named:
            return _checked(self._by_id.get(due.bill_id) or _unknown())
        new = self._new[due.bill_id]
        if isinstance(new, GatewayError):
            raise new
        same = self._of_fees.get((new.dossier_code, new.matter))
        return new if same is None or same.state in AGAIN else _checked(same)

    def keep(self, bill: Bill) -> None:
        """A payment was made for it: whoever comes after finds it."""
        if bill is self._new.get(bill.bill_id):
            self.issued.append(bill)
            self._of_fees[bill.dossier_code, bill.matter] = bill


class Bills:
    """Implements `BillService`."""

    def __init__(
        self,
        store: BillStore,
        payments: PaymentStore,
        *,
        beneficiaries: Beneficiaries,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._payments = payments
        self._beneficiaries = beneficiaries
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def issue(self, document: Mapping[str, Any], *, bill_id: str, context: Context) -> Bill:
        bill = self._new(document, bill_id=bill_id, context=context)
        async with self._atomically():
            await self._store.lock_dossiers(context.tenant, [bill.dossier_code])
            begun = await self._store.find(context.tenant, bill_id)
            if begun is not None:
                _check_same(begun, bill)
                return begun
            await self._store.add(bill)
        return bill

    async def get(self, bill_id: str, *, context: Context) -> Bill:
        return await self._store.find(context.tenant, bill_id) or _unknown()

    async def payments(self, bill_id: str, *, context: Context) -> Sequence[Payment]:
        return await self._payments.of_bill(context.tenant, bill_id)

    async def cancel(self, bill_id: str, *, exempt: bool, reason: str, context: Context) -> Bill:
        after = BillState.EXEMPT if exempt else BillState.CANCELLED
        async with self._atomically():
            bill = await self._store.lock(context.tenant, bill_id) or _unknown()
            if bill.state is after:
                return bill
            if bill.state not in PAYABLE:
                raise _not_payable(bill)
            bill = replace(bill, state=after, updated_at=self._clock())
            await self._store.save(bill)
            await self._recorder.record(_entry(bill, context, reason=reason))
        return bill

    async def due(self, tenant: str, wanted: Sequence[Due]) -> DuePage:
        """The bills that these payments are about, locked until the transaction ends; and nobody else issues one for
        their dossiers. No two of `wanted` that name no bill may have the same `bill_id`."""
        new: dict[str, Bill | GatewayError] = {}
        for each in wanted:
            if not each.is_named:
                try:
                    new[each.bill_id] = self._new(each.document, bill_id=each.bill_id, context=each.context)
                except GatewayError as exc:
                    new[each.bill_id] = exc
                except Exception:
                    log.exception("bill_not_made")
                    new[each.bill_id] = GatewayError("Something went wrong on our side; it is logged.")
        codes = {bill.dossier_code for bill in new.values() if isinstance(bill, Bill)}
        if codes:
            await self._store.lock_dossiers(tenant, sorted(codes))
        named = [each.bill_id for each in wanted if each.is_named]
        return DuePage(await self._store.lock_all(tenant, named, dossiers=sorted(codes)), new)

    async def add(self, bills: Sequence[Bill]) -> None:
        """Those that a page issued."""
        if bills:
            await self._store.add(*bills)

    def _new(self, document: Mapping[str, Any], *, bill_id: str, context: Context) -> Bill:
        said: dict[str, Any] = {"currency": "VND", "narration": f"THANH TOAN HO SO {document['dossier_code']}"}
        said |= {name: document[name] for name in OF_THE_BILL if document.get(name) is not None}
        _check_lines(said)
        self._beneficiaries.check(said)
        now = self._clock()
        return Bill(
            tenant=context.tenant,
            bill_id=bill_id,
            dossier_code=said["dossier_code"],
            amount=said["amount"],
            currency=said["currency"],
            state=BillState.UNPAID,
            matter=matter_of(said),
            beneficiary=said.get("beneficiary", {}).get("account", ""),
            created_at=now,
            updated_at=now,
            document=said,
        )


def matter_of(document: Mapping[str, Any]) -> str:
    """What the money is for, whoever pays: SHA-256 of dossier, agency, lines, currency and beneficiary,
    lower-case hex."""
    said = {name: document.get(name) for name in ("dossier_code", "agency_id", "lines", "currency", "beneficiary")}
    return hashlib.sha256(orjson.dumps(said, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _check_lines(document: Mapping[str, Any]) -> None:
    """Fee lines must add up to the amount: the platform's signature does not cover them (contract 2.14, trap 19)."""
    if sum(line["amount"] for line in document["lines"]) != document["amount"]:
        english, vietnamese = "The lines do not add up to the amount.", "Tổng các khoản không bằng số tiền phải nộp."
        fields = [FieldProblem("/lines", english, vietnamese)]
        raise UnprocessableError(english, vi=vietnamese, what="lines_differ", fields=fields)


def _check_same(begun: Bill, asked: Bill) -> None:
    if begun.document != asked.document:
        raise UnprocessableError(
            "This Idempotency-Key issued another bill before; use a new key.",
            vi="Khoá Idempotency-Key này đã dùng để lập một khoản phải thu khác; hãy dùng khoá mới.",
            what="idempotency_key_reused",
        )


def _checked(bill: Bill) -> Bill:
    if bill.state not in PAYABLE:
        raise _not_payable(bill)
    return bill


def _not_payable(bill: Bill) -> ConflictError:
    return ConflictError(
        f"The bill {bill.bill_id} is {bill.state.value}; nothing is due for it.",
        vi=f"Khoản phải thu {bill.bill_id} không còn phải nộp (trạng thái {bill.state.value}).",
        what="bill_not_payable",
    )


def _unknown() -> NoReturn:
    raise NotFoundError("No bill has this id.", vi="Không có khoản phải thu nào mang mã này.")


def _entry(bill: Bill, context: Context, *, reason: str) -> Entry:
    return Entry(
        kind=EntryKind.ADMIN,
        tenant=context.tenant,
        actor=context.actor,
        operation="cancel_bill",
        outcome=bill.state.value,
        occurred_at=bill.updated_at,
        trace_id=context.trace_id,
        reference=bill.bill_id,
        facts={"amount": bill.amount},
        bodies={"reason": reason.encode()},
    )
