"""What one attempt leaves behind for the audit log."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from gateway.audit.model import Entry, EntryKind
from gateway.domain import Context
from gateway.sdk import Accepted, Answered, Call, Outcome, Refused, WireReply, WireRequest


@dataclass(slots=True, kw_only=True)
class Trail:
    """Filled in while the attempt goes on; `entry` can be written at any point of it."""

    system: str
    call: Call
    context: Context
    reference: str
    started: float
    monotonic: Callable[[], float]
    facts: dict[str, str | int] = field(default_factory=dict)
    bodies: dict[str, bytes] = field(default_factory=dict)

    def sent(self, request: WireRequest) -> None:
        """The newest request counts: an earlier one was rejected for its expired session before it was read. A file
        is kept where files are: here its digest says which one was sent."""
        if (file := self.call.file) is None:
            self.bodies["request_sent"] = request.content
        else:
            self.facts |= {"file_sha256": file.sha256, "file_bytes": len(file.content)}
        self.bodies.pop("reply_received", None)

    def received(self, reply: WireReply) -> None:
        self.bodies["reply_received"] = reply.content
        self.facts["http_status"] = reply.status

    def made(self, outcome: Outcome) -> None:
        """Nothing was sent, over no way: the evidence is what the connector made."""
        self.facts.pop("over", None)
        if isinstance(outcome, Answered | Accepted):
            self.bodies["answer_made"] = json.dumps(dict(outcome.body), ensure_ascii=False).encode()

    def judged(self, outcome: Outcome) -> str:
        if isinstance(outcome, Refused):
            self.facts["refusal_code"] = outcome.code[:64]
        return type(outcome).__name__.lower()

    def entry(self, outcome: str, *, at: datetime) -> Entry:
        duration_ms = round((self.monotonic() - self.started) * 1000)
        return Entry(
            kind=EntryKind.EXCHANGE,
            tenant=self.context.tenant,
            actor=self.context.actor,
            operation=self.call.operation,
            outcome=outcome,
            occurred_at=at,
            trace_id=self.context.trace_id,
            system=self.system,
            reference=self.reference or self.call.call_id,
            purpose=self.context.purpose.facts() if self.context.purpose else {},
            facts={"call_id": self.call.call_id, "duration_ms": duration_ms, **self.facts},
            subjects=self.context.subjects,
            bodies=self.bodies,
        )
