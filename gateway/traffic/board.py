"""The board: each national system as a card, of figures that are kept anyway (KPI-10)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from gateway.agreements.model import Agreement, AgreementService, AgreementState
from gateway.alarms.model import Alarm, AlarmService
from gateway.delivery.model import Lane
from gateway.delivery.store import Outbox
from gateway.domain import local_day
from gateway.exchange.breaker import BreakerState
from gateway.exchange.system import System
from gateway.ledger.model import Round
from gateway.ledger.store import LedgerStore
from gateway.maintenance.model import MaintenanceService, Window
from gateway.signing.expiry import Held
from gateway.traffic.model import Grain, Tally, Wanted
from gateway.traffic.state import Limits, Seen, State, Why, judge
from gateway.traffic.store import TrafficStore
from gateway.traffic.tally import floor, quantile

QUARTER, NEWEST = timedelta(minutes=15), timedelta(minutes=2)
MOST = 100
"""Discrepancies and alarms that are counted; more are told as more."""
NOTHING = Tally()


class Ways(Protocol):
    """What the board asks of the exchange of this process."""

    @property
    def systems(self) -> Mapping[str, System]: ...

    def token_left_s(self, system: str) -> float | None:
        """None: this process holds none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where the figures come from. `held`: the certificates that a system's traffic depends on."""

    traffic: TrafficStore
    outbox: Outbox
    ledger: LedgerStore
    agreements: AgreementService
    alarms: AlarmService
    ways: Ways
    held: Callable[[str, datetime], Sequence[Held]]
    maintenance: MaintenanceService


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One way to a system, and its breaker in this process."""

    name: str
    breaker: BreakerState


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """One system. `quarter`: its calls of the last 15 minutes. `round`: the last comparison that came to its end.
    `lane` None: everything is delivered. `agreement_end`, `certificate_end`, `token_left_s`: the next of them; None:
    there is none, or none is known."""

    system: str
    title: str
    title_vi: str
    state: State
    why: Why
    quarter: Tally
    ways: tuple[Way, ...]
    lane: Lane | None
    round: Round | None
    discrepancies: int
    alarms: int
    agreement_end: date | None = None
    certificate_end: datetime | None = None
    token_left_s: float | None = None
    window: Window | None = None
    """The planned suspension that it is in."""

    @property
    def p50(self) -> float | None:
        return quantile(self.quarter.latency, 0.5)

    @property
    def p95(self) -> float | None:
        return quantile(self.quarter.latency, 0.95)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """The whole board. `counted_at`: whatever was recorded until then is in the figures; None: nothing was counted."""

    at: datetime
    cards: Sequence[Card]
    alarms: int
    counted_at: datetime | None

    @property
    def is_fresh(self) -> bool:
        """Whether the figures are of now."""
        return is_fresh(self.counted_at, self.at)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What was read once for all cards."""

    at: datetime
    counted_at: datetime | None
    quarter: Mapping[str, Tally]
    newest: Mapping[str, Tally]
    lanes: Mapping[str, Lane]
    stopped: Collection[str]
    windows: Mapping[str, Window]
    alarms: Sequence[Alarm]
    ends: Mapping[str, date]


class Board:
    """Reads everything that a card shows."""

    def __init__(self, sources: Sources, limits: Limits, *, clock: Callable[[], datetime]) -> None:
        self._sources = sources
        self._limits = limits
        self._clock = clock

    async def view(self, tenant: str) -> View:
        found = await self._found(tenant)
        systems = self._sources.ways.systems.items()
        cards = [await self._card(tenant, system, found) for _, system in sorted(systems)]
        return View(at=found.at, cards=cards, alarms=len(found.alarms), counted_at=found.counted_at)

    async def _found(self, tenant: str) -> _Found:
        own, at = self._sources, self._clock()
        _, counted_at = await own.traffic.place(tenant)  # before the figures: they are no older than it says
        quarter, newest, lanes, alarms, agreements = await asyncio.gather(
            self._since(tenant, at, QUARTER),
            self._since(tenant, at, NEWEST),
            own.outbox.lanes(tenant),
            own.alarms.listed(tenant, everything=False, limit=MOST + 1),
            own.agreements.listed(tenant),
        )
        return _Found(
            at=at,
            counted_at=counted_at,
            quarter=quarter,
            newest=newest,
            lanes={lane.target: lane for lane in lanes},
            stopped=await own.outbox.paused(tenant),
            windows={window.plan.subject: window for window in await own.maintenance.current(tenant, at)},
            alarms=alarms,
            ends=_ends(agreements),
        )

    async def _since(self, tenant: str, at: datetime, span: timedelta) -> Mapping[str, Tally]:
        """The minute that goes on counts as one of them."""
        until = floor(at, Grain.MINUTE) + timedelta(minutes=1)
        return await self._sources.traffic.by_system(
            tenant, Wanted(grain=Grain.MINUTE, since=until - span, until=until)
        )

    async def _card(self, tenant: str, system: System, found: _Found) -> Card:
        own, name = self._sources, system.id
        ways = tuple(Way(name=line.name, breaker=line.breaker.state) for line in system.lines)
        seen = Seen(
            quarter=found.quarter.get(name, NOTHING),
            newest=found.newest.get(name, NOTHING),
            is_paused=name in found.stopped,
            is_planned=name in found.windows,
            is_cut=any(line.breaker.state is BreakerState.OPEN for line in system.used(on=local_day(found.at))),
            is_stale=not is_fresh(found.counted_at, found.at),
        )
        state, why = judge(seen, self._limits)
        certificates = [held.certificate.not_valid_after_utc for held in own.held(name, found.at)]
        return Card(
            system=name,
            title=system.connector.manifest.title,
            title_vi=system.connector.manifest.title_vi,
            state=state,
            why=why,
            quarter=seen.quarter,
            ways=ways,
            lane=found.lanes.get(name),
            round=await own.ledger.last_round(tenant, name),
            discrepancies=len(await own.ledger.troubles(tenant, name, limit=MOST + 1)),
            alarms=sum(_concerns(alarm, name) for alarm in found.alarms),
            agreement_end=found.ends.get(name),
            certificate_end=min(certificates, default=None),
            token_left_s=own.ways.token_left_s(name),
            window=found.windows.get(name),
        )


def is_fresh(counted_at: datetime | None, at: datetime) -> bool:
    """Whether figures that were counted up to `counted_at` are of now."""
    return counted_at is not None and at - counted_at <= NEWEST


def _ends(agreements: Sequence[tuple[Agreement, AgreementState]]) -> dict[str, date]:
    """By system the next end of what is in force; where nothing is, the newest end that was."""
    over: dict[str, date] = {}
    coming: dict[str, date] = {}
    for held, state in agreements:
        system, until = held.terms.system, held.terms.until
        if until is not None and state is AgreementState.ENDED:
            over[system] = max(over.get(system, until), until)
        elif until is not None and state is AgreementState.IN_FORCE:
            coming[system] = min(coming.get(system, until), until)
    endless = {held.terms.system for held, state in agreements if state is AgreementState.IN_FORCE}
    return {**{system: until for system, until in over.items() if system not in endless}, **coming}


def _concerns(alarm: Alarm, system: str) -> bool:
    facts = alarm.occasion.facts
    return alarm.occasion.about == f"system:{system}" or system in {facts.get("system"), facts.get("target")}
