"""What one attempt leaves behind for the audit log."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from gateway.audit.model import Entry, EntryKind
from gateway.domain import Context, numbers_in, people_in
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
    subjects: dict[str, None] = field(default_factory=dict, repr=False)
    """Whom the messages named, beside those of the context."""

    def sent(self, request: WireRequest, *, signed: str = "") -> None:
        """The newest request counts: an earlier one was rejected for its expired session before it was read. A file
        is kept where files are: here its digest says which one was sent. `signed`: by which schemes; signatures may
        stand in the headers, which are kept then, too (SIG-10)."""
        said = [self.call.body, *self.call.parts] if self.call.parts else self.call.body
        self.bodies["request_translated"] = _json(said)
        self.subjects |= dict.fromkeys(numbers_in(said))
        if signed:
            self.facts["signed"] = signed
            self.bodies["request_sent_head"] = head(request.headers, first=f"{request.method} {request.url}")
        if (file := self.call.file) is None:
            self.bodies["request_sent"] = request.content
        else:
            self.facts |= {"file_sha256": file.sha256, "file_bytes": file.size}
        for name in ("reply_received", "reply_received_head"):
            self.bodies.pop(name, None)
        for name in ("http_status", "verified"):  # they spoke of the reply to the earlier one
            self.facts.pop(name, None)

    def received(self, reply: WireReply) -> None:
        self.bodies["reply_received"] = reply.content
        self.facts["http_status"] = reply.status
        if "signed" in self.facts:
            self.bodies["reply_received_head"] = head(reply.headers, first=str(reply.status))

    def verified(self, schemes: str) -> None:
        """The reply holds, by these schemes; none: its contract leaves it unsigned."""
        self.facts["verified"] = schemes or "unsafe_unsigned"

    def understood(self, canonical: Mapping[str, Any]) -> None:
        """The reply in our vocabulary, which is what anybody decides by (CON-18). Whomever it tells of was looked up,
        too, asked for or not (PDP-03)."""
        self.bodies["reply_translated"] = _json(canonical)
        self.subjects |= dict.fromkeys(people_in(canonical))

    def made(self, outcome: Outcome) -> None:
        """Nothing was sent, over no way: the evidence is what the connector made."""
        self.facts.pop("over", None)
        if isinstance(outcome, Answered | Accepted):
            self.bodies["answer_made"] = _json(outcome.body)

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
            subjects=tuple(dict.fromkeys([*self.context.subjects, *self.subjects])),
            bodies=self.bodies,
        )


_AS_TOLD = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_DATACLASS


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value, default=_plain, option=_AS_TOLD)
    except TypeError:  # a number beyond 64 bits, a key that is no text: evidence is kept all the same
        return json.dumps(value, ensure_ascii=False, default=_plain).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple) else str(value)


def head(headers: Mapping[str, str], *, first: str) -> bytes:
    """What stands before the content of a message, as text."""
    return "\n".join([first, *(f"{name}: {value}" for name, value in headers.items())]).encode()
