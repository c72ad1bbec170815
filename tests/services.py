"""What the unit tests of the services share: an exchange that answers from a script, a clock, a transaction."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from gateway.audit.model import Entry, Recorded
from gateway.delivery.model import Draft, StreamKey
from gateway.domain import Context, Purpose
from gateway.dossiers.model import Taken
from gateway.dossiers.service import Dossiers
from gateway.exchange.model import Exchanged
from gateway.sdk import Outcome

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
PURPOSE = Purpose(
    dossier_code="000.00.05.H99-261123-0007",
    procedure_code="1.009999",
    officer_id="canbo.mau",
    agency_id="000.00.05.H99",
)
CONTEXT = Context(
    tenant="H99", actor="motcua", trace_id="a" * 32, traceparent=f"00-{'a' * 32}-{'b' * 16}-01", purpose=PURPOSE
)


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now


class ScriptedExchange:
    """Answers each operation with the outcome or error that the test gave it, and remembers what it was asked."""

    def __init__(self, **answers: tuple[Outcome, Mapping[str, Any]] | Exception) -> None:
        self.answers = answers
        self.asked: list[tuple[str, Mapping[str, Any]]] = []
        self.lacking = {"upload_file"}
        """Operations that no system offers."""

    def system_for(self, operation: str, *, on: date | None = None, procedure: str = "") -> str:
        return f"system-of-{operation}"

    async def ask(
        self, operation: str, canonical: Mapping[str, Any], *, context: Context, reference: str = "", target: str = ""
    ) -> Exchanged:
        self.asked.append((operation, canonical))
        answer = self.answers[operation]
        if isinstance(answer, Exception):
            raise answer
        outcome, reply = answer
        return Exchanged(system="s", outcome=outcome, call_id="CALL1", audit_index=7, canonical=reply)

    def offers(self, operation: str, *, target: str) -> bool:
        return operation not in self.lacking

    def draft(
        self, operation: str, canonical: Mapping[str, Any], *, key: str, context: Context, target: str = ""
    ) -> Draft:
        return Draft(
            stream=StreamKey(tenant=context.tenant, target=target or self.system_for(operation), key=key),
            operation=operation,
            call_id="CALL1",
            at=NOW,
            mapping_version=1,
            body=dict(canonical),
        )


class ListedRecorder:
    """Keeps the leaves; `broken` is raised instead when it is set."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []
        self.broken: Exception | None = None

    @property
    def outcomes(self) -> list[str]:
        return [entry.outcome for entry in self.entries]

    async def record(self, entry: Entry) -> Recorded:
        if self.broken:
            raise self.broken
        self.entries.append(entry)
        return Recorded(index=len(self.entries) - 1, leaf_hash=b"")


class ListedOutbox:
    """Keeps what was enqueued."""

    def __init__(self) -> None:
        self.drafts: list[Draft] = []
        self.hurried: list[StreamKey] = []

    async def enqueue(self, drafts: list[Draft], *, now: datetime) -> None:
        self.drafts.extend(drafts)

    async def views(self, tenant: str, key: str, *, now: datetime) -> list[Any]:
        return []

    async def hurry(self, stream: StreamKey, *, now: datetime) -> None:
        self.hurried.append(stream)


@contextlib.asynccontextmanager
async def atomically() -> AsyncIterator[None]:
    yield


async def take_step(dossiers: Dossiers, code: str, event: Mapping[str, Any], *, context: Context) -> Taken:
    """One step, alone; what it is refused with is raised."""
    [taken] = await dossiers.add_events([(code, event)], context=context)
    if isinstance(taken, Exception):
        raise taken
    return taken
