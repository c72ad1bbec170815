"""Register, end, suspend; and say whether an exchange is allowed today."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import date, datetime
from typing import NoReturn

from gateway.agreements.errors import NoAgreementError
from gateway.agreements.model import Agreement, AgreementState, Closed, Operations, Terms
from gateway.agreements.store import AgreementStore, Suspension
from gateway.domain import Context, local_day
from gateway.sdk.errors import ConflictError, FieldProblem, NotFoundError, UnprocessableError

NEAREST = (AgreementState.SUSPENDED, AgreementState.ENDED, AgreementState.COMING)
"""As a refusal names them."""


class Agreements:
    """Implements `AgreementService` and `Permits`."""

    def __init__(
        self,
        store: AgreementStore,
        *,
        systems: Operations,
        required: bool,
        forget: Callable[[str, str], Awaitable[object]],
        clock: Callable[[], datetime],
    ) -> None:
        """`required`: a system without any agreement is not asked either. `forget`: deletes the copies of what a system
        (tenant, system) answered, which nobody may read once its agreement is over (CON-17)."""
        self._store = store
        self._systems = systems
        self._required = required
        self._forget = forget
        self._clock = clock

    async def check(self, system: str, operation: str, *, tenant: str) -> None:
        """Asked anew each time: a suspension holds in every process at once."""
        today = local_day(self._clock())
        states = {held.state(today) for held in await self._store.of(tenant, system, operation)}
        if AgreementState.IN_FORCE in states or not (states or self._required):
            return
        raise _refusal(states, system=system, operation=operation)

    async def register(self, terms: Terms, *, by: str, context: Context) -> Agreement:
        self._check_terms(terms)
        made = await self._store.add(context.tenant, terms, by=by, now=self._clock())
        if made is None:
            raise ConflictError(
                "An agreement of this number is registered.",
                vi="Thoả thuận mang số này đã được khai báo.",
                what="agreement_exists",
            )
        return made

    async def listed(self, tenant: str) -> Sequence[tuple[Agreement, AgreementState]]:
        today = local_day(self._clock())
        return [(held, held.state(today)) for held in await self._store.listed(tenant)]

    async def closed(self, tenant: str) -> Sequence[Closed]:
        held, found = await self.listed(tenant), list[Closed]()
        for system, operation in ((name, each) for name in sorted(self._systems) for each in self._systems[name]):
            states = {state for one, state in held if one.terms.system == system and one.covers(operation)}
            if AgreementState.IN_FORCE in states or not (states or self._required):
                continue
            nearest = next((state for state in NEAREST if state in states), None)
            found.append(Closed(system=system, operation=operation, state=nearest))
        return found

    async def find(self, tenant: str, agreement_id: int) -> Agreement:
        return await self._store.find(tenant, agreement_id) or _unknown()

    async def set_end(self, tenant: str, agreement_id: int, *, until: date | None, reason: str) -> Agreement:
        _check_written(reason)
        held = await self.find(tenant, agreement_id)
        if until is not None and until < held.terms.since:
            raise _wrong("/until", "It ends before it begins.", "Ngày hết hạn trước ngày có hiệu lực.")
        if until is not None and until < local_day(self._clock()):
            await self._forget(tenant, held.terms.system)
        return await self._store.set_end(tenant, agreement_id, until=until) or _unknown()

    async def suspend(self, tenant: str, agreement_id: int, *, by: str, reason: str) -> Agreement:
        _check_written(reason)
        suspension = Suspension(by=by, reason=reason, at=self._clock())
        done = await self._switch(tenant, agreement_id, suspension)
        await self._forget(tenant, done.terms.system)
        return done

    async def resume(self, tenant: str, agreement_id: int) -> Agreement:
        return await self._switch(tenant, agreement_id, None)

    async def _switch(self, tenant: str, agreement_id: int, suspension: Suspension | None) -> Agreement:
        done = await self._store.suspend(tenant, agreement_id, suspension)
        if done is None:
            await self.find(tenant, agreement_id)
            raise ConflictError(
                "It is so already: suspended, or not suspended.",
                vi="Thoả thuận đã ở trạng thái đó (tạm dừng hay không).",
            )
        return done

    def _check_terms(self, terms: Terms) -> None:
        if terms.system not in self._systems:
            raise _wrong("/system", "No such system is configured.", "Chưa cấu hình hệ thống này.")
        if set(terms.operations) - set(self._systems[terms.system]):
            raise _wrong("/operations", "That system has no such operation.", "Hệ thống không có nghiệp vụ này.")
        if terms.until is not None and terms.until < terms.since:
            raise _wrong("/until", "It ends before it begins.", "Ngày hết hạn trước ngày có hiệu lực.")


def _refusal(states: set[AgreementState], *, system: str, operation: str) -> NoAgreementError:
    """Names and states only."""
    of = f"{operation} of {system}"
    if AgreementState.SUSPENDED in states:
        return NoAgreementError(
            f"The sharing agreement for {of} is suspended.",
            vi=f"Thoả thuận chia sẻ dữ liệu với {system} đang bị tạm dừng; chưa thể khai thác.",
            what="agreement_suspended",
        )
    if AgreementState.ENDED in states:
        return NoAgreementError(
            f"The sharing agreement for {of} has ended.",
            vi=f"Thoả thuận chia sẻ dữ liệu với {system} đã hết hạn; chưa thể khai thác cho tới khi gia hạn.",
            what="agreement_ended",
        )
    return NoAgreementError(
        f"No sharing agreement for {of} is in force.",
        vi=f"Chưa có thoả thuận chia sẻ dữ liệu có hiệu lực với {system} cho nghiệp vụ này.",
        what="agreement_missing",
    )


def _check_written(reason: str) -> None:
    if not reason.strip():
        raise _wrong("/reason", "This must be written.", "Phải ghi mục này.")


def _wrong(pointer: str, english: str, vietnamese: str) -> UnprocessableError:
    return UnprocessableError(
        english, vi=vietnamese, what="agreement", fields=[FieldProblem(pointer, english, vietnamese)]
    )


def _unknown() -> NoReturn:
    raise NotFoundError("No agreement has this number.", vi="Không có thoả thuận nào mang số này.")
