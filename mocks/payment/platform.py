"""What the mock platform does with INIT, QUERY and GET_BILL, without HTTP."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from mocks._kit.clock import Clock
from mocks._kit.settings import Settings
from mocks.payment import bill, checksum, rules
from mocks.payment.ledger import Ledger, State, Transaction, local, query_reply_of
from mocks.payment.rules import Refusal
from mocks.payment.settings import PaymentSettings, current

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class BillLink:
    """A receipt link that was handed out."""

    transaction: Transaction
    until: datetime


class Platform:
    """The platform's memory: transactions and receipt links."""

    def __init__(self, settings: Settings, *, clock: Clock, new_token: Callable[[], str]) -> None:
        self._settings = settings
        self._clock = clock
        self._new_token = new_token
        self.ledger = Ledger(clock)
        self._bills: dict[str, BillLink] = {}
        self.due: dict[str, Mapping[str, Any]] = {}
        """Bills that a province told when it was asked what is due, by MaTraCuuTT."""

    @property
    def settings(self) -> PaymentSettings:
        """The switches as they stand."""
        return current(self._settings)

    def now(self) -> datetime:
        """The present, UTC."""
        return self._clock()

    def reset(self) -> None:
        """Forget transactions and links."""
        self.ledger.clear()
        self._bills.clear()
        self.due.clear()

    def init(self, message: Message) -> Transaction | Refusal:
        """Open a transaction (section 2.2). A reference is good for one INIT only, whatever else it says."""
        settings = self.settings
        refusal = rules.frame_refusal(message, "INIT", checksum.INIT, partners=settings.partners)
        if refusal is None and message["MaThamChieu"] in self.ledger.by_reference:
            refusal = rules.DUPLICATE
        refusal = refusal or rules.init_refusal(message, reference_pattern=settings.reference_pattern)
        return refusal or self.ledger.open(message, token=self._new_token())

    def query(self, message: Message) -> dict[str, Any]:
        """The QUERY reply; MaLoi other than "00" when the query itself fails (section 2.6)."""
        found = self._look_up(message, "QUERY")
        if isinstance(found, Refusal):
            return refusal_body(found, message)
        if not found.portal and message["ThoiGianGD"] != found.init["ThoiGianGD"]:  # MOCK-PORTAL-QUERY: it had no INIT
            return refusal_body(Refusal(rules.INVALID, "MOCK-02: ThoiGianGD không phải của INIT"), message)
        return query_reply_of(found, self.settings)

    def bill(self, message: Message) -> str | Refusal:
        """The token of a fresh receipt link for a paid transaction (section 2.7)."""
        found = self._look_up(message, "GET_BILL")
        if isinstance(found, Refusal):
            return found
        if found.state is not State.PAID:
            return Refusal("99", "MOCK-99: giao dịch chưa thanh toán")
        times = {"ipn": (found.settled_at,), "init": (found.init["ThoiGianGD"],)}
        if message["ThoiGianGD"] not in times.get(self.settings.receipt_time, times["ipn"] + times["init"]):
            return Refusal(rules.INVALID, "MOCK-02: sai ThoiGianGD")
        return self.bill_link(found)

    def bill_link(self, transaction: Transaction) -> str:
        """The token of a fresh receipt link."""
        token = self._new_token()
        self._bills[token] = BillLink(transaction, self.now() + timedelta(seconds=self.settings.bill_link_life_s))
        return token

    def open_at_portal(self, bill: Message, amount: int, *, partner: str) -> Transaction:
        """What a payer opens at the portal for a bill of the province (2.10): no INIT, and a reference not of its own.
        `MOCK-PORTAL-REFERENCE`: CP, day and number."""
        at = local(self.now())
        opened = {
            "MaDoiTac": partner,
            "MaThamChieu": self.ledger.number("CP", at),
            "SoTien": str(amount),
            "MaTienTe": "VND",
            "ThongTinGiaoDich": f"THANH TOAN HO SO {bill.get('MaHoSo', '')}",
            "ThoiGianGD": at,
            "ThongTinBienLai": bill,
        }
        told = {name: str(bill.get(name, "")) for name in ("MaHoSo", "MaTraCuuTT", "TKThuHuong")}
        return self.ledger.open(opened, token=self._new_token(), portal=told)

    def bill_file(self, token: str) -> bytes | None:
        """The receipt behind a link, or None when the link is unknown or too old."""
        link = self._bills.get(token)
        return None if link is None or self.now() >= link.until else self.receipt(token)

    def receipt(self, token: str) -> bytes:
        """The receipt of a link that was just handed out."""
        link = self._bills[token]
        init = link.transaction.init
        lines = [f"{line.get('NoiDung', '')}: {line['SoTien']} VND" for line in init["ThongTinBienLai"]["DSKhoanNop"]]
        head = ["MOCK RECEIPT - BIEN LAI GIA LAP", f"MaThamChieu {link.transaction.reference}"]
        return bill.pdf([*head, f"MaGiaoDich {link.transaction.transaction_id}", *lines])

    def _look_up(self, message: Message, kind: str) -> Transaction | Refusal:
        refusal = rules.frame_refusal(message, kind, checksum.QUERY, partners=self.settings.partners)
        if refusal is not None:
            return refusal
        found = self.ledger.by_reference.get(message["MaThamChieu"])
        if found is None or found.init["MaDoiTac"] != message["MaDoiTac"]:
            return rules.UNKNOWN_REFERENCE
        return found


def refusal_body(refusal: Refusal, message: Message) -> dict[str, Any]:
    """A refusal as JSON; the reference is repeated when there was one."""
    body = {"MaLoi": refusal.code, "MoTaLoi": refusal.text}
    reference = message.get("MaThamChieu")
    return {**body, "MaThamChieu": reference} if isinstance(reference, str) else body


def enveloped(body: Mapping[str, Any], settings: PaymentSettings) -> dict[str, Any]:
    """An INIT reply in the configured envelope (section 2.3)."""
    if settings.envelope == "direct":
        return dict(body)
    code = "0" if body["MaLoi"] == "00" else "-1"  # MOCK-ADAPTER-ERROR: the adapter's code of a refusal is unknown
    wrapped = {"error_code": code, "message": json.dumps(body, ensure_ascii=False)}
    if settings.envelope == "adapter":
        return wrapped
    return {"error_code": code, "message": json.dumps(wrapped, ensure_ascii=False)}
