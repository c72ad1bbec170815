"""The transactions that the mock gateway knows, and what it tells of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from mocks._kit.clock import Clock
from mocks.vnpay import checksum
from mocks.vnpay.settings import VnpaySettings

HANOI = timezone(timedelta(hours=7))
BANK = "DEMOBANK"
OPEN_STATUS, ERROR_STATUS, REFUSED_STATUS, REFUND_UNDER_WAY = "01", "02", "09", "05"
"""MOCK-STATUS: vnp_TransactionStatus beside 00 is not on the page; these are the numbers that public clients know."""


class State(StrEnum):
    """vnp_ResponseCode of a settled transaction; empty while open."""

    OPEN = ""
    PAID = "00"
    SUSPECT = "07"
    EXPIRED = "11"
    CANCELLED = "24"
    REFUSED = "51"


@dataclass(slots=True, kw_only=True)
class Refund:
    """One accepted refund. `status` is its vnp_TransactionStatus; `amount` in đồng."""

    request_id: str
    kind: str
    amount: int
    number: str
    at: str
    status: str = "00"


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One pay address that a browser brought. `settled_at` is yyyyMMddHHmmss local time, empty while open."""

    token: str
    pay: Mapping[str, str]
    state: State = State.OPEN
    waiting: bool = False
    number: str = "0"
    settled_at: str = ""
    refunds: list[Refund] = field(default_factory=list)
    ipns: list[dict[str, Any]] = field(default_factory=list)
    asked_at: datetime | None = None

    @property
    def reference(self) -> str:
        """vnp_TxnRef."""
        return self.pay["vnp_TxnRef"]

    @property
    def amount(self) -> int:
        """In đồng."""
        return int(self.pay["vnp_Amount"]) // 100

    @property
    def refunded(self) -> int:
        """In đồng; what was refused does not count."""
        return sum(refund.amount for refund in self.refunds if refund.status != REFUSED_STATUS)

    @property
    def status(self) -> str:
        """vnp_TransactionStatus of the payment."""
        if self.state in (State.OPEN, State.PAID, State.SUSPECT):
            return {State.OPEN: OPEN_STATUS, State.PAID: "00", State.SUSPECT: "07"}[self.state]
        return ERROR_STATUS


class Ledger:
    """Transactions by reference and by the token of their page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self.by_reference: dict[str, Transaction] = {}
        self.by_token: dict[str, Transaction] = {}

    def open(self, pay: Mapping[str, str], *, token: str) -> Transaction:
        """A new transaction for an address whose reference is new."""
        transaction = Transaction(token=token, pay=pay)
        self.by_reference[transaction.reference] = transaction
        self.by_token[token] = transaction
        return transaction

    def settle(self, transaction: Transaction, state: State) -> None:
        """Close a transaction now. A failed one may still be paid (late success); a paid one never changes."""
        if transaction.state is State.PAID:
            return
        transaction.state, transaction.waiting, transaction.settled_at = state, False, local(self._clock())
        transaction.number = self.next_number() if state in (State.PAID, State.SUSPECT) else "0"

    def next_number(self) -> str:
        """A fresh vnp_TransactionNo."""
        self._count += 1
        return f"99{self._count:06d}"

    def clear(self) -> None:
        """Forget everything."""
        self.by_reference.clear()
        self.by_token.clear()
        self._count = 0


def local(moment: datetime) -> str:
    """yyyyMMddHHmmss, GMT+7."""
    return moment.astimezone(HANOI).strftime("%Y%m%d%H%M%S")


def ipn_of(transaction: Transaction, settings: VnpaySettings) -> dict[str, str]:
    """The parameters of the IPN of a settled transaction, signed with the terminal's first secret."""
    paid = transaction.state in (State.PAID, State.SUSPECT)
    parameters = {
        "vnp_TmnCode": transaction.pay["vnp_TmnCode"],
        "vnp_Amount": transaction.pay["vnp_Amount"],
        "vnp_BankCode": BANK,
        "vnp_CardType": "ATM",
        "vnp_PayDate": transaction.settled_at,
        "vnp_OrderInfo": transaction.pay["vnp_OrderInfo"],
        "vnp_TransactionNo": transaction.number,
        "vnp_ResponseCode": transaction.state.value,
        "vnp_TransactionStatus": transaction.status,
        "vnp_TxnRef": transaction.reference,
        **({"vnp_BankTranNo": f"MOCK{transaction.number}"} if paid else {}),
    }
    return signed(parameters, settings)


def signed(parameters: Mapping[str, str], settings: VnpaySettings, *, secret: str | None = None) -> dict[str, str]:
    """The parameters with their hash; an unknown terminal signs with a secret that nobody has."""
    own = settings.terminals.get(parameters.get("vnp_TmnCode", ""), ["MOCK-NO-SECRET"])
    return {**parameters, checksum.FIELD: checksum.of_address(parameters, secret or own[0])}
