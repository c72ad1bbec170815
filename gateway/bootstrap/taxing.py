"""What becomes of receipts outside: the tax authority learns of ours, and the rails' vouchers are fetched."""

from __future__ import annotations

from gateway.alarms.service import Alarms
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.receipts.tax_desk import TaxDesk
from gateway.receipts.tax_watch import TransmissionWatch
from gateway.receipts.transmission import SUBMIT, Transmission
from gateway.receipts.vouchers import Vouchers
from gateway.rules.packs import load_calendar, load_packs


def transmission(ground: Ground, stores: Stores) -> Transmission:
    """For whoever issues receipts (`Issued`)."""
    return Transmission(stores.outbox, ground.exchange, target=target_of(ground), clock=utc_now)


def transmission_watch(ground: Ground, stores: Stores, alarms: Alarms) -> TransmissionWatch:
    return TransmissionWatch(
        stores.outbox,
        alarms,
        target=target_of(ground),
        tenant=ground.tenant,
        packs=load_packs(),
        calendar=load_calendar(),
        clock=utc_now,
    )


def tax_desk(ground: Ground, stores: Stores) -> TaxDesk:
    return TaxDesk(
        stores.outbox,
        ground.recorder,
        target=target_of(ground),
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def vouchers(ground: Ground, stores: Stores, alarms: Alarms) -> Vouchers:
    return Vouchers(
        stores.vouchers,
        stores.outbox,
        ground.exchange,
        bills=stores.bills,
        payments=stores.payments,
        alarms=alarms,
        clock=utc_now,
    )


def target_of(ground: Ground) -> str:
    """The configured system that takes receipts; empty: none does."""
    return ground.exchange.system_for(SUBMIT) if SUBMIT in ground.exchange.operations else ""
