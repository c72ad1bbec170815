"""The console's pages about money, put together."""

from __future__ import annotations

from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.money_acts import MoneyActs
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.taxing import transmission_watch
from gateway.console.money_desk import MoneyDesk
from gateway.reconciliation.board import MoneyBoard
from gateway.reconciliation.postgres_piles import PostgresPiles


def money_desk(ground: Ground, stores: Stores, able: Capabilities) -> MoneyDesk:
    acts = MoneyActs.on(ground, stores, able)
    piles = PostgresPiles(ground.database, target=acts.tax.target, clock=utc_now)
    return MoneyDesk(
        board=MoneyBoard(piles, transmission_watch(ground, stores, able.alarms).lateness),
        piles=piles,
        cases=able.cases,
        decisions=acts.cases,
        refunds=acts.refunds,
        days=stores.office.money_days,
        day_acts=acts.days,
        statements=acts.statements,
        receipts=stores.receipts,
        receipt_acts=acts.receipts,
        reading=acts.reading,
        tax=acts.tax,
        low=ground.settings.receipts.low,
    )
