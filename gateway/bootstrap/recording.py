"""What a process records with: the log, and the spool before it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime

from gateway.alarms.model import Occasion
from gateway.alarms.postgres import PostgresAlarms
from gateway.alarms.service import Alarms
from gateway.audit.batch import Policy
from gateway.audit.log import AuditLog
from gateway.audit.postgres import PostgresAudit
from gateway.audit.spool import SigningRecorder, Spool
from gateway.database import Database, open_database
from gateway.domain import Context
from gateway.observability import continue_trace
from gateway.settings import Settings
from gateway.signing import Keyring

AUDIT_CONNECTIONS = 2
"""Of a process, to write the audit log."""


@asynccontextmanager
async def recording(
    settings: Settings, dsn: str, *, database: Database, keyring: Keyring, clock: Callable[[], datetime]
) -> AsyncIterator[SigningRecorder]:
    """`database`: where alarms are. Leaves are written while a transaction is open: out of the same pool, as many of
    these as it has connections would all wait for one more."""
    own = settings.audit
    policy = Policy(checkpoint_every_leaves=own.checkpoint_every, checkpoint_every_s=own.checkpoint_seconds)
    most = own.spool_max_bytes if own.when_unwritable == "continue" else 0
    async with (
        open_database(dsn, size=AUDIT_CONNECTIONS) as leaves,
        AuditLog(PostgresAudit(leaves), keyring, clock=clock, policy=policy) as log,
    ):

        async def alarm(kind: str, entries: int) -> None:
            alarms = Alarms(PostgresAlarms(database, keyring), recorder=log, clock=clock)
            trace = continue_trace("")
            context = Context(
                tenant=settings.tenant, actor="worker", trace_id=trace.trace_id, traceparent=trace.traceparent
            )
            await alarms.raise_alarm(Occasion(kind=kind, about="audit", facts={"entries": entries}), context=context)

        # Under the policy "stop" it keeps nothing, and still writes what an earlier one left.
        async with Spool(log, keyring, settings.state / "spool", max_bytes=most, alarm=alarm) as spool:
            yield spool
