"""Ask a register, and say truthfully what came of it (POP-05): a system that is down, or whose answer cannot be
read, gives `undetermined`, never `not_found`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from gateway.domain import Context, Verdict
from gateway.exchange.model import Exchange
from gateway.lookups import citizens, enterprises, representatives
from gateway.lookups.addresses import Known, places_needed
from gateway.lookups.explain import (
    CONTRADICTION,
    EXPLANATIONS,
    FOUND,
    NO_MORE_REGISTRATIONS,
    NO_REPRESENTATIVE,
    NOBODY_NAMED,
    NOT_ALL_NAMED,
    NOTHING_COMPARED,
    NUMBER_OF_ANOTHER_NAME,
    REPRESENTS,
    REPRESENTS_PERHAPS,
    UNKNOWN_PLACE,
    Sentences,
    explain,
)
from gateway.lookups.findings import Findings, put_to_register
from gateway.lookups.model import Comparer, Found, SamePlace, Verification
from gateway.lookups.truth import Truth, ask

_NOTHING = Findings(())
_REPRESENTATION: Mapping[Verdict, Sentences] = {
    Verdict.MATCH: REPRESENTS,
    Verdict.NEEDS_REVIEW: REPRESENTS_PERHAPS,
    Verdict.MISMATCH: NO_REPRESENTATIVE,
}
_UNSAID = {Verdict.UNDETERMINED, Verdict.NOT_PERMITTED}
"""Verdicts for which nothing was compared."""


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
            return await self._compared_citizen(asked, context=context, otherwise=EXPLANATIONS[Verdict.MATCH])
        truth = await self._ask("verify_citizen", asked, context=context)
        if not truth.is_answered:
            return self._verification(
                "verify_citizen", truth, put_to_register(asked, citizens.BASIC, beside=citizens.BESIDE), by="register"
            )
        if truth.record.get("exists") is not True:
            return await self._compared_citizen(asked, context=context, otherwise=CONTRADICTION)
        findings = citizens.confirmed(truth.record.get("asked") or citizens.BASIC)
        truth = truth.say(Verdict.MATCH, explain(EXPLANATIONS[Verdict.MATCH], findings))
        return self._verification("verify_citizen", truth, findings, by="register")

    async def lookup_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The record, cut down to the fields that were asked for (POP-06, CON-09), and of which moment it is."""
        wanted = set(asked["fields"])
        request = {key: value for key, value in asked.items() if key != "fields"}
        truth = await self._ask("lookup_citizen", request, context=context)
        facts = {key: truth.record[key] for key in ("data_as_of",) if truth.record.get(key)}
        record = {key: value for key, value in truth.record.items() if key in wanted}
        return self._found(truth, record, facts=facts)

    async def lookup_account(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The accounts that a person or an enterprise has at the portal (TraCuuTechID): usually one."""
        truth = await self._ask("find_account", {"number": asked["number"]}, context=context)
        accounts = [item["account_id"] for item in truth.record.get("items", ())]
        return self._found(truth, {"account_ids": accounts} if accounts else {})

    async def lookup_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """What is free and public unless more is asked for by name (BIZ-03)."""
        truth = await self._ask_enterprise(asked, context=context)
        record = enterprises.cut_down(truth.record, asked.get("fields"))
        cautions = enterprises.cautions(asked["enterprise_code"])
        found = self._found(truth, record, facts=enterprises.subject(asked, truth.record))
        return replace(found, cautions=cautions)

    async def verify_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """Compare what is given; the legal status passes through as the registry words it (BIZ-04)."""
        truth = await self._ask_enterprise(asked, context=context)
        findings = _NOTHING
        if truth.is_answered:
            known = await self._known_office(truth.record.get("address") or {}, asked, context=context)
            findings = enterprises.compare_enterprise(asked, truth.record, known)
            truth = _judged(truth, findings, enough=enterprises.is_enough(asked, findings))
        return self._about_enterprise("verify_enterprise", asked, truth, findings=findings)

    async def verify_representative(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """Whether the register names this person as a legal representative (BIZ-05). Nothing of others is shown."""
        truth = await self._ask_enterprise(asked, context=context)
        findings = _NOTHING
        if truth.is_answered:
            people = representatives.told(truth.record)
            if people:
                verdict, findings = representatives.compare_representative(asked, people)
                truth = _represents(truth, verdict, findings)
            else:
                truth = truth.undetermined(NOBODY_NAMED)
        return self._about_enterprise("verify_representative", asked, truth, findings=findings)

    async def list_registrations(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """Of today between two times, or of a period; an empty page is an answer, too."""
        operation = "list_registrations_today" if asked.get("from_time") else "list_registrations"
        request = {key: value for key, value in asked.items() if value is not None}
        truth = await self._ask(operation, request, context=context)
        if truth.verdict is Verdict.NOT_FOUND and asked.get("offset"):
            truth = truth.say(Verdict.NOT_FOUND, NO_MORE_REGISTRATIONS)
        items = {"items": list(truth.record.get("items") or ())} if truth.is_answered else {}
        return self._found(truth, items)

    async def read_registration(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        truth = await self._ask("read_registration", asked, context=context)
        return self._found(truth, truth.record)

    async def _ask(self, operation: str, asked: Mapping[str, Any], *, context: Context) -> Truth:
        return await ask(self._exchange, operation, asked, context=context)

    async def _ask_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Truth:
        request = {key: asked[key] for key in ("enterprise_code", "purpose") if key in asked}
        return await self._ask("lookup_enterprise", request, context=context)

    async def _compared_citizen(
        self, asked: Mapping[str, Any], *, context: Context, otherwise: Sentences
    ) -> Verification:
        """Compare with the record. `otherwise`: what it means that nothing differs; after a *no* the register
        contradicts itself, and a person decides."""
        request = {key: asked[key] for key in (*citizens.BASIC, "purpose") if key in asked}
        truth = await self._ask("lookup_citizen", request, context=context)
        if not truth.is_answered:
            return self._verification(
                "verify_citizen", truth, put_to_register(asked, citizens.BASIC, beside=citizens.BESIDE), by="register"
            )
        known = await self._known_homes(asked, truth.record, context=context)
        findings = citizens.compare_citizen(asked, truth.record, known)
        truth = _judged(truth, findings, enough=citizens.is_enough(findings))
        if truth.verdict is Verdict.MATCH:
            verdict = Verdict.NEEDS_REVIEW if otherwise is CONTRADICTION else Verdict.MATCH
            truth = truth.say(verdict, explain(otherwise, findings))
        return self._verification("verify_citizen", truth, findings, by="gateway")

    async def _known_homes(
        self, asked: Mapping[str, Any], held: Mapping[str, Any], *, context: Context
    ) -> dict[str, Known]:
        """What the register of places says of the codes in the record; it is asked only about an address."""
        home, wanted = held.get("permanent_address") or {}, asked.get("permanent_address") or {}
        return {
            name: Known.of(await self._places.kin_of(home[name], context=context))
            for name in places_needed(wanted, home)
        }

    async def _known_office(self, address: Mapping[str, Any], asked: Mapping[str, Any], *, context: Context) -> Known:
        """The same of a head office, whose places have names only."""
        own = enterprises.own_places(address)
        if not own or not asked.get("head_office"):
            return Known()
        return Known.of(await self._places.kin_named(own[0], within=own[1:], context=context), *own)

    def _about_enterprise(
        self, operation: str, asked: Mapping[str, Any], truth: Truth, *, findings: Findings
    ) -> Verification:
        """With what the register says of the enterprise itself, in its words (BIZ-04, BIZ-06)."""
        by: Comparer = "gateway"
        if truth.verdict is Verdict.NOT_FOUND:
            findings = put_to_register(asked, ["enterprise_code"], beside=enterprises.BESIDE)
            by = "register"
        told = {key: truth.record[key] for key in ("name", "status", "status_code") if truth.record.get(key)}
        facts = {**told, **enterprises.subject(asked, truth.record)}
        judged = self._verification(operation, truth, findings, by=by)
        return replace(judged, facts=facts, cautions=enterprises.cautions(asked["enterprise_code"]))

    def _verification(self, operation: str, truth: Truth, findings: Findings, *, by: Comparer) -> Verification:
        if truth.verdict in _UNSAID:
            findings = _NOTHING
        return Verification(
            verdict=truth.verdict,
            compared=findings.compared,
            compared_by=by if findings.compared else None,
            differences=findings.differences,
            unchecked=findings.unchecked,
            trouble=truth.trouble,
            recheck=operation if truth.verdict is Verdict.UNDETERMINED else "",
            **self._common(truth),
        )

    def _found(self, truth: Truth, record: Mapping[str, Any], *, facts: Mapping[str, Any] | None = None) -> Found:
        if truth.is_answered:
            truth = truth.say(Verdict.MATCH, FOUND)
        return Found(verdict=truth.verdict, record=record, facts=facts or {}, **self._common(truth))

    def _common(self, truth: Truth) -> dict[str, Any]:
        english, vietnamese = truth.explained
        return {
            "system": truth.system,
            "reference": truth.reference,
            "audit_index": truth.audit_index,
            "checked_at": truth.asked_at or self._clock(),
            "explanation": english,
            "explanation_vi": vietnamese,
            "fault": truth.fault,
            "retry_after_s": truth.retry_after_s,
        }


def _represents(truth: Truth, verdict: Verdict, findings: Findings) -> Truth:
    if verdict is Verdict.UNDETERMINED:
        return truth.undetermined(NOT_ALL_NAMED)
    is_another = verdict is Verdict.MISMATCH and representatives.has_number(findings)
    return truth.say(verdict, explain(NUMBER_OF_ANOTHER_NAME if is_another else _REPRESENTATION[verdict], findings))


def _judged(truth: Truth, findings: Findings, *, enough: bool) -> Truth:
    """What the comparison says. Nothing, where nothing that was given could be compared."""
    if not enough:
        return truth.undetermined(NOTHING_COMPARED)
    verdict = findings.verdict
    is_open = verdict is Verdict.NEEDS_REVIEW and not findings.differences
    return truth.say(verdict, explain(UNKNOWN_PLACE if is_open else EXPLANATIONS[verdict], findings))
