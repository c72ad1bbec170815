"""W3C Trace Context, level 1: take over a caller's trace, or begin one. https://www.w3.org/TR/trace-context-1/

A malformed or repeated `traceparent` begins a new trace and drops `tracestate` (3.2, 4.3). Repeated `tracestate`
headers are one list (3.3.1), and a list that does not parse is dropped alone. So is one that holds what looks like a
person's number: it would travel to every system (PDP-15).
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from gateway.domain import Context

_PARENT = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?", re.ASCII)
_KEY = r"(?:[a-z][a-z0-9_\-*/]{0,255}|[a-z0-9][a-z0-9_\-*/]{0,240}@[a-z][a-z0-9_\-*/]{0,13})"
_MEMBER = re.compile(_KEY + r"=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]", re.ASCII)
_MOST_MEMBERS = 32
_PERSON = re.compile(r"(?<![0-9a-f])0[0-9]{11}(?![0-9a-f])")
_SAMPLED = 0x01


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """The trace of one request, and the headers that hand it on."""

    trace_id: str
    span_id: str
    flags: int = _SAMPLED
    tracestate: str = ""

    @property
    def traceparent(self) -> str:
        return f"00-{self.trace_id}-{self.span_id}-{self.flags:02x}"

    def context(self, *, tenant: str, actor: str, until: float | None = None) -> Context:
        """What happens in this trace, in whose name, and until when somebody waits for it."""
        return Context(
            tenant=tenant,
            actor=actor,
            trace_id=self.trace_id,
            traceparent=self.traceparent,
            tracestate=self.tracestate,
            until=until,
        )


def accept_trace(traceparents: Sequence[str], tracestates: Sequence[str]) -> Trace:
    """The trace that the headers name, with a span of our own; a new one when they name none."""
    parent = _parse(traceparents[0].strip(" \t")) if len(traceparents) == 1 else None
    if parent is None:
        return _fresh()
    trace_id, flags = parent
    return Trace(trace_id=trace_id, span_id=_random(8), flags=flags, tracestate=_state(tracestates))


def continue_trace(trace_id: str) -> Trace:
    """Go on with a stored trace, or begin one when none was stored."""
    return Trace(trace_id=trace_id, span_id=_random(8)) if trace_id else _fresh()


def _parse(text: str) -> tuple[str, int] | None:
    found = _PARENT.fullmatch(text)
    if found is None:
        return None
    version, trace_id, span_id, flags, rest = found.groups()
    if version == "ff" or (version == "00" and rest) or not int(trace_id, 16) or not int(span_id, 16):
        return None
    return trace_id, int(flags, 16) & _SAMPLED  # only the flags of version 00 are known to us


def _state(headers: Sequence[str]) -> str:
    members = [member.strip(" \t") for header in headers for member in header.split(",")]
    members = [member for member in members if member]
    keys = [member.partition("=")[0] for member in members]
    sound = len(members) <= _MOST_MEMBERS and len(set(keys)) == len(keys) and all(map(_MEMBER.fullmatch, members))
    return ",".join(members) if sound and not any(map(_PERSON.search, members)) else ""


def _fresh() -> Trace:
    """Both numbers at one draw."""
    text = secrets.token_hex(24)
    trace_id, span_id = text[:32], text[32:]
    return Trace(trace_id=trace_id, span_id=span_id) if trace_id.strip("0") and span_id.strip("0") else _fresh()


def _random(size: int) -> str:
    """Not all zeros, which the specification forbids."""
    while not (text := secrets.token_hex(size)).strip("0"):
        pass
    return text


def own_context(tenant: str) -> Context:
    """On the gateway's own behalf: nobody asked, so a trace begins here."""
    return continue_trace("").context(tenant=tenant, actor="worker")
