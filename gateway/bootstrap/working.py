"""What is done without being asked, put together: loaded by workers."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from gateway.bootstrap.alerting import alerting
from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.evidence import attest
from gateway.bootstrap.following import Following, following
from gateway.bootstrap.forgetting import forget, forget_usage
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.maintaining import keeper
from gateway.bootstrap.nightly import run_nightly
from gateway.bootstrap.rechecking import messenger, rechecker
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.watching import counter_of
from gateway.callbacks.worker import Messenger
from gateway.delivery.backoff import Backoff
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.payments.followup import QueryFollowUp, ReportFollowUp
from gateway.receipts.voucher_steps import steps
from gateway.rechecks.worker import Rechecker
from gateway.traffic.counter import Counter


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """One of each."""

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
    worker: Callable[[str], Worker]
    rechecker: Callable[[str], Rechecker]
    messenger: Callable[[str], Messenger]
    following: Following
    """Reads the log behind itself."""


def work_of(ground: Ground, stores: Stores, able: Capabilities) -> Work:
    able.make_all()
    counter = counter_of(ground, stores)
    return Work(
        nightly=lambda: run_nightly(ground, stores, able),
        forget=lambda: asyncio.gather(forget(ground, stores), forget_usage(stores)),
        attest=lambda: attest(ground, stores),
        counter=counter,
        keep=keeper(ground, stores).step,
        alerting=lambda name: alerting(ground, stores, able.alerts, name=name),
        worker=lambda name: _worker(ground, stores, able, name=name),
        rechecker=lambda name: rechecker(ground, stores, able.lookups, name=name),
        messenger=lambda name: messenger(ground, stores, name=name),
        following=following(ground, stores, counter=counter),
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
