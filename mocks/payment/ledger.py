"""The transactions that the mock platform knows, and the messages that speak of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from enum import StrEnum
from typing import Any

from mocks._kit.clock import Clock
from mocks.payment import checksum
from mocks.payment.settings import PaymentSettings, spoken

HANOI = timezone(timedelta(hours=7))
BANK = "DEMOBANK"


class State(StrEnum):
    """TrangThaiGD: 1 paid, 4 failed; open answers 3 (or 2, by switch)."""

    OPEN = "3"
    PAID = "1"
    FAILED = "4"


@dataclass(slots=True, kw_only=True)
class Transaction:
    """One accepted INIT, or what was opened at the portal. `settled_at` is yyyyMMddHHmmss local time; it and
    `transaction_id` are empty while open. `portal`: what the push says of the dossier."""

    token: str
    init: Mapping[str, Any]
    state: State = State.OPEN
    waiting: bool = False
    transaction_id: str = ""
    settled_at: str = ""
    queries: int = 0
    portal: Mapping[str, str] = field(default_factory=dict)
    ipns: list[dict[str, Any]] = field(default_factory=list)

    @property
    def reference(self) -> str:
        """MaThamChieu."""
        return str(self.init["MaThamChieu"])

    @property
    def amount(self) -> int:
        """SoTien in đồng."""
        return int(self.init["SoTien"])

    @property
    def account(self) -> str:
        """TKThuHuong, which no signature covers."""
        return str(self.init["ThongTinBienLai"].get("TKThuHuong", ""))

    @property
    def result_code(self) -> str:
        """MaLoi of the IPN and responseCode of the browser return."""
        return "00" if self.state is State.PAID else "99"

    def settle(self, state: State, *, transaction_id: str, at: str) -> None:
        """Close the transaction. A failed one may still be paid (late success); a paid one never changes."""
        if self.state is State.PAID:
            return
        self.state, self.waiting, self.transaction_id, self.settled_at = state, False, transaction_id, at


@dataclass(frozen=True, slots=True, kw_only=True)
class Refund:
    """Money given back by hand: PPDVCQG has no call for it. `at` is yyyyMMddHHmmss local time."""

    transaction: Transaction
    transaction_id: str
    amount: int
    at: str


class Ledger:
    """Transactions by reference and by the token of their bank page."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._count = 0
        self.by_reference: dict[str, Transaction] = {}
        self.by_token: dict[str, Transaction] = {}
        self.refunds: list[Refund] = []

    def open(self, init: Mapping[str, Any], *, token: str, portal: Mapping[str, str] | None = None) -> Transaction:
        """A new transaction for an INIT whose reference is new."""
        transaction = Transaction(token=token, init=init, portal=portal or {})
        self.by_reference[transaction.reference] = transaction
        self.by_token[token] = transaction
        return transaction

    def settle(self, transaction: Transaction, state: State, *, at: str = "") -> None:
        """Close a transaction now, or `at` another moment; a paid one stays as it is."""
        if transaction.state is State.PAID:
            return
        at = at or local(self._clock())
        transaction.settle(state, transaction_id=self.number("PP", at), at=at)

    def refund(self, transaction: Transaction, amount: int, *, at: str = "") -> Refund | None:
        """Give money back now, or `at` another moment. None: it was not paid, or not so much is left of it."""
        given = sum(refund.amount for refund in self.refunds if refund.transaction is transaction)
        if transaction.state is not State.PAID or not 0 < amount <= transaction.amount - given:
            return None
        at = at or local(self._clock())
        made = Refund(transaction=transaction, transaction_id=self.number("PR", at), amount=amount, at=at)
        self.refunds.append(made)
        return made

    def number(self, prefix: str, at: str) -> str:
        """The next number of the platform's own: MOCK-NUMBER, because theirs have no public form."""
        self._count += 1
        return f"{prefix}{at[2:8]}{self._count:06d}"

    def clear(self) -> None:
        """Forget everything."""
        self.by_reference.clear()
        self.by_token.clear()
        self.refunds.clear()
        self._count = 0


def local(moment: datetime) -> str:
    """yyyyMMddHHmmss on the 24-hour clock of Asia/Ho_Chi_Minh."""
    return moment.astimezone(HANOI).strftime("%Y%m%d%H%M%S")


def ipn_of(transaction: Transaction, settings: PaymentSettings) -> dict[str, Any]:
    """The IPN of a settled transaction, signed with the partner's first secret (section 2.5)."""
    message = {
        "LoaiBanTin": settings.ipn_literal,
        "MaLoi": transaction.result_code,
        "MaDoiTac": transaction.init["MaDoiTac"],
        "MaThamChieu": transaction.reference,
        "SoTien": _amount(transaction, settings),
        "MaTienTe": transaction.init["MaTienTe"],
        "MaGiaoDich": transaction.transaction_id,
        "MaNganHang": BANK,
        "ThoiGianGD": transaction.settled_at,
        "ThongTinGiaoDich": transaction.init["ThongTinGiaoDich"],
        **transaction.portal,
    }
    return spoken(signed(message, settings), settings)


def query_reply_of(transaction: Transaction, settings: PaymentSettings) -> dict[str, Any]:
    """The QUERY reply (section 2.6); counts the query, because a script may dictate the first answers."""
    scripted = settings.query_script[transaction.queries : transaction.queries + 1]
    transaction.queries += 1
    truth = settings.open_state if transaction.state is State.OPEN else transaction.state.value
    state = scripted[0] if scripted else truth
    settled = state in (State.PAID, State.FAILED)
    message = {
        "MaLoi": "00",
        "MoTaLoi": "",
        "LoaiBanTin": "QUERY",
        "MaDoiTac": transaction.init["MaDoiTac"],
        "MaThamChieu": transaction.reference,
        "SoTien": _amount(transaction, settings),
        "MaTienTe": transaction.init["MaTienTe"],
        "MaGiaoDich": transaction.transaction_id if settled else "",
        "MaNganHang": BANK if settled else "",
        "ThoiGianGD": (settled and transaction.settled_at) or transaction.init["ThoiGianGD"],
        "ThongTinGiaoDich": transaction.init["ThongTinGiaoDich"],
        "TrangThaiGD": state,
        **settings.query_set,
    }
    return spoken(signed(message, settings) if settings.sign_query_reply else message, settings)


def signed(message: Mapping[str, Any], settings: PaymentSettings, *, secret: str | None = None) -> dict[str, Any]:
    """The message with its MaXacThuc in IPN order; an unknown partner signs with an empty secret."""
    secrets = settings.partners.get(str(message.get("MaDoiTac")), [""])
    complete = {**dict.fromkeys(checksum.IPN, ""), **message}
    return {**message, "MaXacThuc": checksum.checksum(complete, checksum.IPN, secret or secrets[0])}


def _amount(transaction: Transaction, settings: PaymentSettings) -> int | str:
    return transaction.amount if settings.amount_form == "number" else str(transaction.amount)
