"""The capabilities, put on their ground and stores."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from gateway.api import Services
from gateway.arrivals.questions import DossierQuestions, FeeQuestions
from gateway.arrivals.reports import PaymentReports
from gateway.arrivals.service import Arrivals
from gateway.bootstrap.ground import Ground, open_ground, utc_now
from gateway.bootstrap.nightly import run_nightly
from gateway.bootstrap.stores import Stores
from gateway.catalogues.service import Catalogues
from gateway.clients.authenticate import Authenticator
from gateway.clients.idempotency import Once
from gateway.delivery.backoff import Backoff
from gateway.delivery.model import Draft
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.dossiers.papers import Papers
from gateway.dossiers.service import Dossiers
from gateway.dossiers.telling import SYNC
from gateway.exchange.inbound import Handler, InboundGate
from gateway.feedback.service import Feedback
from gateway.ledger.service import Ledger
from gateway.lookups.service import Lookups
from gateway.numbering.service import NEXT, Numbering
from gateway.payments.followup import QueryFollowUp
from gateway.payments.notices import PaymentNotices
from gateway.payments.service import Payments
from gateway.places.service import Places
from gateway.procedures.service import Procedures
from gateway.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One process's gateway, open."""

    ground: Ground
    stores: Stores
    authenticator: Authenticator
    ledger: Ledger
    catalogues: Catalogues
    places: Places
    services: Services
    nightly: Callable[[], Awaitable[object]]
    """Does the daily work that is due and that no other process does."""
    worker: Callable[[str], Worker]

    @property
    def tenant(self) -> str:
        return self.ground.tenant

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.ground.exchange.targets)

    def replaces(self, target: str, operation: str) -> bool:
        """Whether the newest message of (target, operation) stands for all before it."""
        return self.ground.exchange.systems[target].operations[operation].replaces


@asynccontextmanager
async def open_gateway(settings: Settings, dsn: str) -> AsyncIterator[Gateway]:
    """Everything, on a migrated database."""
    async with open_ground(settings, dsn) as ground:
        yield _assemble(ground, Stores.on(ground))


def _assemble(ground: Ground, stores: Stores) -> Gateway:
    payments = Payments(stores.payments, stores.outbox, **ground.shared)
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
    arrivals = Arrivals(stores.arrivals, ground.keyring, **_own(ground))
    places = Places(stores.places, atomically=ground.database.transaction)
    authenticator = Authenticator(stores.clients, ground.keyring, clock=utc_now)
    ledger = Ledger(
        stores.ledger,
        stores.outbox,
        ground.exchange,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )
    return Gateway(
        ground=ground,
        stores=stores,
        authenticator=authenticator,
        ledger=ledger,
        catalogues=catalogues,
        places=places,
        nightly=lambda: run_nightly(ground, stores, ledger=ledger, catalogues=catalogues, procedures=procedures),
        services=Services(
            tenant=ground.tenant,
            lookups=Lookups(ground.exchange, clock=utc_now),
            payments=payments,
            dossiers=dossiers,
            catalogues=catalogues,
            places=places,
            numbering=Numbering(stores.numbering, upstream=_numbers_above(ground), **ground.shared),
            procedures=procedures,
            feedback=Feedback(stores.feedback, stores.outbox, ground.keyring, **ground.shared),
            arrivals=arrivals,
            files=ground.files,
            inbound=_inbound(ground, stores, payments=payments, arrivals=arrivals),
            authenticator=authenticator,
            once=Once(stores.answers, clock=utc_now),
            recorder=ground.recorder,
            digester=ground.keyring,
            clock=utc_now,
            ready=ground.database.answers,
            max_body_bytes=ground.settings.api.max_body_bytes,
            max_inbound_bytes=ground.settings.api.max_inbound_bytes,
        ),
        worker=lambda name: _worker(ground, stores, name=name, payments=payments),
    )


def _noticing(catalogues: Catalogues, procedures: Procedures) -> Callable[[Draft, Mapping[str, Any]], Awaitable[None]]:
    """What else happens as a dossier is taken in. One that was born at the portal is told without its codes."""

    async def notice(draft: Draft, document: Mapping[str, Any]) -> None:
        await procedures.pin(draft.stream.key, document, tenant=draft.stream.tenant)
        if draft.operation == SYNC:
            await catalogues.check(draft, document)

    return notice


def _numbers_above(ground: Ground) -> bool:
    """Whether the system that takes our dossiers issues their codes, or another one that a route names."""
    exchange = ground.exchange
    if NEXT not in exchange.operations:
        return False
    return NEXT in ground.settings.routes or exchange.system_for(NEXT) == exchange.system_for(SYNC)


def _own(ground: Ground) -> dict[str, Any]:
    """What every handler of inbound messages is handed by name."""
    return {"tenant": ground.tenant, "atomically": ground.database.transaction, "clock": utc_now}


def _inbound(ground: Ground, stores: Stores, *, payments: Payments, arrivals: Arrivals) -> InboundGate:
    """Handlers by canonical event; what has none is an arrival."""
    tenant, systems = ground.tenant, ground.exchange.systems
    handlers: dict[str, Handler] = {
        "payment_result": PaymentNotices(payments, stores.inbox, **_own(ground)),
        "payment_report": PaymentReports(arrivals, stores.payments, stores.outbox, **_own(ground)),
        "dossier_lookup": DossierQuestions(stores.dossiers, tenant=tenant),
        "fees_lookup": FeeQuestions(stores.dossiers, stores.payments, tenant=tenant, clock=utc_now),
    }
    return InboundGate(systems, handlers, otherwise=arrivals, recorder=ground.recorder, clock=utc_now)


def _worker(ground: Ground, stores: Stores, *, name: str, payments: Payments) -> Worker:
    delivery = ground.settings.delivery
    policy = Policy(
        streams=delivery.streams,
        lease_s=delivery.lease_s,
        poll_s=delivery.poll_s,
        settle_after_s=delivery.settle_after_s,
        backoff=Backoff(base_s=delivery.backoff_base_s, cap_s=delivery.backoff_cap_s),
    )
    return Worker(
        stores.outbox,
        ground.exchange,
        name=name,
        atomically=ground.database.transaction,
        clock=utc_now,
        policy=policy,
        follow_ups={"query_payment": QueryFollowUp(payments, stores.payments)},
    )
