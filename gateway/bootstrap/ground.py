"""What everything else stands on: the state folder, the database, the systems, the exchange and the audit log."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from gateway.agreements.postgres import PostgresAgreements
from gateway.agreements.service import Agreements
from gateway.alarms.model import Occasion
from gateway.alarms.postgres import PostgresAlarms
from gateway.alarms.service import Alarms
from gateway.audit.spool import SigningRecorder
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.recording import recording
from gateway.bootstrap.trusting import Fetching, Trusting, contexts_of
from gateway.database import Database, EmbeddedCluster, check_ownership, ensure_partitions, open_database
from gateway.delivery.postgres_bell import PostgresBell
from gateway.exchange.attempt import Attempts
from gateway.exchange.places import Places
from gateway.exchange.routes import Route
from gateway.exchange.service import GatewayExchange
from gateway.exchange.settings import RouteSettings
from gateway.exchange.shadows import Shadows
from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport
from gateway.files.model import FilePolicy
from gateway.files.postgres import PostgresFiles
from gateway.files.service import Files
from gateway.observability import own_context
from gateway.registry import configured
from gateway.restraint.postgres_copies import PostgresCopies
from gateway.sdk import ConfigurationError, SystemSettings
from gateway.settings import Settings
from gateway.shadow.postgres import PostgresShadow
from gateway.signing import Keyring
from gateway.signing.kek import KeyEncryptionKey
from gateway.traffic.metered import MeteredRecorder

if TYPE_CHECKING:
    from gateway.observability.metrics import Metrics

LOOPBACK = {"127.0.0.1", "::1", "localhost"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """One process's ground, open."""

    settings: Settings
    keyring: Keyring
    database: Database
    exchange: GatewayExchange
    attempts: Attempts
    fetching: Fetching
    recorder: SigningRecorder
    metrics: Metrics | None
    """None: this process is not measured."""
    agreements: Agreements
    alarms: Alarms
    trusting: Trusting
    files: Files
    bell: PostgresBell
    to_clients: HttpTransport
    """The way to the callback addresses of the province's own systems."""

    @property
    def tenant(self) -> str:
        return self.settings.tenant

    @property
    def shared(self) -> dict[str, Any]:
        """What every service with an outbox is handed by name."""
        return {"exchange": self.exchange, "atomically": self.database.transaction, "clock": utc_now}

    @property
    def own(self) -> dict[str, Any]:
        """What every handler of inbound messages is handed by name."""
        return {"tenant": self.tenant, "atomically": self.database.transaction, "clock": utc_now}


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
    return Keyring.load_or_create(settings.keyring, hsm=_hsm_keys(settings))


def _hsm_keys(settings: Settings) -> list[KeyEncryptionKey]:
    if not settings.sealing.hsm:
        return []
    from gateway.signing.keys.pkcs11 import open_kek

    named = enumerate(settings.sealing.hsm, 1)
    return [open_kek(own, where=f"sealing.hsm ({number})", environment=os.environ) for number, own in named]


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
    """Every discovered system that has settings, or all of them in the sandbox, where none may be a real one: made-up
    procedures may look people up there."""
    systems = configured(
        settings.systems,
        sandbox=settings.sandbox,
        breaker=settings.breaker.model_dump(),
        platforms=settings.platforms,
        tls=contexts_of(settings),
    )
    elsewhere = sorted(name for name, system in systems.items() if _elsewhere(system))
    if settings.sandbox and elsewhere:
        raise ConfigurationError(
            f"sandbox is on, and {', '.join(elsewhere)} leads to another machine. Mocks run on this one.",
            vi=f"Đang bật sandbox nhưng {', '.join(elsewhere)} trỏ tới máy khác; hãy tắt sandbox.",
            what="sandbox",
        )
    return systems


def _elsewhere(system: System) -> bool:
    addresses = [system.settings.base_url, *(line.platform.settings.base_url for line in system.lines if line.platform)]
    return any(urlsplit(address).hostname not in LOOPBACK for address in addresses)


def routes_of(settings: Settings, systems: Mapping[str, System]) -> dict[str, tuple[Route, ...]]:
    """The routes as set. One that leads to a system which does not offer the operation is an error at once, not on the
    day from which it holds."""
    routes: dict[str, tuple[Route, ...]] = {}
    for operation, said in settings.routes.items():
        rules = (RouteSettings(to=said),) if isinstance(said, str) else said
        for rule in rules:
            if rule.to not in systems or operation not in systems[rule.to].operations:
                raise ConfigurationError(
                    f"routes.{operation} leads to {rule.to}, which is not configured or does not offer it.",
                    vi=f"routes.{operation} trỏ tới {rule.to}: hệ thống chưa cấu hình hoặc không có nghiệp vụ này.",
                    what="route",
                )
        routes[operation] = tuple(Route(rule.to, rule.since, frozenset(rule.procedures)) for rule in rules)
    return routes


@asynccontextmanager
async def open_ground(settings: Settings, dsn: str, *, serves: bool) -> AsyncIterator[Ground]:
    """On a migrated database. Closing it finishes what is under way, in the reverse order. `serves`: callers wait for
    answers, who are many and have little time."""
    keyring = prepare_state(settings)
    systems = configured_systems(settings)
    async with AsyncExitStack() as stack:
        database = await stack.enter_async_context(_database(settings, dsn, serves=serves))
        mark = keyring.digest(settings.tenant.encode(), purpose="installation")
        await check_ownership(database, tenant=settings.tenant, mark=mark)
        await ensure_partitions(database, now=utc_now())
        recorder = await stack.enter_async_context(
            recording(settings, dsn, database=database, keyring=keyring, clock=utc_now)
        )
        metrics = _metrics(settings)
        if metrics is not None:
            recorder = MeteredRecorder(recorder, metrics)
        for line in (line for system in systems.values() for line in system.lines):
            stack.push_async_callback(line.close)
        alarms = Alarms(PostgresAlarms(database, keyring), recorder=recorder, clock=utc_now)
        fetching = Fetching()
        stack.push_async_callback(fetching.close)
        trusting = _trusting(settings, alarms, fetching)
        systems = trusting.guarded(systems)
        attempts = _attempts(recorder, alarms, callers=places_of(settings, serves=serves))
        stack.push_async_callback(attempts.finish)
        files = _files(settings, keyring, database, recorder=recorder)
        routes = routes_of(settings, systems)
        to_clients = _to_clients(settings)
        stack.push_async_callback(to_clients.close)
        shadows = Shadows(attempts, PostgresShadow(database).add, clock=utc_now)
        stack.push_async_callback(shadows.finish)
        agreements = _agreements(settings, keyring, database, systems=systems)
        exchange = GatewayExchange(
            systems, attempts, clock=utc_now, routes=routes, files=files, shadows=shadows, permits=agreements
        )
        bell = PostgresBell(dsn)
        stack.push_async_callback(bell.close)
        yield Ground(
            settings=settings,
            keyring=keyring,
            database=database,
            exchange=exchange,
            attempts=attempts,
            fetching=fetching,
            recorder=recorder,
            metrics=metrics,
            agreements=agreements,
            alarms=alarms,
            trusting=trusting,
            files=files,
            bell=bell,
            to_clients=to_clients,
        )


def _database(settings: Settings, dsn: str, *, serves: bool) -> AbstractAsyncContextManager[Database]:
    own = settings.database
    return open_database(dsn, size=own.pool_size, statement_s=own.longest_statement_s if serves else None)


def _metrics(settings: Settings) -> Metrics | None:
    if not settings.metrics.port:
        return None
    from gateway.observability.metrics import Metrics

    return Metrics()


def places_of(settings: Settings, *, serves: bool) -> Places:
    """Of those who ask systems. Where nobody is served there is no door that they could fill."""
    return Places(settings.api.max_under_way) if serves else Places()


def _attempts(recorder: SigningRecorder, alarms: Alarms, *, callers: Places) -> Attempts:
    return Attempts(recorder, clock=utc_now, monotonic=time.monotonic, alarms=alarms, callers=callers)


def _trusting(settings: Settings, alarms: Alarms, fetching: Fetching) -> Trusting:
    async def alarm(kind: str, about: str) -> None:
        await alarms.raise_alarm(Occasion(kind=kind, about=about), context=own_context(settings.tenant))

    return Trusting.read(settings, fetch=fetching, alarm=alarm)


def _agreements(
    settings: Settings, keyring: Keyring, database: Database, *, systems: Mapping[str, System]
) -> Agreements:
    """They belong to the ground because the exchange asks them."""
    copies = PostgresCopies(database)

    async def forget(tenant: str, system: str) -> int:
        return await copies.clear(tenant, system=system)

    return Agreements(
        PostgresAgreements(database, keyring),
        systems={name: tuple(system.operations) for name, system in systems.items()},
        required=settings.agreements.required,
        forget=forget,
        clock=utc_now,
    )


def _to_clients(settings: Settings) -> HttpTransport:
    """The transport of national systems, with the limits of receivers; of their answers the status alone is used."""
    own = settings.rechecks
    return HttpTransport(
        SystemSettings(
            base_url="",
            timeout_s=own.callback_timeout_s,
            connect_timeout_s=own.callback_timeout_s,
            max_reply_bytes=65_536,
            max_connections=own.callbacks_at_once,
        )
    )


def lanes_of(settings: Settings) -> int:
    """Of the connections, those that parts of files may take at a time: the rest is everybody else's."""
    return max(1, settings.database.pool_size // 2)


def _files(settings: Settings, keyring: Keyring, database: Database, *, recorder: SigningRecorder) -> Files:
    """They belong to the ground because deliveries read them."""
    policy = FilePolicy(**settings.files.model_dump(exclude={"check_days", "checks_per_night", "check_at"}))
    store = PostgresFiles(database, keyring, lanes=lanes_of(settings))
    return Files(store, keyring, recorder=recorder, clock=utc_now, policy=policy)
