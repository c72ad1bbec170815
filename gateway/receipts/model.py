"""Electronic receipts for fees and charges (NĐ 254/2026/NĐ-CP Art 23-25; form and symbol: TT 91/2026/TT-BTC).

    due ─► issued ─► adjusted     (a part was paid back: a newer receipt `supersedes` it)
                └──► cancelled    (all of it was paid back; the newer receipt says zero)

`due` is written in the transaction that enters the money. Number, content, signature and file come together, in one
transaction later. Nothing is ever deleted or altered (Art 5; PAY-15).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol

from gateway.domain import Context, local_day
from gateway.sdk import StoredFile


class ReceiptKind(StrEnum):
    """A payment has one receipt for its fees and another one for its charges."""

    FEE = "fee"
    """Phí."""
    CHARGE = "charge"
    """Lệ phí."""

    @property
    def label_vi(self) -> str:
        return "phí" if self is ReceiptKind.FEE else "lệ phí"


class ReceiptState(StrEnum):
    """Trạng thái biên lai."""

    DUE = "due"
    ISSUED = "issued"
    ADJUSTED = "adjusted"
    CANCELLED = "cancelled"

    @property
    def label_vi(self) -> str:
        return _LABELS_VI[self]


_LABELS_VI = {
    ReceiptState.DUE: "Chờ lập",
    ReceiptState.ISSUED: "Có hiệu lực",
    ReceiptState.ADJUSTED: "Đã bị điều chỉnh",
    ReceiptState.CANCELLED: "Đã hủy",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Biên lai điện tử, without anything about the payer. Amounts are whole đồng.

    The first block is known when it falls due; the second is empty until it is issued and fixed from then on.
    """

    tenant: str
    receipt_id: str
    """`<payment>-F` or `<payment>-C`; of one that adjusts, with `-<refund>` behind."""
    kind: ReceiptKind
    payment_id: str
    bill_id: str
    dossier_code: str
    unit: str
    """Agency id of the collecting unit."""
    amount: int
    """What was collected, less what was paid back; 0 on one that cancels."""
    currency: str
    paid_at: datetime
    due_at: datetime
    state: ReceiptState = ReceiptState.DUE
    supersedes: str = ""
    """Id of the receipt that it adjusts."""
    refund_id: str = ""

    issuer: str = ""
    """Tax code of the body whose numbers these are: the unit's own, or that of whoever gave it the mandate."""
    form: str = ""
    """Ký hiệu mẫu, such as `EBL01`."""
    symbol: str = ""
    """Ký hiệu: two digits of the year, `T`, two letters."""
    number: int | None = None
    """1 to 99,999,999, from 1 again each year."""
    issued_at: datetime | None = None
    """The signing time, which is also the date of the receipt (Art 24)."""
    lookup_code: str = ""
    """Whoever has it may see state, number and amount; 100 random bits."""
    sha256: str = ""
    """Of the signed PDF, lower-case hex."""

    @property
    def collected_on(self) -> date:
        """The local day of the money."""
        return local_day(self.paid_at)

    @property
    def issued_on(self) -> date | None:
        return local_day(self.issued_at) if self.issued_at else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptLine:
    """One fee or charge. What was paid back is a line below zero."""

    code: str
    name: str
    amount: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Người nộp, as far as a receipt names one: no personal number."""

    name: str = field(repr=False)
    address: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Delegator:
    """Cơ quan ủy nhiệm lập biên lai (Art 25)."""

    name: str
    tax_code: str
    mandate: str
    """Number of the written mandate."""
    since: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Earlier:
    """The receipt that this one adjusts, as the paper has to name it."""

    form: str
    symbol: str
    number: int
    issued_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a receipt says beside its row; stored sealed. Unit, delegator and words are fixed when it is issued."""

    payer: Payer
    lines: Sequence[ReceiptLine]
    procedure_name: str = ""
    reason: str = ""
    """Why it adjusts an earlier one."""
    unit_name: str = ""
    unit_tax_code: str = ""
    unit_address: str = ""
    delegator: Delegator | None = None
    words: str = ""
    """The amount in Vietnamese words."""
    earlier: Earlier | None = None
    made_up: bool = False
    """Of the sandbox: worth nothing, and says so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A receipt as it was issued."""

    receipt: Receipt
    content: Content
    file: bytes = field(repr=False)
    """The signed PDF."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refunded:
    """What was paid back of a payment, and of which part: the lines of the refund's book entry. Nothing of a part means
    that its receipt stays as it is."""

    tenant: str
    payment_id: str
    refund_id: str
    parts: Mapping[ReceiptKind, int]
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The numbers of one unit under one symbol, that is, in one year."""

    tenant: str
    unit: str
    issuer: str
    form: str
    symbol: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """Dải số biên lai of one unit in one series (issuer, form, symbol). No number is in two ranges of a series."""

    tenant: str
    unit: str
    issuer: str
    form: str
    symbol: str
    first: int
    last: int
    used_to: int
    """The number given last; `first - 1` before the first."""
    registered_at: datetime

    @property
    def left(self) -> int:
        return self.last - self.used_to


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperReceipt:
    """A receipt that was written on paper at a counter, which the law allows until the end of 2026 (Art 44.2)."""

    tenant: str
    dossier_code: str
    kind: ReceiptKind
    symbol: str
    number: int
    amount: int
    day: date
    recorded_at: datetime


class Issued(Protocol):
    """Whoever must know of each receipt, such as the transmission to the tax authority."""

    async def __call__(self, receipt: Receipt, content: Content) -> None:
        """Called in the transaction that issues it: write, call nobody. An error undoes the issue, which is then tried
        again. `receipt.supersedes` names the one that is adjusted or cancelled by it."""


class ReceiptService(Protocol):
    """What the API calls. `NotFoundError`: there is no such receipt."""

    async def of_payment(self, payment_id: str, *, context: Context) -> Sequence[Receipt]:
        """All of them, superseded ones too, by due time; none where nothing was collected."""

    async def find(self, receipt_id: str, *, context: Context) -> Receipt: ...

    async def file(self, receipt_id: str, *, context: Context) -> StoredFile:
        """The signed PDF. `ConflictError`: it is not issued yet. `IntegrityError`: what is stored was altered."""

    async def by_code(self, lookup_code: str, *, tenant: str) -> Receipt:
        """An issued one by the code that stands on it."""
