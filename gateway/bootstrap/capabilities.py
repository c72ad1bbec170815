"""The capabilities that others are built on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.alarms.service import Alarms
from gateway.alerts.service import Alerts
from gateway.approvals.service import FourEyes
from gateway.arrivals.service import Arrivals
from gateway.bootstrap import access, receipting
from gateway.bootstrap.alerting import alerts_of
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.delivering import Delivering
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.lookups import lookups
from gateway.bootstrap.money import Attention, Till
from gateway.bootstrap.overseeing import Overseeing
from gateway.bootstrap.protecting import Protecting, protecting
from gateway.bootstrap.rechecking import policy_of
from gateway.bootstrap.reconciling import MoneyDays, cases_of
from gateway.bootstrap.scoring import scores_of
from gateway.bootstrap.staffing import four_eyes, staffing
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.taxing import transmission
from gateway.cases.service import Cases
from gateway.catalogues.acting import Takeover
from gateway.catalogues.service import Catalogues
from gateway.clients.acts import ClientActs
from gateway.clients.authenticate import Authenticator
from gateway.delivery.model import Draft
from gateway.dossiers.papers import Papers
from gateway.dossiers.service import Dossiers
from gateway.dossiers.telling import SYNC
from gateway.ledger.service import Ledger
from gateway.lookups.model import LookupService
from gateway.operators.parts import Staffing
from gateway.places.service import Places
from gateway.procedures.service import Procedures
from gateway.receipts.issuing import Issuing
from gateway.receipts.service import Receipts
from gateway.rechecks.service import Rechecks
from gateway.restraint.lookups import RestrainedLookups
from gateway.restraint.settling import Settling
from gateway.scores.service import Scores


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """One of each."""

    authenticator: Authenticator
    client_acts: ClientActs
    lookups: LookupService
    rechecks: Rechecks
    till: Till
    receipts: Receipts
    issuing: Issuing
    dossiers: Dossiers
    catalogues: Catalogues
    takeover: Takeover
    procedures: Procedures
    places: Places
    arrivals: Arrivals
    ledger: Ledger
    alarms: Alarms
    settling: Settling
    alerts: Alerts
    approvals: FourEyes
    staffing: Staffing
    cases: Cases
    money_days: MoneyDays
    protecting: Protecting
    delivering: Delivering
    scores: Scores
    overseeing: Overseeing

    @classmethod
    def on(cls, ground: Ground, stores: Stores) -> Capabilities:
        catalogues = Catalogues(stores.catalogues, stores.outbox, find=stores.dossiers.find, **ground.shared)
        procedures = Procedures(stores.procedures, **ground.shared)
        dossiers = Dossiers(
            stores.dossiers,
            stores.outbox,
            payment_state=stores.payments.state_of,
            quarantine=_noticing(catalogues, procedures),
            papers=Papers(ground.files, ground.exchange, clock=utc_now, seals=ground.trusting.seals),
            **ground.shared,
        )
        places = Places(stores.places, atomically=ground.database.transaction)
        alarms = ground.alarms
        staff = staffing(ground, stores, alarms)
        approvals = four_eyes(ground, stores, staff, alarms=alarms)
        cases = cases_of(ground, stores, alarms)
        receipts = receipting.receipts(stores)
        ledger = _ledger(ground, stores)
        told = Attention(alarms=alarms, cases=cases)
        till = Till.on(ground, stores, dossiers=dossiers, receipts=receipts, attention=told)
        issued = (transmission(ground, stores), receipting.ReceiptNews(till.callbacks))
        restrained = lookups(ground, stores, alarms=alarms, places=places)
        return cls(
            authenticator=access.authenticator(ground, stores),
            client_acts=access.client_acts(ground, stores),
            lookups=restrained,
            rechecks=_rechecks(ground, stores, restrained),
            till=till,
            receipts=receipts,
            issuing=receipting.issuing(ground, stores, alarms=alarms, told=issued),
            dossiers=dossiers,
            catalogues=catalogues,
            takeover=Takeover(catalogues, ground.recorder, clock=utc_now),
            procedures=procedures,
            places=places,
            arrivals=Arrivals(stores.arrivals, ground.keyring, **ground.own),
            ledger=ledger,
            delivering=Delivering.on(ground, stores, approvals=approvals, ledger=ledger),
            alarms=alarms,
            settling=_settling(ground, stores),
            alerts=alerts_of(ground, stores),
            approvals=approvals,
            staffing=staff,
            cases=cases,
            protecting=protecting(ground, stores, alarms=alarms, approvals=approvals),
            scores=scores_of(ground, stores, places),
            overseeing=Overseeing.on(ground, stores),
            money_days=MoneyDays.on(ground, stores, cases=cases, settle=till.settling.settle),
        )


def _rechecks(ground: Ground, stores: Stores, restrained: RestrainedLookups) -> Rechecks:
    return Rechecks(
        stores.rechecks,
        stores.receivers,
        check=restrained.check_verification,
        policy=policy_of(ground.settings.rechecks),
        clock=utc_now,
    )


def _settling(ground: Ground, stores: Stores) -> Settling:
    return Settling(
        ground.alarms,
        stores.restraint,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def _ledger(ground: Ground, stores: Stores) -> Ledger:
    return Ledger(
        stores.ledger,
        stores.outbox,
        ground.exchange,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def _noticing(catalogues: Catalogues, procedures: Procedures) -> Callable[[Draft, Mapping[str, Any]], Awaitable[None]]:
    """What else happens as a dossier is taken in. One that was born at the portal is told without its codes."""

    async def notice(draft: Draft, document: Mapping[str, Any]) -> None:
        await procedures.pin(draft.stream.key, document, tenant=draft.stream.tenant)
        if draft.operation == SYNC:
            await catalogues.check(draft, document)

    return notice
