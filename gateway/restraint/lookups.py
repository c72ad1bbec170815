"""Look-ups under restraint: purpose first, then rates and patterns, then the register; and the record is cut again."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, TypeVar

import structlog

from gateway.domain import Context, local_day
from gateway.lookups.model import Found, LookupService, Verification
from gateway.restraint import purpose as rules
from gateway.restraint.model import Look
from gateway.restraint.service import Restraint
from gateway.restraint.subject import Subjects
from gateway.rules.purposes import Allowance, PurposeBook

Answer = TypeVar("Answer", Verification, Found)
CHECKS: Mapping[str, Callable[[Mapping[str, Any], Allowance], None]] = {
    "verify_citizen": rules.check_citizen_compared,
    "verify_representative": rules.check_representative,
}
"""What a verification compares beyond what every procedure may that is named."""

log = structlog.get_logger()


class RestrainedLookups:
    """Implements `LookupService` around another one. Each method raises `NotAllowedError` (`caller.purpose`) for what
    the purpose does not cover and `TooManyRequestsError` for what is too much; then nothing is asked."""

    def __init__(
        self,
        inner: LookupService,
        purposes: PurposeBook,
        restraint: Restraint,
        *,
        subjects: Subjects,
        clock: Callable[[], datetime],
    ) -> None:
        self._inner = inner
        self._purposes = purposes
        self._restraint = restraint
        self._subjects = subjects
        self._clock = clock

    def check_verification(self, operation: str, asked: Mapping[str, Any], *, context: Context) -> None:
        """`NotAllowedError` as the verification of that name would raise it today. Nothing is asked or counted."""
        self._checked(operation, asked, context)

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        context = self._checked("verify_citizen", asked, context)
        return await self._ask(self._inner.verify_citizen, asked, context=context, about=asked["personal_id"])

    async def lookup_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        allowance, context = self._allowed(context)
        allowed = rules.check_citizen_fields(asked["fields"], allowance)
        found = await self._ask(self._inner.lookup_citizen, asked, context=context, about=asked["personal_id"])
        return replace(found, record=rules.cut(found.record, allowed))

    async def lookup_account(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        allowance, context = self._allowed(context)
        rules.check_may(allowance.accounts)
        return await self._ask(self._inner.lookup_account, asked, context=context, about=asked["number"])

    async def lookup_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        allowance, context = self._allowed(context)
        allowed = rules.check_enterprise_fields(asked.get("fields"), allowance)
        found = await self._ask(self._inner.lookup_enterprise, asked, context=context, about=asked["enterprise_code"])
        return replace(found, record=rules.cut_enterprise(found.record, allowed))

    async def verify_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """It compares what is free to everybody: a procedure that is named may."""
        _, context = self._allowed(context)
        return await self._ask(self._inner.verify_enterprise, asked, context=context, about=asked["enterprise_code"])

    async def verify_representative(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        context = self._checked("verify_representative", asked, context)
        about = asked.get("personal_id") or asked["enterprise_code"]
        return await self._ask(self._inner.verify_representative, asked, context=context, about=about)

    async def list_registrations(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        allowance, context = self._allowed(context)
        rules.check_may(allowance.registrations)
        return await self._ask(self._inner.list_registrations, asked, context=context)

    async def read_registration(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        allowance, context = self._allowed(context)
        rules.check_may(allowance.registrations)
        withheld = rules.check_contact(asked, allowance)
        about = f"registration/{asked['journal_no']}"  # it names whoever handed it in, with number and telephone
        found = await self._ask(self._inner.read_registration, asked, context=context, about=about)
        return replace(found, record=rules.cut(found.record, found.record.keys() - withheld))

    def _checked(self, operation: str, asked: Mapping[str, Any], context: Context) -> Context:
        allowance, context = self._allowed(context)
        if operation in CHECKS:
            CHECKS[operation](asked, allowance)
        return context

    def _allowed(self, context: Context) -> tuple[Allowance, Context]:
        """What the procedure may ask today; and the context with the legal basis, which goes into the leaf (PDP-02)."""
        purpose = rules.check_complete(context.purpose)
        found = self._purposes.allowance(purpose.procedure_code, local_day(self._clock()))
        allowance = rules.check_named(found)
        return allowance, replace(context, purpose=replace(purpose, basis=allowance.basis))

    async def _ask(
        self,
        ask: Callable[..., Awaitable[Answer]],
        asked: Mapping[str, Any],
        *,
        context: Context,
        about: str = "",
    ) -> Answer:
        look = self._look(context, asked, about)
        missed_before = await self._restraint.admit(look, context=context)
        answer = await ask(asked, context=context)
        try:
            await self._restraint.note(look, answer.verdict, missed_before=missed_before)
        except Exception:  # it was asked and answered, and its leaf is durable: refused, it would be asked again
            log.exception("look_not_noted", client=look.client)
        return answer

    def _look(self, context: Context, asked: Mapping[str, Any], about: str) -> Look:
        purpose = rules.check_complete(context.purpose)
        subject, near = self._subjects.marks(context.tenant, about)
        return Look(
            tenant=context.tenant,
            officer=f"{context.actor}/{purpose.agency_id}/{purpose.officer_id}",
            client=context.actor,
            dossier=f"{context.actor}/{purpose.dossier_code}",
            subject=subject,
            near=near,
            question=self._subjects.question(context.tenant, asked) if near else None,
        )
