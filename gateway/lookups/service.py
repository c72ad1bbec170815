"""Ask a register, and say truthfully what came of it (POP-05): a system that is down, or whose answer cannot be
read, gives `undetermined`, never `not_found`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from gateway.domain import Context, Verdict
from gateway.exchange.model import Exchange, Exchanged
from gateway.lookups.compare import compare_citizen, compare_enterprise, judge
from gateway.lookups.explain import EXPLANATIONS, explain_refusal
from gateway.lookups.model import Difference, Found, Verification
from gateway.sdk import Absent, Answered, GatewayError, Refused, RemoteError
from gateway.sdk.errors import NotAllowedError, TrustError

CITIZEN_FIELDS = ("personal_id", "full_name", "birth_date")


class _Truth(NamedTuple):
    """One exchange, reduced to what may be said of it."""

    verdict: Verdict
    explanation: str
    explanation_vi: str
    exchanged: Exchanged | None = None
    error: GatewayError | None = None

    @property
    def record(self) -> Mapping[str, Any]:
        return self.exchanged.canonical if self.exchanged and self.verdict is Verdict.MATCH else {}


class Lookups:
    """Implements `LookupService` over the exchange."""

    def __init__(self, exchange: Exchange, *, clock: Callable[[], datetime]) -> None:
        self._exchange = exchange
        self._clock = clock

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """The register says yes: match. It says no: ask for the record and compare, because its *no* does not tell a
        wrong number from a misspelt name (population contract, section 3.7)."""
        truth = await self._ask("verify_citizen", asked, context=context)
        if truth.verdict is not Verdict.MATCH:
            return self._verification("verify_citizen", truth, CITIZEN_FIELDS)
        if truth.record.get("exists") is True:
            return self._verification("verify_citizen", truth, CITIZEN_FIELDS)
        record = await self._ask("lookup_citizen", asked, context=context)
        if record.verdict is not Verdict.MATCH:
            return self._verification("lookup_citizen", record, CITIZEN_FIELDS)
        differences = compare_citizen(asked, record.record)
        if not differences:  # the register contradicts itself: a person decides
            return self._verification("lookup_citizen", _say(Verdict.NEEDS_REVIEW, record), CITIZEN_FIELDS)
        return self._verification(
            "lookup_citizen", _say(judge(differences), record), CITIZEN_FIELDS, differences=differences
        )

    async def lookup_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The record, cut down to the fields that were asked for (POP-06, CON-09)."""
        wanted = set(asked["fields"])
        request = {key: value for key, value in asked.items() if key != "fields"}
        truth = await self._ask("lookup_citizen", request, context=context)
        return self._found("lookup_citizen", truth, {k: v for k, v in truth.record.items() if k in wanted})

    async def lookup_account(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The accounts that a person or an enterprise has at the portal (TraCuuTechID): usually one."""
        truth = await self._ask("find_account", {"number": asked["number"]}, context=context)
        accounts = [item["account_id"] for item in truth.record.get("items", ())]
        return self._found("find_account", truth, {"account_ids": accounts} if accounts else {})

    async def lookup_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        truth = await self._ask("lookup_enterprise", asked, context=context)
        return self._found("lookup_enterprise", truth, truth.record)

    async def verify_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """Compare name and representative; the legal status passes through as the registry words it (BIZ-04)."""
        request = {key: asked[key] for key in ("enterprise_code", "purpose")}
        compared = ("enterprise_code", *(key for key in ("name", "representative_name") if asked.get(key)))
        truth = await self._ask("lookup_enterprise", request, context=context)
        if truth.verdict is not Verdict.MATCH:
            return self._verification("lookup_enterprise", truth, compared)
        differences = compare_enterprise(asked, truth.record)
        facts = {key: truth.record[key] for key in ("status", "status_code", "name") if truth.record.get(key)}
        return self._verification(
            "lookup_enterprise", _say(judge(differences), truth), compared, differences=differences, facts=facts
        )

    async def _ask(self, operation: str, asked: Mapping[str, Any], *, context: Context) -> _Truth:
        if context.purpose is None:
            raise NotAllowedError("A look-up needs a purpose.", vi="Tra cứu phải nêu mục đích khai thác.")
        try:
            exchanged = await self._exchange.ask(
                operation, asked, context=context, reference=context.purpose.dossier_code
            )
        except (RemoteError, TrustError) as exc:
            return _undetermined(exc)
        return _read(exchanged)

    def _verification(
        self,
        operation: str,
        truth: _Truth,
        compared: tuple[str, ...],
        *,
        differences: tuple[Difference, ...] = (),
        facts: Mapping[str, Any] | None = None,
    ) -> Verification:
        return Verification(
            verdict=truth.verdict,
            system=self._exchange.system_for(operation),
            reference=truth.exchanged.call_id if truth.exchanged else "",
            audit_index=truth.exchanged.audit_index if truth.exchanged else None,
            checked_at=self._clock(),
            explanation=truth.explanation,
            explanation_vi=truth.explanation_vi,
            compared=compared if truth.verdict is not Verdict.UNDETERMINED else (),
            differences=differences,
            facts=facts or {},
            trouble=truth.error.error_code if truth.error else "",
            retry_after_s=truth.error.retry_after_s if truth.error else None,
        )

    def _found(self, operation: str, truth: _Truth, record: Mapping[str, Any]) -> Found:
        return Found(
            verdict=truth.verdict,
            system=self._exchange.system_for(operation),
            reference=truth.exchanged.call_id if truth.exchanged else "",
            audit_index=truth.exchanged.audit_index if truth.exchanged else None,
            checked_at=self._clock(),
            explanation=truth.explanation,
            explanation_vi=truth.explanation_vi,
            record=record,
        )


def _read(exchanged: Exchanged) -> _Truth:
    match exchanged.outcome:
        case Answered():
            return _Truth(Verdict.MATCH, *EXPLANATIONS[Verdict.MATCH], exchanged)
        case Absent():
            return _Truth(Verdict.NOT_FOUND, *EXPLANATIONS[Verdict.NOT_FOUND], exchanged)
        case Refused(not_permitted=True):
            return _Truth(Verdict.NOT_PERMITTED, *EXPLANATIONS[Verdict.NOT_PERMITTED], exchanged)
        case Refused() as refused:
            return _Truth(Verdict.UNDETERMINED, *explain_refusal(refused.code), exchanged)
    return _Truth(Verdict.UNDETERMINED, *EXPLANATIONS[Verdict.UNDETERMINED], exchanged)


def _say(verdict: Verdict, truth: _Truth) -> _Truth:
    return truth._replace(
        verdict=verdict, explanation=EXPLANATIONS[verdict][0], explanation_vi=EXPLANATIONS[verdict][1]
    )


def _undetermined(exc: GatewayError) -> _Truth:
    english, vietnamese = EXPLANATIONS[Verdict.UNDETERMINED]
    return _Truth(Verdict.UNDETERMINED, f"{english} {exc.detail}".strip(), f"{vietnamese} {exc.detail_vi}.", error=exc)
