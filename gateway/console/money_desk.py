"""What the pages about money call; `bootstrap` fills it in."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.cases.deciding import Deciding
from gateway.cases.model import CaseService
from gateway.receipts.acts import Reading, ReceiptActs
from gateway.receipts.store import ReceiptStore
from gateway.receipts.tax_desk import TaxDesk
from gateway.reconciliation.acts import DayActs, StatementActs
from gateway.reconciliation.board import MoneyBoard
from gateway.reconciliation.piles import Piles
from gateway.reconciliation.store import DayStore
from gateway.refunds.acts import RefundActs


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyDesk:
    """Bàn tiền: boards, lists and acts."""

    board: MoneyBoard
    piles: Piles
    cases: CaseService
    decisions: Deciding
    refunds: RefundActs
    days: DayStore
    day_acts: DayActs
    statements: StatementActs
    receipts: ReceiptStore
    receipt_acts: ReceiptActs
    reading: Reading
    tax: TaxDesk
    low: int
    """So few numbers left of a unit are worth a word."""
