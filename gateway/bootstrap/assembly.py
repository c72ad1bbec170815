"""The capabilities, put on their ground and stores."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from gateway.api import Services
from gateway.api.batch import answered
from gateway.arrivals.questions import DossierQuestions, FeeQuestions
from gateway.arrivals.reports import PaymentReports
from gateway.arrivals.returns import PaymentReturns
from gateway.bootstrap.access import forget_usage, gate
from gateway.bootstrap.alerting import alerting
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.evidence import attest, evidence_of
from gateway.bootstrap.following import Following, following
from gateway.bootstrap.ground import Ground, open_ground
from gateway.bootstrap.lookups import forget
from gateway.bootstrap.maintaining import keeper
from gateway.bootstrap.nightly import run_nightly
from gateway.bootstrap.rechecking import messenger, rechecker
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.watching import counter_of
from gateway.callbacks.worker import Messenger
from gateway.clients.idempotency import Once
from gateway.clients.together import Together
from gateway.delivery.backoff import Backoff
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.dossiers.batches import Batches
from gateway.dossiers.telling import SYNC
from gateway.exchange.inbound import Handler, InboundGate
from gateway.exchange.postgres_replays import PostgresReplays
from gateway.feedback.service import Feedback
from gateway.numbering.service import NEXT, Numbering
from gateway.payments.followup import QueryFollowUp, ReportFollowUp
from gateway.payments.notices import PaymentNotices
from gateway.receipts.voucher_steps import steps
from gateway.rechecks.worker import Rechecker
from gateway.settings import Settings
from gateway.traffic.counter import Counter

if TYPE_CHECKING:
    from gateway.console.desk import Desk

Made = TypeVar("Made")


class Lazy(Generic[Made]):
    """Made when it is first asked for."""

    def __init__(self, make: Callable[[], Made]) -> None:
        self._make = make
        self._found: Made | None = None

    @property
    def made(self) -> bool:
        return self._found is not None

    def get(self) -> Made:
        if self._found is None:
            self._found = self._make()
        return self._found


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One process's gateway, open."""

    ground: Ground
    stores: Stores
    able: Capabilities
    services: Services
    desks: Lazy[Desk]
    nightly: Callable[[], Awaitable[object]]
    """Does the daily work that is due and that no other process does."""
    forget: Callable[[], Awaitable[object]]
    """Deletes what look-ups and callbacks left and whose time is over."""
    attest: Callable[[], Awaitable[object]]
    """Has the newest checkpoint of the audit log cosigned and stamped."""
    counter: Counter
    """Counts the log and looks at the lanes, step by step."""
    keep: Callable[[], Awaitable[object]]
    """Pauses and resumes what a planned suspension says."""
    alerting: Callable[[str], tuple[Following, ...]]
    """Looks at the rules, and tells what is to be told: neither keeps the other waiting."""
    note_mappings: Callable[[], Awaitable[object]]
    """Keeps the mappings that this process translates by, and alarms where one was changed silently."""
    worker: Callable[[str], Worker]
    rechecker: Callable[[str], Rechecker]
    messenger: Callable[[str], Messenger]
    following: Following
    """Reads the log behind itself."""

    @property
    def desk(self) -> Desk:
        """What the console's pages call."""
        return self.desks.get()

    @property
    def tenant(self) -> str:
        return self.ground.tenant

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.ground.exchange.targets)


@asynccontextmanager
async def open_gateway(settings: Settings, dsn: str) -> AsyncIterator[Gateway]:
    """Everything, on a migrated database."""
    async with open_ground(settings, dsn) as ground:
        gateway = _assemble(ground, Stores.on(ground))
        try:
            yield gateway
        finally:
            await gateway.able.delivering.jobs.close()
            if gateway.desks.made:
                await gateway.desk.diagnostics.finish()


def _assemble(ground: Ground, stores: Stores) -> Gateway:
    able = Capabilities.on(ground, stores)
    services = _services(ground, stores, able)
    counter = counter_of(ground, stores)
    return Gateway(
        ground=ground,
        stores=stores,
        able=able,
        services=services,
        desks=Lazy(lambda: _desk(ground, stores, able, services=services)),
        nightly=lambda: run_nightly(ground, stores, able),
        forget=lambda: asyncio.gather(forget(ground, stores), forget_usage(stores)),
        attest=lambda: attest(ground, stores),
        counter=counter,
        keep=keeper(ground, stores).step,
        alerting=lambda name: alerting(ground, stores, able.alerts, name=name),
        note_mappings=lambda: _note_mappings(ground, stores),
        worker=lambda name: _worker(ground, stores, able, name=name),
        rechecker=lambda name: rechecker(ground, stores, able.lookups, name=name),
        messenger=lambda name: messenger(ground, stores, name=name),
        following=following(ground, stores, counter=counter),
    )


def _desk(ground: Ground, stores: Stores, able: Capabilities, *, services: Services) -> Desk:
    """The pages take as long to load as all the rest: most commands need none of them."""
    from gateway.bootstrap.console import desk_of

    return desk_of(ground, stores, able=able, services=services)


async def _note_mappings(ground: Ground, stores: Stores) -> None:
    from gateway.bootstrap.diagnosing import book_of, note_mappings

    await note_mappings(ground, book_of(ground, stores))


def _services(ground: Ground, stores: Stores, able: Capabilities) -> Services:
    return Services(
        tenant=ground.tenant,
        lookups=able.lookups,
        rechecks=able.rechecks,
        bills=able.till.bills,
        payments=able.till.payments,
        refunds=able.till.refunding.service,
        receipts=able.receipts,
        vouchers=able.till.vouchers,
        dossiers=able.dossiers,
        catalogues=able.catalogues,
        places=able.places,
        numbering=Numbering(stores.numbering, upstream=_numbers_above(ground), **ground.shared),
        procedures=able.procedures,
        feedback=Feedback(stores.feedback, stores.outbox, ground.keyring, **ground.shared),
        arrivals=able.arrivals,
        files=ground.files,
        inbound=_inbound(ground, stores, able),
        authenticator=able.authenticator,
        operators=able.staffing.operators,
        entrance=able.staffing.entrance,
        accounts=able.staffing.accounts,
        agreements=ground.agreements,
        access_requests=able.protecting.access_requests,
        privacy=able.protecting.privacy,
        approvals=able.approvals,
        gate=gate(ground, stores, able.alarms),
        once=Once(stores.answers, clock=utc_now),
        steps=Together(
            stores.answers,
            act=partial(answered, able.dossiers),
            atomically=ground.database.transaction,
            clock=utc_now,
        ),
        batches=Batches(able.dossiers, atomically=ground.database.transaction),
        recorder=ground.recorder,
        metrics=ground.metrics,
        longest_s=ground.settings.api.longest_s,
        evidence=evidence_of(ground, stores),
        digester=ground.keyring,
        clock=utc_now,
        ready=ground.database.answers,
        public_url=ground.settings.api.public_url,
        max_body_bytes=ground.settings.api.max_body_bytes,
        max_inbound_bytes=ground.settings.api.max_inbound_bytes,
    )


def _numbers_above(ground: Ground) -> bool:
    """Whether the system that takes our dossiers issues their codes, or another one that a route names."""
    exchange = ground.exchange
    if NEXT not in exchange.operations:
        return False
    return NEXT in ground.settings.routes or exchange.system_for(NEXT) == exchange.system_for(SYNC)


def _inbound(ground: Ground, stores: Stores, able: Capabilities) -> InboundGate:
    """Handlers by canonical event; what has none is an arrival."""
    tenant, systems = ground.tenant, ground.exchange.systems
    handlers: dict[str, Handler] = {
        "payment_result": PaymentNotices(able.till.settling, stores.inbox, **ground.own),
        "payment_report": PaymentReports(
            able.arrivals,
            able.till.settling,
            able.till.asking,
            exchange=ground.exchange,
            tenant=tenant,
            atomically=ground.database.transaction,
        ),
        "payment_return": PaymentReturns(stores.payments, able.till.asking, **ground.own),
        "dossier_lookup": DossierQuestions(stores.dossiers, tenant=tenant),
        "fees_lookup": FeeQuestions(
            stores.dossiers,
            stores.bills,
            stores.payments,
            tenant=tenant,
            clock=utc_now,
            held_for=timedelta(seconds=ground.settings.payments.attempt_blocks_s),
        ),
    }
    return InboundGate(
        systems,
        handlers,
        otherwise=able.arrivals,
        recorder=ground.recorder,
        alarms=able.alarms,
        replays=PostgresReplays(ground.database),
        clock=utc_now,
    )


def _worker(ground: Ground, stores: Stores, able: Capabilities, *, name: str) -> Worker:
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
        follow_ups={
            "query_payment": QueryFollowUp(able.till.settling, stores.payments),
            "verify_report": ReportFollowUp(able.till.settling),
            **steps(able.till.vouchers, stores.outbox, clock=utc_now),
            **able.till.refunding.questions,
        },
        owners=able.till.refunding.owners,
    )
