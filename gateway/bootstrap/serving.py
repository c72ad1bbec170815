"""What the API calls, put together: loaded by whoever answers, and not by workers."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from gateway.api import Services
from gateway.api.batch import answered
from gateway.api.services import LateServices
from gateway.arrivals.questions import DossierQuestions, FeeQuestions
from gateway.arrivals.reports import PaymentReports
from gateway.arrivals.returns import PaymentReturns
from gateway.bootstrap.access import gate
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.lazy import Lazy
from gateway.bootstrap.stores import Stores
from gateway.clients.idempotency import Once
from gateway.clients.together import Together
from gateway.dossiers.batches import Batches
from gateway.dossiers.telling import SYNC
from gateway.exchange.inbound import Handler, InboundGate
from gateway.exchange.postgres_replays import PostgresReplays
from gateway.feedback.service import Feedback
from gateway.numbering.service import NEXT, Numbering
from gateway.payments.notices import PaymentNotices


def services_of(ground: Ground, stores: Stores, able: Capabilities) -> Services:
    return Services(
        tenant=ground.tenant,
        lookups=able.lookups,
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
        agreements=ground.agreements,
        late=Lazy(lambda: _late(ground, stores, able)).get,
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
        digester=ground.keyring,
        clock=utc_now,
        ready=ground.database.answers,
        public_url=ground.settings.api.public_url,
        max_body_bytes=ground.settings.api.max_body_bytes,
        max_inbound_bytes=ground.settings.api.max_inbound_bytes,
    )


def _late(ground: Ground, stores: Stores, able: Capabilities) -> LateServices:
    from gateway.bootstrap.evidence import evidence_of
    from gateway.bootstrap.rechecking import rechecks

    return LateServices(
        operators=able.staffing.operators,
        entrance=able.staffing.entrance,
        accounts=able.staffing.accounts,
        access_requests=able.protecting.access_requests,
        privacy=able.protecting.privacy,
        approvals=able.approvals,
        evidence=evidence_of(ground, stores),
        rechecks=rechecks(ground, stores, able.lookups),
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
