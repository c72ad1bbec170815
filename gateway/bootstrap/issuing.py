"""The one that issues receipts, put together."""

from __future__ import annotations

from collections.abc import Sequence

from gateway.alarms.service import Alarms
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.receipts.issuing import Issuing, Watch
from gateway.receipts.model import Issued
from gateway.receipts.sandbox import made_up_seal
from gateway.receipts.settings import Units
from gateway.receipts.signature import Seal, UnitSigner
from gateway.rules.packs import load_packs
from gateway.settings import Settings


def issuing(ground: Ground, stores: Stores, *, alarms: Alarms, told: Sequence[Issued] = ()) -> Issuing:
    """`told`: who writes what each issued receipt leads to."""
    return Issuing(
        stores.receipts,
        signer_of(ground.settings),
        units=units_of(ground.settings),
        packs=load_packs(),
        watch=Watch(recorder=ground.recorder, alarms=alarms),
        on_issued=told,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def units_of(settings: Settings) -> Units:
    return Units(settings.receipts, made_up=settings.sandbox)


def signer_of(settings: Settings) -> UnitSigner:
    """With a key for the sandbox's unit, made when it first signs."""

    def made_up() -> Seal:
        return made_up_seal(settings.state / "receipts" / "mau.p12", now=utc_now())

    return UnitSigner(made_up=made_up if settings.sandbox else None)
