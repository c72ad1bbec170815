"""The transactions that the mock knows, the notices that speak of them, and the receipts that it hands out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from mocks._kit.clock import Clock
from mocks._kit.scenarios import load
from mocks._kit.settings import Settings
from mocks.paygov import checksum, rules
from mocks.paygov.rules import Message, Refusal
from mocks.paygov.settings import PayGovSettings, current
from mocks.payment.bill import pdf

HANOI = timezone(timedelta(hours=7))
GATE, KIND = "DEMOGATE", "1"
"""paygate, and type, whose values are unknown."""
ALWAYS = datetime.max.replace(tzinfo=HANOI)


class State(StrEnum):
    """Ours: PayGov has no call that would tell one."""

    OPEN = "open"
    PAID = "paid"
    FAILED = "failed"


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One accepted creation. The last four are empty while it is open."""

    token: str
    create: Mapping[str, Any]
    state: State = State.OPEN
    waiting: bool = False
    transaction_no: str = ""
    transaction_code: str = ""
    settled_at: datetime | None = None
    ipns: list[dict[str, Any]] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """requestCode."""
        return str(self.create["requestCode"])

    @property
    def partner(self) -> str:
        return str(self.create["partnerCode"])


@dataclass(frozen=True, slots=True)
class Link:
    """A receipt link that was handed out."""

    codes: Sequence[str]
    until: datetime


class Ledger:
    """Transactions by requestCode and by the token of their pay page, receipt links by theirs."""

    def __init__(self, settings: Settings, *, clock: Clock, new_token: Callable[[], str]) -> None:
        self._settings = settings
        self._clock = clock
        self._new_token = new_token
        self.reset()

    @property
    def settings(self) -> PayGovSettings:
        return current(self._settings)

    def now(self) -> datetime:
        return self._clock()

    def reset(self) -> None:
        """Back to the transactions of scenarios.yaml, which were paid before."""
        self.by_reference: dict[str, Transaction] = {}
        self.by_token: dict[str, Transaction] = {}
        self._links: dict[str, Link] = {}
        self._count = 0
        for known in load(__file__)["paid"]:
            paid = Transaction(
                token=known["token"],
                create=known["create"],
                state=State.PAID,
                transaction_no=known["transactionNo"],
                transaction_code=known["transactionCode"],
                settled_at=datetime.fromisoformat(known["settled_at"]),
            )
            self.by_reference[paid.reference] = self.by_token[paid.token] = paid
            self._links[paid.token] = Link([paid.transaction_code], ALWAYS)

    def open(self, message: Message) -> Transaction | Refusal:
        """A requestCode is good for one creation only; an orderId for as many as there are attempts (2.14, trap 18)."""
        settings = self.settings
        refusal = rules.create_refusal(message, settings)
        if refusal is None and message["requestCode"] in self.by_reference:
            refusal = rules.DUPLICATE
        if refusal is None and settings.order_once and message["orderId"] in self._orders():
            refusal = rules.ORDER_TAKEN
        if refusal is not None:
            return refusal
        opened = Transaction(token=self._new_token(), create=message)
        self.by_reference[opened.reference] = self.by_token[opened.token] = opened
        return opened

    def settle(self, transaction: Transaction, state: State) -> None:
        """Close a transaction now. A failed one may still be paid; a paid one never changes."""
        if transaction.state is State.PAID:
            return
        self._count += 1
        now = self._clock()
        transaction.state, transaction.waiting, transaction.settled_at = state, False, now
        transaction.transaction_no = f"TN{self._count:04d}"
        transaction.transaction_code = f"TC{now.astimezone(HANOI):%y%m%d}{self._count:06d}"

    def receipt(self, message: Message) -> str | Refusal:
        """The token of a fresh receipt link for paid transactions of this partner (4.3)."""
        refusal = rules.receipt_refusal(message, self.settings)
        if refusal is not None:
            return refusal
        codes = rules.opened(message["paids"])
        theirs = (t for t in self.by_reference.values() if t.partner == message["partnerCode"])
        if not set(codes) <= {t.transaction_code for t in theirs if t.state is State.PAID}:
            return Refusal("FAILED", "MOCK-UNKNOWN: không có giao dịch đã thanh toán mang mã này")
        token = self._new_token()
        self._links[token] = Link(codes, self.now() + timedelta(seconds=self.settings.receipt_link_life_s))
        return token

    def receipt_file(self, token: str) -> bytes | None:
        """The receipt behind a link, or None when the link is unknown or too old."""
        link = self._links.get(token)
        if link is None or self.now() >= link.until:
            return None
        return pdf(["MOCK RECEIPT - BIEN LAI GIA LAP", *(f"transactionCode {code}" for code in link.codes)])

    def signed_by_paygov(self, message: Message) -> bool:
        """CheckSumUrlReturn: whether the values are those that a checksum of ours was made over."""
        settings = self.settings
        how = {"separator": settings.notice_separator}
        keys = [key for partner in settings.partners for key in settings.keys_of(partner)]
        return checksum.verify(message, settings.notice_order, keys, **how)

    def _orders(self) -> set[str]:
        return {str(known.create["orderId"]) for known in self.by_reference.values()}


def notice_of(transaction: Transaction, settings: PayGovSettings) -> dict[str, Any]:
    """The IPN of a settled transaction, and what its return carries (4.2), signed in `MOCK-ORDER`."""
    amount, at = transaction.create["amount"], transaction.settled_at
    message = {
        "amount": amount if settings.amount_form == "number" else str(amount),
        "orderId": transaction.create["orderId"],
        "orderInfo": transaction.create["orderInfo"],
        "requestCode": transaction.reference,
        "transactionNo": transaction.transaction_no,
        "transactionCode": transaction.transaction_code,
        "payDate": at.astimezone(HANOI).strftime(settings.pay_date_format) if at else "",
        "paygate": GATE,
        "errorCode": "00" if transaction.state is State.PAID else settings.failed_code,
        "type": KIND,
    }
    return signed(message, settings, partner=transaction.partner)


def signed(message: Message, settings: PayGovSettings, *, partner: str, secret: str = "") -> dict[str, Any]:
    """The message with its checksum; a part that is missing counts as empty."""
    keys = next(iter(settings.keys_of(partner)), {}) | ({"secretKey": secret} if secret else {})
    parts = {**dict.fromkeys(settings.notice_order, ""), **message, **keys}
    made = checksum.checksum(parts, settings.notice_order, separator=settings.notice_separator)
    return {**message, "checksum": made}
