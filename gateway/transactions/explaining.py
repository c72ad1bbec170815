"""A translation, field by field: what was asked of which field, and whether something stands there. Never a value.

Where what went in is at hand and leads to what was recorded, the rules tell themselves what they did. Elsewhere each
rule is shown as it stands today, and what was recorded shows whether its field was filled.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from gateway.exchange.system import System
from gateway.mapping import Mappings, Step
from gateway.mapping.model import ABSENT, Direction
from gateway.mapping.paths import is_empty, read
from gateway.sdk import Answered, Call, GatewayError, WireReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """One direction. `steps`: in order. `ran`: the version that translated then, 0: it was not recorded; `today`: the
    one that translates now. `is_exact`: the steps are what happened, and not what today's rules would say."""

    direction: Direction
    steps: tuple[Step, ...]
    ran: int
    today: int
    is_exact: bool

    @property
    def is_of_today(self) -> bool:
        return self.ran in {0, self.today}


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """What is known of one exchange. `bodies`: those that still exist, opened; `asked`: the province's own request in
    the same trace, if there is one."""

    operation: str
    call_id: str
    at: datetime
    http_status: int
    version: int
    bodies: Mapping[str, bytes]
    asked: bytes = b""


def explain(system: System, exchange: Exchange) -> list[Explained]:
    """Both directions, as far as there is a mapping and something was recorded."""
    mappings = system.mappings
    if exchange.operation not in mappings.operations:
        return []
    found = [_request(mappings, exchange), _reply(system, exchange)]
    return [one for one in found if one is not None]


def _request(mappings: Mappings, exchange: Exchange) -> Explained | None:
    sent = _document(exchange.bodies.get("request_translated", b""))
    if isinstance(sent, list):  # several messages went in one call; the first speaks for them
        sent = sent[0] if sent else None
    if not isinstance(sent, Mapping):
        return None
    asked = _document(exchange.asked)
    try:
        is_it = isinstance(asked, dict) and mappings.request(exchange.operation, asked).body == sent
    except GatewayError:
        is_it = False
    return _explained(mappings, exchange, Direction.REQUEST, source=asked if is_it else None, made=sent)


def _reply(system: System, exchange: Exchange) -> Explained | None:
    told = _document(exchange.bodies.get("reply_translated", b""))
    if not isinstance(told, Mapping):
        return None
    theirs = _theirs(system, exchange)
    try:
        is_it = theirs is not None and system.mappings.reply(exchange.operation, theirs) == told
    except GatewayError:
        is_it = False
    return _explained(system.mappings, exchange, Direction.REPLY, source=theirs if is_it else None, made=told)


def _theirs(system: System, exchange: Exchange) -> Mapping[str, Any] | None:
    """The answer in their vocabulary, read once more by the connector, which is pure. None: it does not come to one."""
    content, sent = (
        exchange.bodies.get("reply_received", b""),
        _document(exchange.bodies.get("request_translated", b"")),
    )
    if not content or not isinstance(sent, Mapping):
        return None
    call = Call(operation=exchange.operation, body=sent, call_id=exchange.call_id, at=exchange.at)
    kind = "application/json" if content.lstrip()[:1] in b"{[" else "text/xml; charset=utf-8"
    reply = WireReply(status=exchange.http_status, headers={"content-type": kind}, content=content)
    try:
        outcome = system.connector.interpret(call, reply)
    except Exception:  # what it makes of an old reply decides nothing here
        return None
    return outcome.body if isinstance(outcome, Answered) else None


def _explained(
    mappings: Mappings,
    exchange: Exchange,
    direction: Direction,
    *,
    source: Mapping[str, Any] | None,
    made: Mapping[str, Any],
) -> Explained:
    steps: Sequence[Step] = mappings.explain(exchange.operation, direction, source or {})
    if source is None:
        steps = [_seen(step, made) for step in steps]
    return Explained(
        direction=direction,
        steps=tuple(steps),
        ran=exchange.version,
        today=mappings.version(exchange.operation),
        is_exact=source is not None,
    )


def _seen(step: Step, made: Mapping[str, Any]) -> Step:
    """What the recorded document shows of a rule."""
    value = read(made, step.to.split("."))
    result = (
        step.result if step.result == "constant" else "left out" if value is ABSENT or is_empty(value) else "filled"
    )
    return Step(to=step.to, sources=step.sources, verb=step.verb, result=result)


def _document(content: bytes) -> Any:
    try:
        return json.loads(content) if content else None
    except ValueError:
        return None
