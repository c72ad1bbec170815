"""How a refund ends. Only here does money that went back enter the books: once, with the bill, the receipt and the
one-stop system's notice in one transaction (PAY-16)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import structlog

from gateway.audit.model import Entry, EntryKind
from gateway.audit.recorder import Recorder
from gateway.callbacks.model import EventType, Teller
from gateway.observability import continue_trace
from gateway.payments.model import Source
from gateway.refunds.desk import Desk, Matter
from gateway.refunds.model import ON_ITS_WAY, AfterRefund, Proof, Refund, RefundState, Returned
from gateway.refunds.sums import entry_of_refund, facts_of, refundable
from gateway.sdk import ProtocolViolation

log = structlog.get_logger()

WORKER = "worker"
REFUSED = "partner.refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class End:
    """Money went back. `number`: the rail's, or that of the document."""

    at: datetime
    number: str
    source: Source
    actor: str
    proof: Proof | None = None


class Endings:
    """Joins the transaction that is open."""

    def __init__(
        self,
        desk: Desk,
        *,
        after: Sequence[AfterRefund],
        teller: Teller,
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
    ) -> None:
        """`after`: what follows from money that went back."""
        self._desk = desk
        self._after = after
        self._teller = teller
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock

    async def settle(self, result: Mapping[str, Any], *, tenant: str, source: Source) -> Refund:
        """What the rail says of a refund that it was asked for: `refund_id`, `status`, `amount`,
        `refund_transaction_id`. `ProtocolViolation`, and nothing changes, where it differs from what was asked for."""
        async with self._atomically():
            matter, refund = await self._desk.of_refund(tenant, str(result.get("refund_id", "")))
            told = str(result.get("refund_transaction_id") or "")
            number = told or refund.refund_transaction_id
            if int(result.get("amount", refund.amount)) != refund.amount:
                raise _differs()
            if refund.state is RefundState.DONE:
                if result.get("status") != "done" or number != refund.refund_transaction_id:
                    raise _differs()
                return refund
            if result.get("status") == "done":
                self._check_room(matter, refund)
                _check_number(matter, refund, told, done=True)
                end = End(at=_moment(result) or self._clock(), number=number, source=source, actor=WORKER)
                return await self.finish(matter, refund, end)
            if refund.state in ON_ITS_WAY:
                _check_number(matter, refund, told, done=False)
                return await self.fail(matter, refund, trouble=REFUSED, actor=WORKER)
            return refund

    async def finish(self, matter: Matter, refund: Refund, end: End) -> Refund:
        done = replace(
            refund,
            state=RefundState.DONE,
            refund_transaction_id=end.number,
            trouble="",
            updated_at=self._clock(),
            done_at=end.at,
            proof=end.proof,
        )
        entry = entry_of_refund(done, matter.bill, source=end.source)
        await self._leaf(done, "refund_done", actor=end.actor, entry_id=entry.entry_id)
        if not await self._desk.books.enter(entry):
            raise _differs()
        matter = await self._desk.write(matter, done, actor=end.actor)
        returned = Returned(refund=done, bill=matter.bill, payment=matter.payment, entry=entry)
        for part in self._after:
            await part.refunded(returned)
        await self._teller.tell(done.tenant, EventType.REFUND_DONE, facts_of(done, matter.bill))
        log.info("refund_done", refund_id=done.refund_id, payment_id=done.payment_id, way=done.way.value)
        return done

    async def fail(self, matter: Matter, refund: Refund, *, trouble: str, actor: str) -> Refund:
        """No money went. The bill stands as before, and another refund may be asked for."""
        failed = replace(refund, state=RefundState.FAILED, trouble=trouble, updated_at=self._clock())
        await self._leaf(failed, "refund_failed", actor=actor, code=trouble)
        matter = await self._desk.write(matter, failed, actor=actor)
        await self._teller.tell(failed.tenant, EventType.REFUND_FAILED, facts_of(failed, matter.bill))
        log.warning("refund_failed", refund_id=failed.refund_id, payment_id=failed.payment_id, code=trouble)
        return failed

    async def took(self, tenant: str, refund_id: str, *, number: str) -> None:
        """The rail has it."""
        async with self._atomically():
            matter, refund = await self._desk.of_refund(tenant, refund_id)
            if refund.state is RefundState.SENT:
                now = self._clock()
                pending = replace(refund, state=RefundState.PENDING, refund_transaction_id=number, updated_at=now)
                await self._desk.write(matter, pending, actor=WORKER)

    async def refused(self, tenant: str, refund_id: str) -> None:
        """The rail said no."""
        async with self._atomically():
            matter, refund = await self._desk.of_refund(tenant, refund_id)
            if refund.state in ON_ITS_WAY:
                await self.fail(matter, refund, trouble=REFUSED, actor=WORKER)

    def _check_room(self, matter: Matter, refund: Refund) -> None:
        """A refund that counted as failed may be done after all, unless its money went back otherwise."""
        if refund.state in ON_ITS_WAY:
            return
        if refund.state is not RefundState.FAILED or refundable(matter.payment, matter.refunds) < refund.amount:
            raise _differs()

    async def _leaf(self, refund: Refund, operation: str, *, actor: str, **facts: str) -> None:
        said = {"amount": refund.amount, "way": refund.way.value, "payment_id": refund.payment_id}
        entry = Entry(
            kind=EntryKind.ADMIN,
            tenant=refund.tenant,
            actor=actor,
            operation=operation,
            outcome="answered",
            occurred_at=refund.updated_at,
            trace_id=continue_trace(str(structlog.contextvars.get_contextvars().get("trace_id", ""))).trace_id,
            system=refund.rail,
            reference=refund.refund_id,
            facts={**said, **facts},
        )
        await self._recorder.record(entry)


def _check_number(matter: Matter, refund: Refund, number: str, *, done: bool) -> None:
    """A rail that is asked by the payment alone may tell of an earlier refund of the same amount that ended so, too:
    then its number must say that it is not that one."""
    others = [other for other in matter.refunds if other.refund_id != refund.refund_id and other.rail == refund.rail]
    if done and number and any(o.refund_transaction_id == number and o.state is RefundState.DONE for o in others):
        raise _differs()
    alike = [o for o in others if o.sent_at and (o.payment_id, o.amount) == (refund.payment_id, refund.amount)]
    ended_so = [o for o in alike if (o.trouble != REFUSED if done else o.state is RefundState.FAILED)]
    known = {o.refund_transaction_id for o in ended_so}
    own = refund.refund_transaction_id
    if ended_so and (number != own if own else not number or known & {"", number}):
        raise _differs()


def _moment(result: Mapping[str, Any]) -> datetime | None:
    told = result.get("refunded_at")
    return datetime.fromisoformat(told) if isinstance(told, str) else None


def _differs() -> ProtocolViolation:
    return ProtocolViolation(
        "What the rail says of this refund differs from what was asked for.",
        vi="Kết quả hoàn trả của cổng thanh toán không khớp khoản hoàn đã yêu cầu",
        what="refund_differs",
    )
