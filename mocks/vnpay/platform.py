"""What the mock gateway does with a pay address, querydr and refund, without HTTP."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mocks._kit.clock import Clock
from mocks._kit.settings import Settings
from mocks.vnpay import checksum, rules
from mocks.vnpay.ledger import BANK, REFUND_UNDER_WAY, Ledger, Refund, State, Transaction, local
from mocks.vnpay.rules import Refusal
from mocks.vnpay.settings import VnpaySettings, current

Message = Mapping[str, Any]


class Platform:
    """The gateway's memory: transactions, and the request ids of each day."""

    def __init__(self, settings: Settings, *, clock: Clock, new_token: Callable[[], str]) -> None:
        self._settings = settings
        self._clock = clock
        self._new_token = new_token
        self._requests: set[tuple[str, str, str]] = set()
        self._replies = 0
        self.ledger = Ledger(clock)

    @property
    def settings(self) -> VnpaySettings:
        """The switches as they stand."""
        return current(self._settings)

    def now(self) -> datetime:
        """The present, UTC."""
        return self._clock()

    def reset(self) -> None:
        """Forget transactions and request ids."""
        self.ledger.clear()
        self._requests.clear()
        self._replies = 0

    def open(self, pay: Mapping[str, str]) -> Transaction | Refusal:
        """The transaction of a pay address. The same address finds it again; a reference is good for one address."""
        refusal = rules.pay_refusal(pay, self.settings, now=self.now())
        known = self.ledger.by_reference.get(pay.get("vnp_TxnRef", ""))
        if known is not None and dict(known.pay) == dict(pay):
            return known
        if refusal is None and known is not None:
            refusal = Refusal("94", "MOCK-94: mã vnp_TxnRef đã dùng")
        return refusal or self.ledger.open(pay, token=self._new_token())

    def is_over(self, transaction: Transaction) -> bool:
        """Whether nobody can pay any more."""
        return rules.moment(transaction.pay["vnp_ExpireDate"]) <= self.now()

    def query(self, message: Message) -> dict[str, Any]:
        """The reply to querydr. After a refund it tells of the newest one (MOCK-REFUND-QUERY)."""
        found = self._admitted(message, checksum.QUERYDR)
        if not isinstance(found, Refusal):
            found = self._in_its_time(found)
        if isinstance(found, Refusal):
            return self._reply(message, found, order=checksum.QUERYDR_REPLY)
        newest = found.refunds[-1] if found.refunds else None
        facts = self._facts(found) if newest is None else _refund_facts(newest)
        return self._told(message, found, {**facts, "vnp_PromotionCode": "", "vnp_PromotionAmount": ""})

    def refund(self, message: Message, *, pending: bool = False) -> dict[str, Any]:
        """The reply to refund: taken only for a paid transaction, and together never more than was paid."""
        found = self._admitted(message, checksum.REFUND)
        refusal = found if isinstance(found, Refusal) else _refund_refusal(message, found)
        if refusal is not None or isinstance(found, Refusal):
            return self._reply(message, refusal or rules.NOT_FOUND, order=checksum.MOCK_REFUND_REPLY)
        refund = Refund(
            request_id=message["vnp_RequestId"],
            kind=message["vnp_TransactionType"],
            amount=int(message["vnp_Amount"]) // 100,
            number=self.ledger.next_number(),
            at=local(self.now()),
            status=REFUND_UNDER_WAY if pending else "00",
        )
        found.refunds.append(refund)
        return self._told(message, found, _refund_facts(refund))

    def refused(self, message: Message, refusal: Refusal) -> dict[str, Any]:
        """A refusal that the scenario ordered."""
        is_refund = message.get("vnp_Command") == "refund"
        order = checksum.MOCK_REFUND_REPLY if is_refund else checksum.QUERYDR_REPLY
        return self._reply(message, refusal, order=order)

    def _admitted(self, message: Message, order: tuple[str, ...]) -> Transaction | Refusal:
        refusal = rules.call_refusal(message, order, self.settings)
        if refusal is not None:
            return refusal
        request = message["vnp_TmnCode"], local(self.now())[:8], message["vnp_RequestId"]
        if request in self._requests:
            return rules.REPEATED
        self._requests.add(request)
        found = self.ledger.by_reference.get(message["vnp_TxnRef"])
        if found is None or found.pay["vnp_TmnCode"] != message["vnp_TmnCode"]:
            return rules.NOT_FOUND
        return found if message["vnp_TransactionDate"] == found.pay["vnp_CreateDate"] else rules.NOT_FOUND

    def _in_its_time(self, found: Transaction) -> Transaction | Refusal:
        before, found.asked_at = found.asked_at, self.now()
        if before is not None and (self.now() - before).total_seconds() < self.settings.query_window_s:
            return rules.REPEATED
        if found.state is State.OPEN and self.is_over(found):
            self.ledger.settle(found, State.EXPIRED)
        return found

    def _facts(self, found: Transaction) -> dict[str, Any]:
        return {
            "vnp_Amount": str(found.amount * 100),
            "vnp_BankCode": BANK if found.settled_at else "",
            "vnp_PayDate": found.settled_at,
            "vnp_TransactionNo": found.number,
            "vnp_TransactionType": "01",
            "vnp_TransactionStatus": found.status,
        }

    def _told(self, message: Message, found: Transaction, facts: Mapping[str, Any]) -> dict[str, Any]:
        """A good reply, signed."""
        is_refund = message["vnp_Command"] == "refund"
        order = checksum.MOCK_REFUND_REPLY if is_refund else checksum.QUERYDR_REPLY
        info = {"vnp_OrderInfo": found.pay["vnp_OrderInfo"]}
        return self._reply(message, Refusal("00", "MOCK-00"), order=order, facts={**facts, **info})

    def _reply(
        self, message: Message, verdict: Refusal, *, order: tuple[str, ...], facts: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        self._replies += 1
        settings, terminal = self.settings, str(message.get("vnp_TmnCode", ""))
        reply: dict[str, Any] = {
            "vnp_ResponseId": f"MOCK{self._replies:012d}",
            "vnp_Command": str(message.get("vnp_Command", "")),
            "vnp_ResponseCode": verdict.code,
            "vnp_Message": verdict.text,
            "vnp_TmnCode": terminal,
            "vnp_TxnRef": str(message.get("vnp_TxnRef", "")),
            **(facts or {}),
        }
        if settings.amount_form == "number" and "vnp_Amount" in reply:
            reply["vnp_Amount"] = int(reply["vnp_Amount"])
        if terminal not in settings.terminals or (facts is None and not settings.sign_errors):
            return reply
        secret = settings.terminals[terminal][0]
        return {**reply, checksum.FIELD: checksum.of_message(reply, order, secret)}


def _refund_facts(refund: Refund) -> dict[str, Any]:
    return {
        "vnp_Amount": str(refund.amount * 100),
        "vnp_BankCode": BANK,
        "vnp_PayDate": refund.at,
        "vnp_TransactionNo": refund.number,
        "vnp_TransactionType": refund.kind,
        "vnp_TransactionStatus": refund.status,
    }


def _refund_refusal(message: Message, found: Transaction) -> Refusal | None:
    """Code 99 with a text of ours: which codes refund has of its own is not on the page."""
    amount, left = int(message["vnp_Amount"]) // 100, found.amount - found.refunded
    if found.state is not State.PAID:
        return Refusal("99", "MOCK-REFUND-NOT-PAID: giao dịch chưa thanh toán")
    if amount > left:
        return Refusal("99", "MOCK-REFUND-TOO-MUCH: hoàn nhiều hơn số đã nộp")
    if message["vnp_TransactionType"] == "02" and amount != found.amount:
        return Refusal("99", "MOCK-REFUND-NOT-WHOLE: hoàn toàn phần phải đúng số đã nộp")
    return None
