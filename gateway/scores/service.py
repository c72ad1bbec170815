"""Cards, the dossiers behind each number, what will cost points, and closing a period."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from gateway.audit.acts import Act
from gateway.audit.model import Entry
from gateway.audit.recorder import Recorder
from gateway.domain import Context, local_day
from gateway.places.lineage import Lineage
from gateway.rules.deadlines import Law
from gateway.rules.packs import Clock, RulePack, load_calendar, load_packs, pack_named, pack_on
from gateway.scores.indicators import NineScores, nine
from gateway.scores.measures import BUSY, Measure, of_224, of_1565
from gateway.scores.model import Item, Period, Rating, Window
from gateway.scores.packs import FIGURES, Scorecard, load_scorecards, scorecard_on
from gateway.scores.scopes import Scope, scopes_of
from gateway.scores.scoring import Card, score
from gateway.scores.store import Closing, Horizon, ScoreStore, Warned, WarnedCount
from gateway.scores.warnings import Turn, handed_before, returned_before, turns_of
from gateway.sdk.errors import ConflictError, NotFoundError, UnprocessableError

PAGE = 100
OPENED = FIGURES | {"mirrored", "online_on_time", "total_time", "contacts"}
"""Figures that can be opened."""
MARKS = {"": ("y", "n", "2", "1", "0"), **{mark: (mark,) for mark in ("y", "n", "x", "2", "1", "0")}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the settings say. `within_s`: acknowledged within so many seconds is in time; the law's own number was not
    seen. `ahead`: how far warnings look."""

    packs: Path | None
    within_s: float
    ahead: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """An open dossier and what is to be done about it."""

    warned: Warned
    turns: Sequence[Turn]


class Scores:
    """What people see of the figures. Reading is no act; closing is."""

    def __init__(
        self,
        store: ScoreStore,
        *,
        lineage: Callable[[str], Awaitable[Lineage]],
        recorder: Recorder,
        atomically: Callable[[], AbstractAsyncContextManager[object]],
        clock: Callable[[], datetime],
        policy: Policy,
    ) -> None:
        """`lineage`: the register of places of a tenant."""
        self._store = store
        self._lineage = lineage
        self._recorder = recorder
        self._atomically = atomically
        self._clock = clock
        self._policy = policy

    async def scopes(self, tenant: str) -> Sequence[Scope]:
        """Every agency that dossiers name, and the communes that they lie in, by code."""
        return scopes_of(await self._store.agencies(tenant), await self._lineage(tenant))

    async def scope(self, tenant: str, code: str) -> Scope:
        """Empty: everybody. `NotFoundError`: no dossier and no rating names it or anything within it."""
        if not code:
            return Scope(code="")
        found = next((scope for scope in await self.scopes(tenant) if scope.code == code), None)
        if found is None:
            raise NotFoundError(
                "No dossier names this agency or place.", vi="Chưa có hồ sơ nào của cơ quan hoặc địa bàn mang mã này."
            )
        return found

    async def unread(self, tenant: str) -> int:
        """Dossiers that no figure counts yet, because their facts were not read; at most a thousand are counted."""
        return await self._store.unread(tenant, limit=1000)

    async def card(self, tenant: str, period: Period, scope: Scope, *, live: bool = False) -> Card:
        """As it was frozen, if the period was closed; `live`: as it is now, whether closed or not."""
        closing = None if live else await self._store.closed(tenant, period.name)
        if closing is not None:
            pack = Scorecard.model_validate(closing.pack)
            counts = await self._store.closed_counts(tenant, period.name, scope.agencies)
            cut_off: datetime = closing.closed_at
        else:
            pack, cut_off = self._scorecard(period), self._clock()
            counts = await self._store.counts(tenant, self._window(period, scope, cut_off))
        return Card(
            pack=pack,
            period=period,
            scope=scope.code,
            cut_off=cut_off,
            groups=score(pack, counts),
            counts=counts,
            closed_at=closing.closed_at if closing else None,
        )

    async def opened(
        self, tenant: str, card: Card, scope: Scope, *, what: tuple[str, str], after: str
    ) -> Sequence[Item]:
        """A page of the very dossiers that one figure counts; `what`: the figure and a mark (empty: all that stand in
        its denominator). Of a closed period as far as the dossiers still say the same."""
        figure, mark = what
        if figure not in OPENED or mark not in MARKS:
            raise NotFoundError("There is no such figure.", vi="Không có chỉ tiêu này.")
        if after and not after.rpartition("/")[2].isdecimal():
            raise UnprocessableError("This is no place in the list.", vi="Vị trí trong danh sách không đúng.")
        window = self._window(card.period, scope, card.cut_off)
        return await self._store.items(tenant, window, figure, marks=MARKS[mark], page=(after, PAGE))

    async def ratings(self, tenant: str, card: Card, scope: Scope) -> Sequence[Rating]:
        window = self._window(card.period, scope, card.cut_off)
        return await self._store.ratings(tenant, window, limit=PAGE)

    async def indicators(
        self, tenant: str, card: Card, scope: Scope
    ) -> tuple[NineScores, Sequence[Measure], Sequence[Measure]]:
        """TT 01/2018, NĐ 224/2026 and QĐ 1565/QĐ-TTg; the last by the whole year of the period, up to its end."""
        year = Period.parse(str(card.period.since.year))
        window = self._window(replace(year, until=card.period.until), scope, card.cut_off)
        busy = await self._store.busy(tenant, window, least=BUSY, limit=PAGE)
        return nine(card.counts), of_224(card.counts), of_1565(card.counts, busy)

    async def warned(self, tenant: str, scope: Scope, card: Card, *, kind: str, after: str) -> Sequence[Ahead]:
        """A page of open dossiers that need somebody, the earliest due first."""
        if after and not _is_due_cursor(after):
            raise UnprocessableError("This is no place in the list.", vi="Vị trí trong danh sách không đúng.")
        now, packs = self._clock(), load_packs()
        found = await self._store.due(tenant, self.horizon(scope, now), kind=kind, page=(after, PAGE))
        return [Ahead(warned=one, turns=turns_of(one, pack_named(packs, one.pack), card, now=now)) for one in found]

    async def warned_counts(self, tenant: str, scope: Scope) -> Sequence[WarnedCount]:
        """By agency and kind."""
        return await self._store.due_counts(tenant, self.horizon(scope, self._clock()))

    def month(self) -> Period:
        """The one that runs."""
        return Period.month_of(local_day(self._clock()))

    async def closings(self, tenant: str) -> Sequence[Closing]:
        return await self._store.closings(tenant, limit=PAGE)

    async def close(self, period: Period, *, context: Context) -> Closing:
        """Freeze the figures of every agency, for good, with the rules of today (KPI-05). `UnprocessableError`: it is
        not over. `ConflictError`: it was closed before."""
        now = self._clock()
        if now < period.ends:
            raise UnprocessableError("This period is not over yet.", vi="Kỳ này chưa kết thúc.", what="period_runs")
        if await self._store.unread(context.tenant, limit=1):
            raise UnprocessableError(
                "The facts of older dossiers are still being read; close it when that is done.",
                vi="Dữ kiện của hồ sơ cũ đang được đọc; hãy đóng kỳ sau khi xong.",
                what="facts_unread",
            )
        pack = self._scorecard(period)
        async with self._atomically():
            counts = await self._store.counts(context.tenant, self._window(period, Scope(code=""), now))
            closing = Closing(period=period.name, closed_at=now, closed_by=context.actor, pack=_document(pack))
            if not await self._store.close(context.tenant, closing, counts):
                raise ConflictError(
                    "This period was closed before.", vi="Kỳ này đã đóng trước đó.", what="period_closed"
                )
            await self._recorder.record(_entry(period, pack, context, counts=len(counts), now=now))
        return closing

    def horizon(self, scope: Scope, now: datetime) -> Horizon:
        packs = load_packs()
        law = Law(pack=pack_on(packs, local_day(now)), calendar=load_calendar())
        return Horizon(
            now=now,
            before=now + self._policy.ahead,
            packs={"": packs[0].apology_days_before, **{pack.id: pack.apology_days_before for pack in packs}},
            running=_running(packs),
            agencies=scope.agencies,
            handed_before=handed_before(now, law),
            returned_before=returned_before(now, law),
        )

    def _window(self, period: Period, scope: Scope, cut_off: datetime) -> Window:
        return Window(
            period=period,
            cut_off=cut_off,
            within_s=self._policy.within_s,
            running=_running(load_packs()),
            agencies=scope.agencies,
        )

    def _scorecard(self, period: Period) -> Scorecard:
        return scorecard_on(load_scorecards(self._policy.packs), period.since)


def _running(packs: Sequence[RulePack]) -> tuple[str, ...]:
    """A dossier that is older than all packs counts by the oldest."""
    named = [*((pack.id, pack) for pack in packs), ("", packs[0])]
    return tuple(
        f"{name}:{int(status)}" for name, pack in named for status, clock in pack.clock.items() if clock is Clock.RUNS
    )


def _is_due_cursor(text: str) -> bool:
    due, _, code = text.partition("|")
    if not code or due == "infinity":
        return bool(code)
    try:
        return datetime.fromisoformat(due).tzinfo is not None
    except ValueError:
        return False


def _document(pack: Scorecard) -> Mapping[str, Any]:
    return pack.model_dump(mode="json", by_alias=True)


def _entry(period: Period, pack: Scorecard, context: Context, *, counts: int, now: datetime) -> Entry:
    return Act(
        operation="close_scores",
        outcome="accepted",
        reference=f"scores:{period.name}",
        facts={"pack": pack.id, "counts": counts},
    ).entry(context, at=now)
