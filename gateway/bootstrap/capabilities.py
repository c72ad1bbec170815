"""The capabilities that others are built on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.alarms.service import Alarms
from gateway.arrivals.service import Arrivals
from gateway.bootstrap.ground import Ground, utc_now
from gateway.bootstrap.lookups import lookups
from gateway.bootstrap.money import DossierStep, Follows
from gateway.bootstrap.rechecking import policy_of
from gateway.bootstrap.refunding import endings, refunds
from gateway.bootstrap.stores import Stores
from gateway.callbacks.service import Callbacks
from gateway.catalogues.service import Catalogues
from gateway.clients.audience import PaymentReaders
from gateway.clients.authenticate import Authenticator
from gateway.delivery.model import Draft
from gateway.dossiers.papers import Papers
from gateway.dossiers.service import Dossiers
from gateway.dossiers.telling import SYNC
from gateway.ledger.service import Ledger
from gateway.lookups.model import LookupService
from gateway.payments.asking import Asking
from gateway.payments.beneficiaries import Beneficiaries, Beneficiary
from gateway.payments.bills import Bills
from gateway.payments.news import News
from gateway.payments.service import Payments
from gateway.payments.settling import Settling
from gateway.places.service import Places
from gateway.procedures.service import Procedures
from gateway.rechecks.service import Rechecks
from gateway.refunds.ending import Endings
from gateway.refunds.service import Refunds


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One of each."""

    authenticator: Authenticator
    lookups: LookupService
    rechecks: Rechecks
    bills: Bills
    payments: Payments
    asking: Asking
    settling: Settling
    dossiers: Dossiers
    catalogues: Catalogues
    procedures: Procedures
    places: Places
    arrivals: Arrivals
    ledger: Ledger
    alarms: Alarms
    callbacks: Callbacks
    refunds: Refunds
    endings: Endings

    @classmethod
    def on(cls, ground: Ground, stores: Stores) -> Capabilities:
        catalogues = Catalogues(stores.catalogues, stores.outbox, find=stores.dossiers.find, **ground.shared)
        procedures = Procedures(stores.procedures, **ground.shared)
        dossiers = Dossiers(
            stores.dossiers,
            stores.outbox,
            payment_state=stores.payments.state_of,
            quarantine=_noticing(catalogues, procedures),
            papers=Papers(ground.files, ground.exchange),
            **ground.shared,
        )
        places = Places(stores.places, atomically=ground.database.transaction)
        alarms = Alarms(stores.alarms, recorder=ground.recorder, clock=utc_now)
        ledger = Ledger(
            stores.ledger,
            stores.outbox,
            ground.exchange,
            recorder=ground.recorder,
            atomically=ground.database.transaction,
            clock=utc_now,
        )
        own = ground.settings.payments.beneficiaries
        bills = Bills(
            stores.bills,
            stores.payments,
            beneficiaries=Beneficiaries([Beneficiary(**said.model_dump()) for said in own]),
            recorder=ground.recorder,
            atomically=ground.database.transaction,
            clock=utc_now,
        )
        asking = Asking(stores.outbox, ground.exchange, clock=utc_now)
        callbacks = Callbacks(stores.events, stores.receivers, audience=PaymentReaders(stores.clients), clock=utc_now)
        news, ending = News(callbacks), endings(ground, stores, teller=callbacks)
        refunding = refunds(ground, stores, ending)
        settling = Settling(
            stores.bills,
            stores.payments,
            stores.books,
            asking=asking,
            consequences=Follows(
                collected_by=[DossierStep(dossiers, stores.dossiers, stores.bills), news.collected],
                exceeded_by=[refunding.open_excess, news.exceeded],
                disputed_by=[news.disputed],
            ),
            atomically=ground.database.transaction,
            clock=utc_now,
        )
        restrained = lookups(ground, stores, alarms=alarms, places=places)
        return cls(
            authenticator=Authenticator(stores.clients, ground.keyring, clock=utc_now),
            lookups=restrained,
            rechecks=Rechecks(
                stores.rechecks,
                stores.receivers,
                check=restrained.check_verification,
                policy=policy_of(ground.settings.rechecks),
                clock=utc_now,
            ),
            bills=bills,
            payments=Payments(stores.payments, bills, asking=asking, **ground.shared),
            asking=asking,
            settling=settling,
            dossiers=dossiers,
            catalogues=catalogues,
            procedures=procedures,
            places=places,
            arrivals=Arrivals(stores.arrivals, ground.keyring, **ground.own),
            ledger=ledger,
            alarms=alarms,
            callbacks=callbacks,
            refunds=refunding,
            endings=ending,
        )


def _noticing(catalogues: Catalogues, procedures: Procedures) -> Callable[[Draft, Mapping[str, Any]], Awaitable[None]]:
    """What else happens as a dossier is taken in. One that was born at the portal is told without its codes."""

    async def notice(draft: Draft, document: Mapping[str, Any]) -> None:
        await procedures.pin(draft.stream.key, document, tenant=draft.stream.tenant)
        if draft.operation == SYNC:
            await catalogues.check(draft, document)

    return notice
