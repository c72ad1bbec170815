"""Take rechecks in, show them to the client that asked, withdraw them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, NoReturn, Protocol

from gateway.callbacks.store import ReceiverStore
from gateway.domain import Context
from gateway.rechecks.course import RecheckPolicy, first_due
from gateway.rechecks.model import CallbackState, Contents, Recheck, RecheckState, Wanted
from gateway.rechecks.store import RecheckStore
from gateway.sdk.errors import ConflictError, FieldProblem, NotAllowedError, NotFoundError, UnprocessableError


class Check(Protocol):
    """Whether the purpose covers a verification: `RestrainedLookups.check_verification`."""

    def __call__(self, operation: str, asked: Mapping[str, Any], *, context: Context) -> None: ...


class Rechecks:
    """Implements `RecheckService`."""

    def __init__(
        self,
        store: RecheckStore,
        receivers: ReceiverStore,
        *,
        check: Check,
        policy: RecheckPolicy,
        clock: Callable[[], datetime],
    ) -> None:
        """`check` raises `NotAllowedError` for what the purpose does not cover: then nothing is stored, either."""
        self._store = store
        self._receivers = receivers
        self._check = check
        self._policy = policy
        self._clock = clock

    async def ask(self, wanted: Wanted, *, context: Context) -> Recheck:
        if context.purpose is None:
            raise NotAllowedError("A recheck needs a purpose.", vi="Xác thực lại phải nêu mục đích khai thác.")
        self._check_purpose(wanted, context)
        if wanted.callback and await self._receivers.find(context.tenant, context.actor) is None:
            raise _no_callback()
        now = self._clock()
        recheck = Recheck(
            tenant=context.tenant,
            recheck_id=wanted.recheck_id,
            client_id=context.actor,
            operation=wanted.operation,
            dossier_code=context.purpose.dossier_code,
            reference=wanted.reference,
            trace_id=context.trace_id,
            created_at=now,
            due=first_due(now, self._policy),
            callback=CallbackState.WAITING if wanted.callback else CallbackState.NONE,
        )
        stored = await self._store.add(recheck, wanted.request)
        if not await self._is_the_same(stored, wanted, recheck):
            raise UnprocessableError(
                "This Idempotency-Key was used for another request.",
                vi="Idempotency-Key này đã dùng cho một yêu cầu khác.",
                what="idempotency_key_reused",
            )
        return stored

    def _check_purpose(self, wanted: Wanted, context: Context) -> None:
        """The fields that are named stand in the request of the recheck."""
        try:
            self._check(wanted.operation, wanted.request, context=context)
        except NotAllowedError as exc:
            exc.fields = tuple(replace(problem, pointer=f"/request{problem.pointer}") for problem in exc.fields)
            raise

    async def read(self, recheck_id: str, *, context: Context) -> Recheck:
        found = await self._store.find(context.tenant, recheck_id)
        if found is None or found.client_id != context.actor:
            _unknown()
        return found

    async def contents(self, recheck: Recheck) -> Contents:
        return await self._store.contents(recheck.tenant, recheck.recheck_id)

    async def withdraw(self, recheck_id: str, *, context: Context) -> Recheck:
        await self.read(recheck_id, context=context)
        await self._store.withdraw(context.tenant, recheck_id, now=self._clock())
        now_is = await self.read(recheck_id, context=context)
        if now_is.state is not RecheckState.WITHDRAWN:
            raise ConflictError(
                "This recheck has ended; it cannot be withdrawn.",
                vi="Yêu cầu xác thực lại này đã kết thúc, không rút được nữa.",
                what="recheck_ended",
            )
        return now_is

    async def _is_the_same(self, stored: Recheck, wanted: Wanted, recheck: Recheck) -> bool:
        """Whether an earlier recheck of this id is this very request; once it is erased nobody can tell."""
        if stored == recheck:
            return True
        said = [(r.client_id, r.operation, r.dossier_code, r.reference) for r in (stored, recheck)]
        return said[0] == said[1] and (await self.contents(stored)).request == wanted.request


def _no_callback() -> UnprocessableError:
    english = "This client has no callback address; an operator registers one with `lienthong clients callback`."
    vietnamese = "Hệ thống gọi chưa đăng ký địa chỉ nhận thông báo; vận hành đăng ký bằng `lienthong clients callback`."
    return UnprocessableError(
        english, vi=vietnamese, what="no_callback", fields=[FieldProblem("/callback", english, vietnamese)]
    )


def _unknown() -> NoReturn:
    raise NotFoundError("No recheck of yours has this id.", vi="Không có yêu cầu xác thực lại nào mang mã này.")
