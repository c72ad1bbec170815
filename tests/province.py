"""The real application in one process: real services, connectors, mappings; stores in memory; the mocks behind it."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import tenacity
from privacy_house import Records, privacy
from services import ListedRecorder, atomically
from staff_house import staffing
from systems import bench, identifiers
from till import Till

from gateway.agreements.access import AccessRequests, Law
from gateway.agreements.memory import MemoryAccessRequests, MemoryAgreements
from gateway.agreements.service import Agreements
from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.api.app import build, create_app
from gateway.api.batch import answered
from gateway.api.services import LateServices, Services
from gateway.approvals.memory import MemoryApprovals
from gateway.approvals.service import FourEyes
from gateway.arrivals.memory import MemoryArrivals
from gateway.arrivals.questions import DossierQuestions, FeeQuestions
from gateway.arrivals.reports import PaymentReports
from gateway.arrivals.returns import PaymentReturns
from gateway.arrivals.service import Arrivals
from gateway.audit.evidence import Evidence
from gateway.audit.exhibits import Source
from gateway.audit.memory import MemoryAudit
from gateway.bootstrap.lookups import policy_of
from gateway.callbacks.memory import MemoryEvents, MemoryReceivers
from gateway.callbacks.service import Callbacks
from gateway.catalogues.memory import MemoryCatalogues
from gateway.catalogues.service import Catalogues
from gateway.clients.audience import PaymentReaders
from gateway.clients.authenticate import Authenticator
from gateway.clients.gate import Gate
from gateway.clients.idempotency import Once
from gateway.clients.memory import MemoryClients
from gateway.clients.memory_answers import MemoryAnswers
from gateway.clients.memory_usage import MemoryUsage
from gateway.clients.model import Scope
from gateway.clients.settings import QuotaSettings
from gateway.clients.together import Together
from gateway.clients.usage import Usage
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import Draft
from gateway.dossiers.batches import Batches
from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.papers import Papers
from gateway.dossiers.service import Dossiers
from gateway.exchange.attempt import Attempts
from gateway.exchange.breaker import Breaker, BreakerPolicy
from gateway.exchange.inbound import Handler, InboundGate
from gateway.exchange.replays import MemoryReplays
from gateway.exchange.routes import Route
from gateway.exchange.service import GatewayExchange
from gateway.exchange.system import System
from gateway.facade.app import Facade
from gateway.facade.contract import Contract
from gateway.feedback.memory import MemoryFeedback
from gateway.feedback.service import Feedback
from gateway.files.memory import MemoryFiles
from gateway.files.model import FilePolicy
from gateway.files.service import Files
from gateway.lookups.service import Lookups
from gateway.numbering.memory import MemoryNumbering
from gateway.numbering.service import Numbering
from gateway.payments.asking import Asking
from gateway.payments.memory import MemoryInbox
from gateway.payments.notices import PaymentNotices
from gateway.places.memory import MemoryPlaces
from gateway.places.service import Places
from gateway.procedures.memory import MemoryProcedures
from gateway.procedures.service import Procedures
from gateway.receipts.memory import MemoryReceipts
from gateway.receipts.memory_vouchers import MemoryVouchers
from gateway.receipts.service import Receipts
from gateway.receipts.vouchers import Vouchers
from gateway.rechecks.course import RecheckPolicy
from gateway.rechecks.memory import MemoryRechecks
from gateway.rechecks.service import Rechecks
from gateway.refunds.desk import Desk
from gateway.refunds.ending import Endings
from gateway.refunds.memory import MemoryRefunds
from gateway.refunds.service import Refunds
from gateway.restraint.lookups import RestrainedLookups
from gateway.restraint.memory import MemoryRestraint
from gateway.restraint.model import Policy, Rates
from gateway.restraint.service import Restraint
from gateway.restraint.settings import RestraintSettings
from gateway.restraint.subject import Subjects
from gateway.rules.packs import load_calendar, load_packs
from gateway.rules.purposes import load_purposes
from gateway.signing import Keyring

TENANT = "H99"
NAMESPACE = "https://lienthong.example.vn/soap/v1"
DEFAULT = policy_of(RestraintSettings())
"""As a province has it that sets nothing."""
MANY = Rates(minute=10**6, hour=10**6, day=10**6)
UNHURRIED = replace(DEFAULT, officer=MANY, client=MANY)
"""Patterns are noticed; a test may ask as fast as it can."""
FILES = FilePolicy(max_bytes=300_000, public_url="http://gateway/files")


class Province:
    """One gateway with its key for a caller that may do everything."""

    def __init__(
        self,
        *,
        max_body_bytes: int = 100_000,
        routes: Mapping[str, Sequence[Route]] | None = None,
        policy: Policy = UNHURRIED,
        quotas: QuotaSettings | None = None,
        networks: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._quotas = quotas or QuotaSettings(failures_per_minute=10**6, public_per_minute=10**6)
        self._networks = networks or {}
        self._routes = routes or {}
        self._policy = policy
        self.keyring = Keyring.ephemeral()
        self.recorder = ListedRecorder()
        self.audit = MemoryAudit()
        self.dossiers, self.outbox = MemoryDossiers(), MemoryOutbox()
        self.till = Till(self.outbox)
        self.payments = self.till.payments
        self.receipts = MemoryReceipts()
        self.vouchers = MemoryVouchers()
        self.clients, self.answers, self.inbox = MemoryClients(), MemoryAnswers(), MemoryInbox()
        self.arrivals = MemoryArrivals()
        self.procedures, self.feedback = MemoryProcedures(), MemoryFeedback()
        self.rechecks, self.receivers = MemoryRechecks(), MemoryReceivers()
        self.refunds, self.events = MemoryRefunds(), MemoryEvents()
        self.given = 0
        """How many payments a test put there itself."""
        self.authenticator = Authenticator(self.clients, self.keyring, clock=now, tenant=TENANT)
        self.usage = MemoryUsage()
        self.files = MemoryFiles()
        self.lists = MemoryCatalogues()
        self.alarms, self.restraint = MemoryAlarms(), MemoryRestraint()
        self.agreements, self.records = MemoryAgreements(), Records()
        told = Alarms(self.alarms, recorder=self.recorder, clock=now)
        self.staffing = staffing(self.keyring, self.recorder, told, tenant=TENANT, clock=now)
        self.approvals = FourEyes(
            MemoryApprovals(),
            recorder=self.recorder,
            alarms=told,
            clock=now,
            enrolled_by=self.staffing.accounts.enrolled_by,
        )
        self.places = Places(MemoryPlaces(), atomically=atomically)
        self.systems = {name: _system(name) for name in identifiers()}
        self.services = self._services(max_body_bytes)
        self.app = Facade(create_app(self.services), contract(), max_body_bytes=max_body_bytes)
        self.key = asyncio.run(self._issue()) if _no_loop() else ""

    async def issue(self, name: str = "motcua", *scopes: Scope, agencies: tuple[str, ...] = ()) -> str:
        return await self.authenticator.issue(TENANT, name, scopes=scopes or tuple(Scope), agencies=agencies)

    async def _issue(self) -> str:
        return await self.issue()

    def client(self, key: str = "") -> httpx.AsyncClient:
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        transport = httpx.ASGITransport(self.app, raise_app_exceptions=True)
        return httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers)

    @property
    def stored(self) -> tuple[int, int, int]:
        """How many dossiers, payments and streams there are."""
        return len(self.dossiers.records), len(self.payments.payments) - self.given, len(self.outbox.streams)

    def _refunds(self, shared: dict[str, Any]) -> Refunds:
        till = self.till
        desk = Desk(refunds=self.refunds, bills=till.bills, payments=till.payments, books=till.books)
        teller = Callbacks(self.events, self.receivers, audience=PaymentReaders(self.clients), clock=now)
        self.endings = Endings(desk, after=(), teller=teller, recorder=self.recorder, atomically=atomically, clock=now)
        return Refunds(desk, self.endings, self.outbox, **shared)

    def _services(self, max_body_bytes: int) -> Services:
        attempts = Attempts(self.recorder, clock=now, monotonic=time.monotonic)
        files = Files(self.files, self.keyring, recorder=self.recorder, clock=now, policy=FILES)
        exchange = GatewayExchange(
            self.systems, attempts, clock=now, routes=self._routes, files=files, wait=tenacity.wait_none()
        )
        self.exchange = exchange
        shared: dict[str, Any] = {"exchange": exchange, "atomically": atomically, "clock": now}
        self.catalogues = Catalogues(self.lists, self.outbox, find=self.dossiers.find, **shared)
        self.till.open(self.recorder, **shared)
        arrivals = Arrivals(self.arrivals, self.keyring, **OWN)
        procedures = Procedures(self.procedures, **shared)

        async def notice(draft: Draft, document: Mapping[str, Any]) -> None:
            await procedures.pin(draft.stream.key, document, tenant=draft.stream.tenant)
            await self.catalogues.check(draft, document)

        source = Source(reader=self.audit, tenant=TENANT, public_key=self.keyring.public_key, sealer=self.keyring)
        lookups = self._lookups(exchange)
        check = lookups.check_verification
        dossiers = Dossiers(
            self.dossiers,
            self.outbox,
            payment_state=self.payments.state_of,
            quarantine=notice,
            papers=Papers(files, exchange, clock=now),
            **shared,
        )
        late = LateServices(
            rechecks=Rechecks(self.rechecks, self.receivers, check=check, policy=RecheckPolicy(), clock=now),
            operators=self.staffing.operators,
            entrance=self.staffing.entrance,
            accounts=self.staffing.accounts,
            access_requests=AccessRequests(
                MemoryAccessRequests(),
                self.agreements,
                law=Law(calendar=load_calendar(), packs=load_packs()),
                clock=now,
            ),
            privacy=privacy(self.records, recorder=self.recorder),
            approvals=self.approvals,
            evidence=Evidence(self.audit, source),
        )
        return Services(
            tenant=TENANT,
            lookups=lookups,
            bills=self.till.bills_service,
            payments=self.till.service,
            refunds=self._refunds(shared),
            receipts=Receipts(self.receipts, packs=load_packs(), clock=now),
            vouchers=self._vouchers(),
            dossiers=dossiers,
            catalogues=self.catalogues,
            places=self.places,
            numbering=Numbering(MemoryNumbering(), upstream=False, **shared),
            procedures=procedures,
            feedback=Feedback(self.feedback, self.outbox, self.keyring, **shared),
            arrivals=arrivals,
            files=files,
            inbound=self._inbound(arrivals),
            authenticator=self.authenticator,
            agreements=self._agreements(),
            late=lambda: late,
            gate=self._gate(),
            once=Once(self.answers, clock=now),
            steps=Together(self.answers, act=functools.partial(answered, dossiers), atomically=atomically, clock=now),
            batches=Batches(dossiers, atomically=atomically),
            recorder=self.recorder,
            digester=self.keyring,
            clock=now,
            ready=_ready,
            max_body_bytes=max_body_bytes,
            max_inbound_bytes=2 * max_body_bytes,
        )

    def _agreements(self) -> Agreements:
        async def forget(tenant: str, system: str) -> None:
            """Nothing is copied here."""

        systems = {name: tuple(system.operations) for name, system in self.systems.items()}
        return Agreements(self.agreements, systems=systems, required=False, forget=forget, clock=now)

    def _gate(self) -> Gate:
        return Gate(
            Usage(self.usage, per_minute=10**6, per_day=10**6, clock=now),
            quotas=self._quotas,
            networks=self._networks,
            alarms=Alarms(self.alarms, recorder=self.recorder, clock=now),
            recorder=self.recorder,
            clock=now,
            monotonic=time.monotonic,
        )

    def _vouchers(self) -> Vouchers:
        return Vouchers(
            self.vouchers,
            self.outbox,
            self.exchange,
            bills=self.till.bills,
            payments=self.payments,
            alarms=Alarms(self.alarms, recorder=self.recorder, clock=now),
            clock=now,
        )

    def _lookups(self, exchange: GatewayExchange) -> RestrainedLookups:
        alarms = Alarms(self.alarms, recorder=self.recorder, clock=now)
        return RestrainedLookups(
            Lookups(exchange, clock=now, places=self.places),
            load_purposes(made_up=True),
            Restraint(self.restraint, alarms, policy=self._policy, clock=now),
            subjects=Subjects(self.keyring, neighbour_digits=self._policy.neighbour_digits),
            clock=now,
        )

    def _inbound(self, arrivals: Arrivals) -> InboundGate:
        asking = Asking(self.outbox, self.exchange, clock=now)
        reports: dict[str, Any] = {"exchange": self.exchange, "tenant": TENANT, "atomically": atomically}
        held_for = timedelta(minutes=90)
        handlers: dict[str, Handler] = {
            "payment_result": PaymentNotices(self.till.settling, self.inbox, **OWN),
            "payment_report": PaymentReports(arrivals, self.till.settling, asking, **reports),
            "payment_return": PaymentReturns(self.payments, asking, **OWN),
            "dossier_lookup": DossierQuestions(self.dossiers, tenant=TENANT),
            "fees_lookup": FeeQuestions(
                self.dossiers, self.till.bills, self.payments, tenant=TENANT, clock=now, held_for=held_for
            ),
        }
        alarms = Alarms(self.alarms, recorder=self.recorder, clock=now)
        return InboundGate(
            self.systems,
            handlers,
            otherwise=arrivals,
            recorder=self.recorder,
            alarms=alarms,
            replays=MemoryReplays(),
            clock=now,
        )


@functools.cache
def contract() -> Contract:
    """The façade's, made once."""
    return Contract(build(None).openapi(), namespace=NAMESPACE)


def now() -> datetime:
    return datetime.now(UTC)


OWN: dict[str, Any] = {"tenant": TENANT, "atomically": atomically, "clock": now}


async def _ready() -> bool:
    return True


_bench = functools.cache(bench)
"""Compiling mappings and the WSDL takes longer than most tests; connectors hold no state."""


def _system(name: str) -> System:
    """With breakers of its own: those of an earlier test may have opened."""
    ours = _bench(name).system
    fresh = {line: replace(line, breaker=Breaker(BreakerPolicy(), monotonic=time.monotonic)) for line in ours.lines}
    direct = fresh[ours.direct]
    return replace(
        ours,
        transport=direct.transport,
        breaker=direct.breaker,
        rules=tuple(replace(rule, line=fresh[rule.line]) for rule in ours.rules),
    )


def _no_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return True
    return False
