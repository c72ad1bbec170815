"""One exchange with a register, reduced to what may truthfully be said of it (TT 13/2017/TT-BTTTT Art 8.2; POP-05)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from gateway.domain import Context, Verdict
from gateway.exchange.model import Exchange, Exchanged
from gateway.lookups.explain import (
    EXPLANATIONS,
    NO_CLEAR_ANSWER,
    NO_REGISTRATION,
    NO_SUCH_NUMBER,
    Sentences,
    explain_undetermined,
    refusal,
)
from gateway.sdk import Absent, Answered, ConfigurationError, GatewayError, Refused, RemoteError
from gateway.sdk.errors import NotAllowedError, Origin, TrustError

ABSENT: Mapping[str, Sentences] = {
    "find_account": NO_SUCH_NUMBER,
    "lookup_enterprise": NO_SUCH_NUMBER,
    "read_registration": NO_SUCH_NUMBER,
    "list_registrations": NO_REGISTRATION,
    "list_registrations_today": NO_REGISTRATION,
}
"""What an empty answer means, where it is not about a person's details."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What one exchange allows to be said. `record` is empty unless the register answered."""

    verdict: Verdict
    system: str
    reference: str
    explained: Sentences
    audit_index: int | None = None
    asked_at: datetime | None = None
    """When the register was asked, where this is a copy of its answer from then (POP-08); None: just now."""
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)
    fault: Origin | None = None
    trouble: str = ""
    retry_after_s: float | None = None

    @property
    def is_answered(self) -> bool:
        return self.verdict is Verdict.MATCH

    def say(self, verdict: Verdict, explained: Sentences) -> Truth:
        """The same exchange, judged."""
        return replace(self, verdict=verdict, explained=explained)

    def undetermined(self, what: Sentences) -> Truth:
        """The register answered, and nothing follows from it."""
        explained = explain_undetermined(what, Origin.PARTNER)
        return replace(self, verdict=Verdict.UNDETERMINED, explained=explained, fault=Origin.PARTNER)


async def ask(exchange: Exchange, operation: str, asked: Mapping[str, Any], *, context: Context) -> Truth:
    """Ask once. A system that is down, not configured, or whose answer cannot be read or trusted is `undetermined`,
    never `not_found`. `NotAllowedError` without a purpose (POP-06)."""
    if context.purpose is None:
        raise NotAllowedError("A look-up needs a purpose.", vi="Tra cứu phải nêu mục đích khai thác.")
    try:
        exchanged = await exchange.ask(operation, asked, context=context, reference=context.purpose.dossier_code)
    except (RemoteError, TrustError, ConfigurationError) as exc:
        return _failed(exc, system=_system(exchange, operation), context=context)
    return _read(exchanged, operation)


def _read(exchanged: Exchanged, operation: str) -> Truth:
    truth = Truth(
        verdict=Verdict.MATCH,
        system=exchanged.system,
        reference=exchanged.call_id,
        audit_index=exchanged.audit_index,
        asked_at=exchanged.asked_at,
        explained=EXPLANATIONS[Verdict.MATCH],
        record=exchanged.canonical if isinstance(exchanged.outcome, Answered) else {},
    )
    match exchanged.outcome:
        case Answered():
            return truth
        case Absent():
            return truth.say(Verdict.NOT_FOUND, ABSENT.get(operation, EXPLANATIONS[Verdict.NOT_FOUND]))
        case Refused(not_permitted=True):
            return truth.say(Verdict.NOT_PERMITTED, EXPLANATIONS[Verdict.NOT_PERMITTED])
        case Refused() as refused:
            return truth.undetermined(refusal(refused.code))
    return truth.undetermined(NO_CLEAR_ANSWER)


def _failed(exc: GatewayError, *, system: str, context: Context) -> Truth:
    return Truth(
        verdict=Verdict.UNDETERMINED,
        system=system,
        reference=exc.call_id or context.trace_id,
        audit_index=exc.audit_index,
        explained=explain_undetermined((exc.detail, exc.detail_vi), exc.origin),
        fault=exc.origin,
        trouble=exc.error_code,
        retry_after_s=exc.retry_after_s,
    )


def _system(exchange: Exchange, operation: str) -> str:
    """The system that would have been asked; empty when none is configured."""
    try:
        return exchange.system_for(operation)
    except ConfigurationError:
        return ""
