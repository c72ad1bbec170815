"""What officers do about money, put together: for the command line and the console alike."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.issuing import units_of
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.taxing import tax_desk
from gateway.cases.deciding import Deciding
from gateway.receipts.acts import Reading, ReceiptActs
from gateway.receipts.tax_desk import TaxDesk
from gateway.reconciliation.acts import DayActs, StatementActs
from gateway.refunds.acts import RefundActs
from gateway.rules.packs import load_packs


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyActs:
    """One of each."""

    cases: Deciding
    refunds: RefundActs
    days: DayActs
    statements: StatementActs
    receipts: ReceiptActs
    reading: Reading
    tax: TaxDesk

    @classmethod
    def on(cls, ground: Ground, stores: Stores, able: Capabilities) -> MoneyActs:
        own: dict[str, Any] = {"atomically": ground.database.transaction, "clock": utc_now}
        recorder, days = ground.recorder, able.money_days
        columns = {str(field): name for field, name in ground.settings.reconciliation.statement_columns.items()}
        return cls(
            cases=Deciding(able.cases, recorder, **own),
            refunds=RefundActs(able.till.refunding.service, recorder, **own),
            days=DayActs(days.reconciliation, days.closing, recorder, rails=days.rails, **own),
            statements=StatementActs(stores.office.statements, recorder, columns=columns, **own),
            receipts=ReceiptActs(
                stores.receipts,
                able.receipts,
                able.issuing,
                units=units_of(ground.settings),
                packs=load_packs(),
                recorder=recorder,
                **own,
            ),
            reading=Reading(able.receipts, able.till.vouchers, recorder, clock=utc_now),
            tax=tax_desk(ground, stores),
        )
