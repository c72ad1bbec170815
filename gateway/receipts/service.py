"""What falls due when money comes, what is adjusted when it goes back, and what is shown of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn

from gateway.domain import Context, local_day
from gateway.payments.model import Money
from gateway.receipts.model import (
    Content,
    PaperReceipt,
    Payer,
    Receipt,
    ReceiptKind,
    ReceiptLine,
    ReceiptState,
    Refunded,
)
from gateway.receipts.store import ReceiptStore
from gateway.receipts.words import day_text, in_figures
from gateway.rules.limits import check_receipt_number, paper_receipt_allowed
from gateway.rules.packs import RulePack, pack_on
from gateway.sdk import StoredFile
from gateway.sdk.errors import ConflictError, IntegrityError, NotFoundError, UnprocessableError

LETTERS = {ReceiptKind.FEE: "F", ReceiptKind.CHARGE: "C"}


class Receipts:
    """Implements `ReceiptService`. Every method joins the transaction that is open."""

    def __init__(self, store: ReceiptStore, *, packs: Sequence[RulePack], clock: Callable[[], datetime]) -> None:
        self._store = store
        self._packs = packs
        self._clock = clock

    async def due(self, money: Money) -> None:
        """One receipt for the fees and one for the charges of money that was collected (Art 24); each once."""
        for kind in ReceiptKind:
            lines = [
                ReceiptLine(code=str(line.get("code") or ""), name=str(line["name"]), amount=int(line["amount"]))
                for line in money.bill.lines
                if line["kind"] == kind.value
            ]
            if amount := sum(line.amount for line in lines):
                await self._store.add(_due(money, kind, amount), _content(money, lines))

    async def adjust(self, refund: Refunded) -> None:
        """A part, or all, was paid back: a newer receipt will say what is left, and the old one stays where it is
        (PAY-16). The same refund adjusts once. `ConflictError`: more than the receipt says."""
        for kind, amount in refund.parts.items():
            receipts = await self._store.of_payment(refund.tenant, refund.payment_id)
            chain = [receipt for receipt in receipts if receipt.kind is kind]
            if amount and chain and all(receipt.refund_id != refund.refund_id for receipt in chain):
                superseded = {receipt.supersedes for receipt in chain}
                newest = next(receipt for receipt in chain if receipt.receipt_id not in superseded)
                await self._adjust(newest, refund, amount)

    async def _adjust(self, earlier: Receipt, refund: Refunded, amount: int) -> None:
        if not 0 < amount <= earlier.amount:
            raise ConflictError(
                "More was paid back than the receipt says.",
                vi="Số tiền hoàn trả lớn hơn số tiền trên biên lai.",
                what="receipt_exceeded",
            )
        known = await self._store.content(earlier.tenant, earlier.receipt_id)
        assert known is not None
        day = day_text(local_day(refund.at))
        line = ReceiptLine(code="", name=f"Hoàn trả ngày {day}, mã hoàn trả {refund.refund_id}", amount=-amount)
        content = replace(
            known,
            lines=[*known.lines, line],
            reason=f"hoàn trả {in_figures(amount)} đồng ngày {day}; {refund.reason}".rstrip("; "),
        )
        adjusting = replace(
            earlier,
            receipt_id=f"{earlier.payment_id}-{LETTERS[earlier.kind]}-{refund.refund_id}",
            amount=earlier.amount - amount,
            due_at=self._clock(),
            state=ReceiptState.DUE,
            supersedes=earlier.receipt_id,
            refund_id=refund.refund_id,
            **NOT_ISSUED,
        )
        await self._store.add(adjusting, content)

    async def record_paper(self, paper: PaperReceipt) -> None:
        """Keep the number of a receipt that was written on paper. `UnprocessableError`: from 1/1/2027 there are none
        (Art 44.2; PAY-14). `ConflictError`: the number is taken."""
        pack = pack_on(self._packs, paper.day)
        if not paper_receipt_allowed(paper.day, pack):
            raise UnprocessableError(
                "From 2027 on there are no paper receipts (NĐ 254/2026/NĐ-CP Art 44.2).",
                vi="Từ ngày 01/01/2027 không dùng biên lai giấy (Điều 44.2 NĐ 254/2026/NĐ-CP).",
                what="paper_receipt",
            )
        check_receipt_number(paper.number, pack)
        if paper.day > local_day(self._clock()):
            raise UnprocessableError("This day lies in the future.", vi="Ngày này ở tương lai.", what="in_the_future")
        if not await self._store.add_paper(paper):
            raise ConflictError(
                "A paper receipt with this symbol and number was recorded before.",
                vi="Biên lai giấy có ký hiệu và số này đã được ghi nhận.",
                what="paper_receipt_taken",
            )

    async def of_payment(self, payment_id: str, *, context: Context) -> Sequence[Receipt]:
        return await self._store.of_payment(context.tenant, payment_id)

    async def find(self, receipt_id: str, *, context: Context) -> Receipt:
        return await self._store.find(context.tenant, receipt_id) or _unknown()

    async def file(self, receipt_id: str, *, context: Context) -> StoredFile:
        receipt = await self.find(receipt_id, context=context)
        content = await self._store.file(context.tenant, receipt_id)
        if content is None:
            raise ConflictError(
                "This receipt is not issued yet.", vi="Biên lai này chưa được lập.", what="receipt_not_issued"
            )
        if hashlib.sha256(content).hexdigest() != receipt.sha256:
            raise IntegrityError("A stored receipt was altered.", vi="Biên lai đã lưu bị thay đổi.")
        name = f"bien-lai-{receipt.symbol}-{receipt.number}.pdf"
        return StoredFile(
            id=receipt_id, name=name, media_type="application/pdf", sha256=receipt.sha256, content=content
        )

    async def by_code(self, lookup_code: str, *, tenant: str) -> Receipt:
        return await self._store.by_code(tenant, lookup_code) or _unknown()


NOT_ISSUED: dict[str, Any] = {
    "issuer": "",
    "form": "",
    "symbol": "",
    "number": None,
    "issued_at": None,
    "lookup_code": "",
    "sha256": "",
}
"""What a receipt lacks until it is issued."""


def _due(money: Money, kind: ReceiptKind, amount: int) -> Receipt:
    return Receipt(
        tenant=money.bill.tenant,
        receipt_id=f"{money.payment.payment_id}-{LETTERS[kind]}",
        kind=kind,
        payment_id=money.payment.payment_id,
        bill_id=money.bill.bill_id,
        dossier_code=money.bill.dossier_code,
        unit=money.bill.agency_id,
        amount=amount,
        currency=money.currency,
        paid_at=money.paid_at,
        due_at=money.posted_at,
    )


def _content(money: Money, lines: Sequence[ReceiptLine]) -> Content:
    """What the bill knows. A payer whom nobody named is one nobody can be asked for: the receipt says so."""
    document = money.bill.document
    payer = document.get("payer") or {}
    address = ", ".join(str(part) for name in ("address", "province") if (part := payer.get(name)))
    return Content(
        payer=Payer(name=str(payer.get("full_name") or UNNAMED), address=address),
        lines=lines,
        procedure_name=str(document.get("procedure_name") or ""),
    )


UNNAMED = "Người nộp theo hồ sơ"


def _unknown() -> NoReturn:
    raise NotFoundError("There is no such receipt.", vi="Không có biên lai này.")
