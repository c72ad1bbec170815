"""The course of one transaction: from the caller's request to the last effect, whose fault, what happens next."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import orjson

from gateway.audit.model import EntryKind
from gateway.audit.rows import Row
from gateway.audit.store import AuditStore
from gateway.delivery.model import StreamState, StreamView
from gateway.delivery.store import Outbox
from gateway.sdk.errors import NotFoundError
from gateway.transactions.faults import Happened, Judgement, judge
from gateway.transactions.indexer import Indexer, transaction_of
from gateway.transactions.model import Fault, Transaction, Waiting, WaitingKind, WaitingState, Wanted
from gateway.transactions.sentences import Next
from gateway.transactions.store import Relations, TransactionStore

MOST_STEPS = 100
MOST_REFERENCES = 10
WITHIN_S = 0.1
_TELLING = frozenset({EntryKind.EXCHANGE, EntryKind.REQUEST, EntryKind.INBOUND})
_BY_ITSELF = (Next.LATER.value, Next.ASKS.value, Next.NOBODY.value)
"""What is not so while something is held."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One leaf. `occurred_at`: when what it tells of ended; None: the leaf does not say. `code`: of the error;
    `refusal`: the code with which the national system refused. `is_tried`: over a way that is only tried."""

    row: Transaction
    judgement: Judgement
    occurred_at: datetime | None
    code: str = ""
    http_status: int | None = None
    refusal: str = ""
    is_tried: bool = False

    @property
    def began_at(self) -> datetime | None:
        if self.occurred_at is None or self.row.duration_ms is None:
            return self.occurred_at
        return datetime.fromtimestamp(
            self.occurred_at.timestamp() - self.row.duration_ms / 1000, self.occurred_at.tzinfo
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """Steps in the order in which they were recorded. `verdict`: of the last that tells; `next`: what the gateway does
    by itself, the first one first; `references`: whom it was about; `is_cut`: there are more steps; `behind`: so
    many leaves of the log are not searched yet, and may be about it, too."""

    steps: tuple[Step, ...]
    verdict: Judgement
    decided_by: Step
    next: tuple[Waiting, ...]
    references: tuple[str, ...]
    is_cut: bool = False
    behind: int = 0


class Courses:
    """Puts them together from the log itself."""

    def __init__(
        self,
        log: AuditStore,
        store: TransactionStore,
        relations: Relations,
        *,
        indexer: Indexer,
        outbox: Outbox,
        clock: Callable[[], datetime],
    ) -> None:
        self._log = log
        self._store = store
        self._relations = relations
        self._indexer = indexer
        self._outbox = outbox
        self._clock = clock

    async def of_trace(self, tenant: str, trace_id: str) -> Course:
        """`NotFoundError`: the log knows no such trace."""
        return await self._course(tenant, await self._log.find(tenant, trace_id=trace_id, limit=MOST_STEPS + 1))

    async def about(self, tenant: str, reference: str) -> Course:
        """Everything about a reference, over all traces, the newest steps, without who only looked at it.
        `NotFoundError`: nothing is."""
        references = tuple(await self._relations.related(tenant, reference))[:MOST_REFERENCES]
        behind = await self._indexer.catch_up(within_s=WITHIN_S)
        wanted = Wanted(references=references, looks=False)
        found = (await self._store.search(tenant, wanted, limit=MOST_STEPS + 1)).rows
        rows = [row for one in found for row in await self._log.span(tenant, first=one.index, last=one.index, limit=1)]
        return replace(await self._course(tenant, rows, references=references), behind=behind)

    async def _course(self, tenant: str, rows: Sequence[Row], *, references: Sequence[str] = ()) -> Course:
        if not rows:
            raise NotFoundError("The log holds nothing under this.", vi="Nhật ký không có giao dịch này.")
        steps = [step_of(row) for row in reversed(rows[:MOST_STEPS])]
        named = dict.fromkeys([*references, *(step.row.reference for step in steps if step.row.reference)])
        known = list(named)[:MOST_REFERENCES]
        waiting = await self._next(tenant, known)
        decided_by = decisive(steps)
        return Course(
            steps=tuple(steps),
            verdict=_verdict(decided_by, waiting),
            decided_by=decided_by,
            next=tuple(waiting),
            references=tuple(known),
            is_cut=len(rows) > MOST_STEPS,
        )

    async def _next(self, tenant: str, references: Sequence[str]) -> list[Waiting]:
        now, found, paused = self._clock(), list[Waiting](), await self._outbox.paused(tenant)
        for reference in references:
            views = await self._outbox.views(tenant, reference, now=now)
            found += [_delivery(view, paused) for view in views if view.state is not StreamState.IDLE]
        found += await self._relations.waiting(tenant, references)
        return sorted(found, key=lambda step: (step.at is None, step.at or now))


def step_of(row: Row) -> Step:
    """A leaf as a step; of what is no leaf, what stands beside it."""
    transaction = transaction_of(row)
    said = _said(row)
    facts = said.get("facts")
    facts = facts if isinstance(facts, dict) else {}
    happened = Happened(kind=transaction.kind, outcome=transaction.outcome, system=transaction.system, facts=facts)
    status = facts.get("http_status")
    return Step(
        row=transaction,
        judgement=judge(happened),
        occurred_at=_moment(said.get("occurred_at")),
        code=happened.code,
        http_status=status if isinstance(status, int) else None,
        refusal=str(facts.get("refusal_code", ""))[:64],
        is_tried="shadow_of" in facts,
    )


def decisive(steps: Sequence[Step]) -> Step:
    """The step that tells how it ended: the last exchange, request or call. What the gateway notices by itself, and
    what staff do, counts where there is nothing else; nobody had his answer from a way that is only tried."""
    telling = [step for step in steps if step.row.kind in _TELLING and step.row.operation != "login"]
    telling = [step for step in telling if not step.is_tried]
    return (telling or list(steps))[-1]


def _verdict(step: Step, waiting: Sequence[Waiting]) -> Judgement:
    """How the last step ended, unless something that is on its way is in trouble: then that is how it stands. What is
    held does not go on by itself, whatever the sentence of its trouble says."""
    troubled, told = [one for one in waiting if one.trouble], step.judgement
    if troubled and told.fault is Fault.NONE:
        first = troubled[0]
        to = f"client:{first.to}" if first.kind is WaitingKind.CALLBACK else first.to
        told = judge(Happened(kind=EntryKind.EXCHANGE, outcome=first.trouble, system=to))
    is_held = any(one.state is WaitingState.HELD for one in waiting)
    return replace(told, next=Next.HELD.value) if is_held and told.next in _BY_ITSELF else told


def _delivery(view: StreamView, paused: Collection[str]) -> Waiting:
    is_held, is_paused = view.state is StreamState.HELD, view.stream.target in paused
    return Waiting(
        kind=WaitingKind.DELIVERY,
        state=WaitingState.HELD if is_held else WaitingState.PAUSED if is_paused else WaitingState.DUE,
        reference=view.stream.key,
        to=view.stream.target,
        at=view.next_attempt_at,
        tries=view.attempts,
        trouble=view.trouble.code if view.trouble else "",
    )


def _said(row: Row) -> dict[str, object]:
    try:
        said = orjson.loads(row.leaf)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _moment(text: object) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if isinstance(text, str) else None
    except ValueError:
        return None
