"""Ask a register, and say truthfully what came of it (POP-05): a system that is down, or whose answer cannot be
read, gives `undetermined`, never `not_found`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from gateway.domain import Context, EnterpriseCode, Verdict
from gateway.exchange.model import Exchange
from gateway.lookups import citizens, enterprises, representatives
from gateway.lookups.addresses import Known
from gateway.lookups.explain import (
    CONTRADICTION,
    EXPLANATIONS,
    FOUND,
    NO_REPRESENTATIVE,
    NOBODY_NAMED,
    NOTHING_COMPARED,
    REPRESENTS,
    REPRESENTS_PERHAPS,
    Sentences,
    explain,
)
from gateway.lookups.findings import Finding, Findings
from gateway.lookups.model import Caution, Comparer, Found, Gap, SamePlace, Verification
from gateway.lookups.truth import Truth, ask

_REPRESENTATION: Mapping[Verdict, Sentences] = {
    Verdict.MATCH: REPRESENTS,
    Verdict.NEEDS_REVIEW: REPRESENTS_PERHAPS,
    Verdict.MISMATCH: NO_REPRESENTATIVE,
}
_NOTHING = Findings(())


class Lookups:
    """Implements `LookupService` over the exchange and the register of places."""

    def __init__(self, exchange: Exchange, *, clock: Callable[[], datetime], places: SamePlace) -> None:
        self._exchange = exchange
        self._clock = clock
        self._places = places

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """The register says yes: match, for the fields that it was asked about. It says no: ask for the record and
        compare, because its *no* does not tell a wrong number from a misspelt name (population contract, section 3.7).
        Fields that no register compares by itself: only the record is asked for."""
        if citizens.needs_record(asked):
            return await self._compared_citizen(asked, context=context, denied=False)
        truth = await self._ask("verify_citizen", asked, context=context)
        if truth.is_answered and truth.record.get("exists") is not True:
            return await self._compared_citizen(asked, context=context, denied=True)
        findings = _confirmed(truth)
        if truth.is_answered:
            truth = truth.say(Verdict.MATCH, explain(EXPLANATIONS[Verdict.MATCH], findings))
        return self._verification("verify_citizen", truth, findings, by="register")

    async def lookup_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The record, cut down to the fields that were asked for (POP-06, CON-09), and of which moment it is."""
        wanted = set(asked["fields"])
        request = {key: value for key, value in asked.items() if key != "fields"}
        truth = await self._ask("lookup_citizen", request, context=context)
        facts = {key: truth.record[key] for key in ("data_as_of",) if truth.record.get(key)}
        record = {key: value for key, value in truth.record.items() if key in wanted}
        return self._found("lookup_citizen", truth, record, facts=facts)

    async def lookup_account(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The accounts that a person or an enterprise has at the portal (TraCuuTechID): usually one."""
        truth = await self._ask("find_account", {"number": asked["number"]}, context=context)
        accounts = [item["account_id"] for item in truth.record.get("items", ())]
        return self._found("lookup_account", truth, {"account_ids": accounts} if accounts else {})

    async def lookup_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """What is free and public unless more is asked for by name (BIZ-03)."""
        truth = await self._ask_enterprise(asked, context=context)
        record = enterprises.cut_down(truth.record, asked.get("fields"))
        facts = {"subject_type": enterprises.subject_type(asked["enterprise_code"], truth.record)}
        return self._found("lookup_enterprise", truth, record, facts=facts, cautions=_cautions(asked))

    async def verify_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """Compare what is given; the legal status passes through as the registry words it (BIZ-04)."""
        truth = await self._ask_enterprise(asked, context=context)
        findings = _NOTHING
        if truth.is_answered:
            known = await self._known_office(truth.record.get("address") or {}, asked, context=context)
            findings = enterprises.compare_enterprise(asked, truth.record, known)
            truth = _judged(truth, findings, open_question=any(asked.get(key) for key in enterprises.GIVEN))
        elif truth.verdict is Verdict.NOT_FOUND:
            findings = Findings((Finding("enterprise_code", enterprises.SAME),))
        return self._about_enterprise("verify_enterprise", asked, truth, findings)

    async def verify_representative(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """Whether the register names this person as a legal representative (BIZ-05). Nothing of others is shown."""
        truth = await self._ask_enterprise(asked, context=context)
        findings = _NOTHING
        if truth.is_answered:
            people = representatives.named(truth.record)
            if people:
                verdict, findings = representatives.compare_representative(asked, people)
                truth = truth.say(verdict, explain(_REPRESENTATION[verdict], findings))
            else:
                truth = truth.undetermined(NOBODY_NAMED)
        return self._about_enterprise("verify_representative", asked, truth, findings)

    async def list_registrations(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """Of today between two times, or of a period; an empty page is an answer, too."""
        operation = "list_registrations_today" if asked.get("from_time") else "list_registrations"
        request = {key: value for key, value in asked.items() if value is not None}
        truth = await self._ask(operation, request, context=context)
        items = {"items": list(truth.record.get("items") or ())} if truth.is_answered else {}
        return self._found("list_registrations", truth, items)

    async def read_registration(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        truth = await self._ask("read_registration", asked, context=context)
        return self._found("read_registration", truth, truth.record)
