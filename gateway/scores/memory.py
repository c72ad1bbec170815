"""Facts and closings in lists, for tests."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from gateway.domain import local_day
from gateway.scores.marks import ENDED, marks_of
from gateway.scores.model import Busy, Count, Fact, Item, Mark, Rating, Window
from gateway.scores.store import Closing, Horizon, Warned, WarnedCount
from gateway.scores.warnings import Kind


class MemoryScores:
    """Of one tenant. Messages are not counted here."""

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.rated: list[Rating] = []
        self.ended: dict[str, tuple[Closing, tuple[Count, ...]]] = {}

    async def agencies(self, tenant: str) -> Sequence[str]:  # noqa: ARG002 - the port's
        return sorted({fact.agency for fact in self.facts} | {rating.agency for rating in self.rated})

    async def unread(self, tenant: str, *, limit: int) -> int:  # noqa: ARG002
        return 0

    async def counts(self, tenant: str, window: Window) -> Sequence[Count]:  # noqa: ARG002
        found: Counter[tuple[str, str, str]] = Counter()
        seconds: Counter[tuple[str, str, str]] = Counter()
        for fact in self.facts:
            for figure, mark in marks_of(fact, window).items():
                found[fact.agency, figure, mark] += 1
                if (figure, mark) == ("handled", Mark.YES) and fact.finished_at and fact.received_at:
                    seconds[fact.agency, figure, mark] += (fact.finished_at - fact.received_at).total_seconds()  # type: ignore[assignment]  # seconds are a float
        for rating in self._rated(window):
            found[rating.agency, "satisfied", Mark.YES] += rating.very_satisfied + rating.satisfied
            found[rating.agency, "satisfied", Mark.NO] += rating.dissatisfied
        return [
            Count(agency=key[0], figure=key[1], mark=str(key[2]), count=count, seconds=float(seconds[key]))
            for key, count in sorted(found.items())
            if count
        ]

    async def items(
        self,
        tenant: str,  # noqa: ARG002 - the port's
        window: Window,
        figure: str,
        *,
        marks: Sequence[str],
        page: tuple[str, int],
    ) -> Sequence[Item]:
        after = page[0].rpartition("/")[0]
        found = [(fact, str(marks_of(fact, window).get(figure, ""))) for fact in self.facts if fact.code > after]
        return [
            Item(
                code=fact.code,
                mark=mark,
                agency=fact.agency,
                procedure=fact.procedure,
                received_on=fact.received_on,
                due_at=fact.due_at,
                finished_at=fact.finished_at,
                status=int(fact.status),
            )
            for fact, mark in sorted(found, key=lambda pair: pair[0].code)
            if mark in marks
        ][: page[1]]

    async def ratings(self, tenant: str, window: Window, *, limit: int) -> Sequence[Rating]:  # noqa: ARG002
        return sorted(self._rated(window), key=lambda r: (r.month, r.agency, r.procedure))[:limit]

    async def busy(self, tenant: str, window: Window, *, least: int, limit: int) -> Sequence[Busy]:  # noqa: ARG002
        named: dict[str, Counter[str]] = {}
        for fact in self.facts:
            marks, counter = marks_of(fact, window), named.setdefault(fact.procedure, Counter())
            if fact.mirrored:
                continue
            counter["received"] += "online" in marks
            counter["finished"] += "e_result" in marks
            counter["e_results"] += marks.get("e_result") == Mark.YES
            counter["with_papers"] += marks.get("reused") in {Mark.YES, Mark.NO}
            counter["reused"] += marks.get("reused") == Mark.YES
        names = ("received", "finished", "e_results", "with_papers", "reused")
        found = [
            Busy(procedure=name, **{key: counter[key] for key in names})
            for name, counter in named.items()
            if name and counter["received"] >= least
        ]
        return sorted(found, key=lambda busy: (-busy.received, busy.procedure))[:limit]

    async def due(self, tenant: str, horizon: Horizon, *, kind: str, page: tuple[str, int]) -> Sequence[Warned]:  # noqa: ARG002
        found = sorted(self._warned(horizon), key=_place)
        due, _, code = page[0].partition("|")
        after = (due or "", code)
        return [w for w in found if kind in {"", *w.kinds} and (not page[0] or _place(w) > after)][: page[1]]

    async def due_counts(self, tenant: str, horizon: Horizon) -> Sequence[WarnedCount]:  # noqa: ARG002
        found: dict[tuple[str, str], list[datetime | None]] = {}
        for warned in self._warned(horizon):
            for kind in warned.kinds:
                found.setdefault((warned.agency, kind), []).append(warned.due_at)
        return [
            WarnedCount(
                agency=agency, kind=kind, count=len(dues), first_due=min((due for due in dues if due), default=None)
            )
            for (agency, kind), dues in sorted(found.items())
        ]

    async def closed(self, tenant: str, period: str) -> Closing | None:  # noqa: ARG002
        return self.ended[period][0] if period in self.ended else None

    async def closings(self, tenant: str, *, limit: int) -> Sequence[Closing]:  # noqa: ARG002
        return [self.ended[period][0] for period in sorted(self.ended, reverse=True)][:limit]

    async def closed_counts(self, tenant: str, period: str, agencies: tuple[str, ...] | None) -> Sequence[Count]:  # noqa: ARG002
        return [count for count in self.ended[period][1] if agencies is None or count.agency in agencies]

    async def close(self, tenant: str, closing: Closing, counts: Sequence[Count]) -> bool:  # noqa: ARG002
        if closing.period in self.ended:
            return False
        self.ended[closing.period] = closing, tuple(counts)
        return True

    def _rated(self, window: Window) -> list[Rating]:
        return [
            rating
            for rating in self.rated
            if window.period.since <= rating.month <= window.period.until
            and (window.agencies is None or rating.agency in window.agencies)
        ]

    def _warned(self, horizon: Horizon) -> Iterator[Warned]:
        for fact in self.facts:
            if fact.status in ENDED or fact.mirrored or fact.pack not in horizon.packs:
                continue
            if horizon.agencies is not None and fact.agency not in horizon.agencies:
                continue
            if kinds := tuple(_kinds(fact, horizon)):
                yield Warned(
                    code=fact.code,
                    agency=fact.agency,
                    procedure=fact.procedure,
                    status=fact.status,
                    due_at=fact.due_at,
                    apologised=fact.apologised_at is not None,
                    pack=fact.pack,
                    kinds=kinds,
                )


def _place(warned: Warned) -> tuple[str, str]:
    return (warned.due_at.isoformat() if warned.due_at else "infinity", warned.code)


def _kinds(fact: Fact, horizon: Horizon) -> Iterator[str]:
    now, due = horizon.now, fact.due_at
    if due is not None and f"{fact.pack}:{int(fact.status)}" in horizon.running and due < horizon.before:
        days = (local_day(due) - local_day(now)).days
        if due < now:
            yield Kind.OVERDUE
        if days <= horizon.packs[fact.pack] and fact.apologised_at is None:
            yield Kind.APOLOGY_MISSING
        if due >= now and days == 0:
            yield Kind.DUE_TODAY
        elif due >= now:
            yield Kind.DUE_SOON if due - now < timedelta(hours=24) else Kind.DUE_LATER
    if fact.status == 2 and fact.received_at is not None:
        on_paper = fact.channel in {"counter", "post"}
        if on_paper and horizon.handed_before and fact.received_at <= horizon.handed_before:
            yield Kind.HAND_ON_LATE
        if horizon.returned_before and fact.received_at <= horizon.returned_before:
            yield Kind.RETURN_DUE
    if fact.status == 5:
        yield Kind.SUPPLEMENT_PENDING
