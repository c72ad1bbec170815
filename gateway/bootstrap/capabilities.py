"""The capabilities that others are built on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from gateway.alarms.service import Alarms
from gateway.arrivals.service import Arrivals
from gateway.bootstrap import access, receipting
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.kinds import kinds_of
from gateway.bootstrap.lookups import lookups
from gateway.bootstrap.money import Attention, Till, cases_of
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.taxing import target_of
from gateway.cases.service import Cases
from gateway.catalogues.service import Catalogues
from gateway.clients.authenticate import Authenticator
from gateway.delivery.model import Draft
from gateway.dossiers.papers import Papers
from gateway.dossiers.service import Dossiers
from gateway.dossiers.telling import SYNC
from gateway.places.service import Places
from gateway.procedures.service import Procedures
from gateway.receipts.service import Receipts
from gateway.restraint.lookups import RestrainedLookups

if TYPE_CHECKING:
    from gateway.alerts.service import Alerts
    from gateway.approvals.service import FourEyes
    from gateway.bootstrap.delivering import Delivering
    from gateway.bootstrap.overseeing import Overseeing
    from gateway.bootstrap.protecting import Protecting
    from gateway.bootstrap.reconciling import MoneyDays
    from gateway.catalogues.acting import Takeover
    from gateway.clients.acts import ClientActs
    from gateway.ledger.service import Ledger
    from gateway.operators.parts import Staffing
    from gateway.receipts.issuing import Issuing
    from gateway.restraint.settling import Settling
    from gateway.scores.service import Scores


@dataclass(frozen=True, kw_only=True)
class Capabilities:
    """One of each. What clients ask for is made at once, and with it whatever the settings may have wrong is told; what
    staff and workers do is loaded and made when it is first asked for: a process that answers clients needs none of
    it."""

    ground: Ground
    stores: Stores
    authenticator: Authenticator
    lookups: RestrainedLookups
    till: Till
    receipts: Receipts
    dossiers: Dossiers
    catalogues: Catalogues
    procedures: Procedures
    places: Places
    arrivals: Arrivals
    alarms: Alarms
    cases: Cases

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
        cases = cases_of(ground, stores)
        receipts = receipting.receipts(stores)
        told = Attention(alarms=ground.alarms, cases=cases)
        _check(ground)
        return cls(
            ground=ground,
            stores=stores,
            authenticator=access.authenticator(ground, stores),
            lookups=lookups(ground, stores, alarms=ground.alarms, places=places),
            till=Till.on(ground, stores, dossiers=dossiers, receipts=receipts, attention=told),
            receipts=receipts,
            dossiers=dossiers,
            catalogues=catalogues,
            procedures=procedures,
            places=places,
            arrivals=Arrivals(stores.arrivals, ground.keyring, **ground.own),
            alarms=ground.alarms,
            cases=cases,
        )

    def make_all(self) -> None:
        """Whatever else could be wrong is told as a worker begins."""
        for name, part in vars(Capabilities).items():
            if isinstance(part, cached_property):
                getattr(self, name)

    async def finish(self) -> None:
        """Ends what is under way."""
        if "delivering" in vars(self):
            await self.delivering.jobs.close()

    @property
    def _recorded(self) -> dict[str, Any]:
        return {"recorder": self.ground.recorder, "atomically": self.ground.database.transaction, "clock": utc_now}

    @cached_property
    def client_acts(self) -> ClientActs:
        return access.client_acts(self.ground, self.stores)

    @cached_property
    def issuing(self) -> Issuing:
        from gateway.bootstrap.issuing import issuing
        from gateway.bootstrap.taxing import transmission

        told = (transmission(self.ground, self.stores), receipting.ReceiptNews(self.till.callbacks))
        return issuing(self.ground, self.stores, alarms=self.alarms, told=told)

    @cached_property
    def takeover(self) -> Takeover:
        from gateway.catalogues.acting import Takeover

        return Takeover(self.catalogues, self.ground.recorder, clock=utc_now)

    @cached_property
    def ledger(self) -> Ledger:
        from gateway.ledger.service import Ledger

        return Ledger(self.stores.office.ledger, self.stores.outbox, self.ground.exchange, **self._recorded)

    @cached_property
    def delivering(self) -> Delivering:
        from gateway.bootstrap.delivering import Delivering

        return Delivering.on(self.ground, self.stores, approvals=self.approvals, ledger=self.ledger)

    @cached_property
    def settling(self) -> Settling:
        from gateway.restraint.settling import Settling

        return Settling(self.alarms, self.stores.restraint, **self._recorded)

    @cached_property
    def alerts(self) -> Alerts:
        from gateway.bootstrap.alerting import alerts_of

        return alerts_of(self.ground, self.stores)

    @cached_property
    def staffing(self) -> Staffing:
        from gateway.bootstrap.staffing import staffing

        return staffing(self.ground, self.stores, self.alarms)

    @cached_property
    def approvals(self) -> FourEyes:
        from gateway.bootstrap.staffing import four_eyes

        return four_eyes(self.ground, self.stores, self.staffing, alarms=self.alarms)

    @cached_property
    def protecting(self) -> Protecting:
        from gateway.bootstrap.protecting import protecting

        return protecting(self.ground, self.stores, alarms=self.alarms, approvals=self.approvals)

    @cached_property
    def scores(self) -> Scores:
        from gateway.bootstrap.scoring import scores_of

        return scores_of(self.ground, self.stores, self.places)

    @cached_property
    def overseeing(self) -> Overseeing:
        from gateway.bootstrap.overseeing import Overseeing

        return Overseeing.on(self.ground, self.stores)

    @cached_property
    def money_days(self) -> MoneyDays:
        from gateway.bootstrap.reconciling import MoneyDays

        return MoneyDays.on(self.ground, self.stores, cases=self.cases, settle=self.till.settling.settle)


def _check(ground: Ground) -> None:
    """What is made later and that the settings, or what systems bring along, may have wrong is told at once
    nevertheless: `ConfigurationError`."""
    kinds_of(ground)
    target_of(ground)
    if ground.settings.scores.packs:
        from gateway.scores.packs import load_scorecards

        load_scorecards(ground.settings.scores.packs)


def _noticing(catalogues: Catalogues, procedures: Procedures) -> Callable[[Draft, Mapping[str, Any]], Awaitable[None]]:
    """What else happens as a dossier is taken in. One that was born at the portal is told without its codes."""

    async def notice(draft: Draft, document: Mapping[str, Any]) -> None:
        await procedures.pin(draft.stream.key, document, tenant=draft.stream.tenant)
        if draft.operation == SYNC:
            await catalogues.check(draft, document)

    return notice
