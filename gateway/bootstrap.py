"""The composition root: the only module that sees every part. It builds, and decides nothing."""

from __future__ import annotations

import os
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from gateway.api import Services
from gateway.audit.batch import Policy as AuditPolicy
from gateway.audit.log import AuditLog
from gateway.audit.postgres import PostgresAudit
from gateway.catalogues.model import SOURCES
from gateway.catalogues.nightly import takeovers
from gateway.catalogues.postgres import PostgresCatalogues
from gateway.catalogues.service import Catalogues
from gateway.chores.nightly import run_due
from gateway.chores.postgres import PostgresChores
from gateway.clients.authenticate import Authenticator
from gateway.clients.idempotency import Once
from gateway.clients.postgres import PostgresAnswers, PostgresClients
from gateway.database import Database, EmbeddedCluster, check_ownership, ensure_partitions, open_database
from gateway.delivery.backoff import Backoff
from gateway.delivery.policy import Policy
from gateway.delivery.postgres import PostgresBell, PostgresOutbox
from gateway.delivery.worker import Worker
from gateway.dossiers.postgres import PostgresDossiers
from gateway.dossiers.service import Dossiers
from gateway.exchange.attempt import Attempts
from gateway.exchange.inbound import InboundGate
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.ledger.nightly import comparisons
from gateway.ledger.postgres import PostgresLedger
from gateway.ledger.service import Ledger
from gateway.lookups.service import Lookups
from gateway.payments.followup import QueryFollowUp
from gateway.payments.notices import PaymentNotices
from gateway.payments.postgres import PostgresInbox, PostgresPayments
from gateway.payments.service import Payments
from gateway.registry import configured
from gateway.sdk import ConfigurationError
from gateway.settings import Settings
from gateway.signing import Keyring


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One process's gateway, open."""

    settings: Settings
    keyring: Keyring
    database: Database
    audit: PostgresAudit
    recorder: AuditLog
    clients: PostgresClients
    authenticator: Authenticator
    outbox: PostgresOutbox
    answers: PostgresAnswers
    services: Services
    dossiers: PostgresDossiers
    ledger: Ledger
    ledger_store: PostgresLedger
    catalogues: Catalogues
    catalogue_store: PostgresCatalogues
    nightly: Callable[[], Awaitable[object]]
    """Does the daily work that is due and that no other process does."""
    targets: tuple[str, ...]
    replaces: Callable[[str, str], bool]
    """Whether the newest message of (target, operation) stands for all before it."""
    worker: Callable[[str], Worker]
    bell: PostgresBell


def utc_now() -> datetime:
    return datetime.now(UTC)


def prepare_state(settings: Settings) -> Keyring:
    """The state folder and the keys in it. As root the folder lets the database's user pass through, and no more."""
    try:
        settings.state.mkdir(parents=True, exist_ok=True, mode=0o711 if os.geteuid() == 0 else 0o700)
    except OSError as exc:
        raise ConfigurationError(
            f"The state folder {settings.state} cannot be made: {exc.strerror}. Set LIENTHONG_STATE.",
            vi=f"Không tạo được thư mục {settings.state}; hãy đặt LIENTHONG_STATE.",
            what="state",
        ) from exc
    return Keyring.load_or_create(settings.keyring)


@contextmanager
def database_url(settings: Settings, *, progress: Callable[[str], None] = lambda _: None) -> Iterator[str]:
    """The configured server, or an embedded cluster for as long as the block lasts."""
    if settings.database_url is not None:
        yield settings.database_url.get_secret_value()
        return
    with cluster(settings, progress=progress).running() as dsn:
        yield dsn


def cluster(settings: Settings, *, progress: Callable[[str], None] = lambda _: None) -> EmbeddedCluster:
    return EmbeddedCluster(
        settings.cluster, binaries=settings.database.binaries, run_as=settings.database.run_as, progress=progress
    )


def configured_systems(settings: Settings) -> dict[str, System]:
    """Every discovered system that has settings, or all of them in the sandbox."""
    return configured(settings.systems, sandbox=settings.sandbox, breaker=settings.breaker.model_dump())


@asynccontextmanager
async def open_gateway(settings: Settings, dsn: str) -> AsyncIterator[Gateway]:
    """Everything, on a migrated database. Closing it finishes what is under way, in the reverse order."""
    keyring = prepare_state(settings)
    systems = configured_systems(settings)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(open_database(dsn, size=settings.database.pool_size))
        mark = keyring.digest(settings.tenant.encode(), purpose="installation")
        await check_ownership(database, tenant=settings.tenant, mark=mark)
        await ensure_partitions(database, now=utc_now())
        audit = PostgresAudit(database)
        policy = AuditPolicy(
            checkpoint_every_leaves=settings.audit.checkpoint_every,
            checkpoint_every_s=settings.audit.checkpoint_seconds,
        )
        recorder = await stack.enter_async_context(AuditLog(audit, keyring, clock=utc_now, policy=policy))
        for system in systems.values():
            stack.push_async_callback(system.transport.close)
        attempts = Attempts(recorder, clock=utc_now, monotonic=time.monotonic)
        stack.push_async_callback(attempts.finish)
        exchange = GatewayExchange(systems, attempts, clock=utc_now, routes=settings.routes)
        bell = PostgresBell(dsn)
        stack.push_async_callback(bell.close)
        yield _assemble(
            _Ground(
                settings=settings, keyring=keyring, database=database, exchange=exchange, recorder=recorder, bell=bell
            )
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Ground:
    """What everything else stands on."""

    settings: Settings
    keyring: Keyring
    database: Database
    exchange: GatewayExchange
    recorder: AuditLog
    bell: PostgresBell


def _assemble(ground: _Ground) -> Gateway:
    database, keyring = ground.database, ground.keyring
    clients, answers = PostgresClients(database), _answers_of(ground)
    outbox, store = (
        PostgresOutbox(database, keyring, tenant=ground.settings.tenant),
        PostgresPayments(database, keyring),
    )
    shared: dict[str, Any] = {"exchange": ground.exchange, "atomically": database.transaction, "clock": utc_now}
    payments = Payments(store, outbox, **shared)
    kept, catalogue_store = PostgresDossiers(database, keyring), PostgresCatalogues(database)
    catalogues = Catalogues(catalogue_store, outbox, **shared)
    dossiers = Dossiers(kept, outbox, payment_state=store.state_of, quarantine=catalogues.check, **shared)
    authenticator = Authenticator(clients, keyring, clock=utc_now)
    ledger_store = PostgresLedger(database)
    ledger = _ledger(ground, outbox, ledger_store)
    return Gateway(
        settings=ground.settings,
        keyring=keyring,
        database=database,
        audit=PostgresAudit(database),
        recorder=ground.recorder,
        clients=clients,
        authenticator=authenticator,
        outbox=outbox,
        answers=answers,
        dossiers=kept,
        ledger=ledger,
        ledger_store=ledger_store,
        catalogues=catalogues,
        catalogue_store=catalogue_store,
        nightly=lambda: _nightly(ground, ledger, catalogues),
        services=Services(
            tenant=ground.settings.tenant,
            lookups=Lookups(ground.exchange, clock=utc_now),
            payments=payments,
            dossiers=dossiers,
            inbound=_inbound(ground, payments),
            authenticator=authenticator,
            once=Once(answers, clock=utc_now),
            recorder=ground.recorder,
            digester=keyring,
            clock=utc_now,
            ready=database.answers,
            max_body_bytes=ground.settings.api.max_body_bytes,
        ),
        targets=tuple(ground.exchange.targets),
        replaces=lambda target, operation: ground.exchange.systems[target].operations[operation].replaces,
        worker=lambda name: _worker(ground, outbox, name=name, follow_up=QueryFollowUp(payments, store)),
        bell=ground.bell,
    )


def _ledger(ground: _Ground, outbox: PostgresOutbox, store: PostgresLedger) -> Ledger:
    return Ledger(
        store,
        outbox,
        ground.exchange,
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


async def _nightly(ground: _Ground, ledger: Ledger, catalogues: Catalogues) -> list[str]:
    tenant, own = ground.settings.tenant, ground.settings.sync
    targets = [target for target in own.reconcile if target in ground.exchange.targets]
    lists = [name for name in own.catalogues if SOURCES[name] in ground.exchange.operations]
    due = (
        *takeovers(catalogues, lists, tenant=tenant, at=own.catalogues_at),
        *comparisons(ledger, targets, tenant=tenant, at=own.reconcile_at),
    )
    return await run_due(PostgresChores(ground.database), due, tenant=tenant, now=utc_now())


def _inbound(ground: _Ground, payments: Payments) -> InboundGate:
    notices = PaymentNotices(
        payments,
        PostgresInbox(ground.database),
        tenant=ground.settings.tenant,
        atomically=ground.database.transaction,
        clock=utc_now,
    )
    return InboundGate(ground.exchange.systems, {"payment_result": notices}, recorder=ground.recorder, clock=utc_now)


def _worker(ground: _Ground, outbox: PostgresOutbox, *, name: str, follow_up: QueryFollowUp) -> Worker:
    return Worker(
        outbox,
        ground.exchange,
        name=name,
        atomically=ground.database.transaction,
        clock=utc_now,
        policy=_worker_policy(ground.settings),
        follow_ups={"query_payment": follow_up},
    )


def _worker_policy(settings: Settings) -> Policy:
    delivery = settings.delivery
    return Policy(
        streams=delivery.streams,
        lease_s=delivery.lease_s,
        poll_s=delivery.poll_s,
        settle_after_s=delivery.settle_after_s,
        backoff=Backoff(base_s=delivery.backoff_base_s, cap_s=delivery.backoff_cap_s),
    )


def _answers_of(ground: _Ground) -> PostgresAnswers:
    holder = f"{socket.gethostname()}:{ground.settings.api.host}:{ground.settings.api.port}"
    return PostgresAnswers(ground.database, ground.keyring, holder=holder)
