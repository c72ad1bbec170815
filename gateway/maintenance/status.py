"""What everybody may read: how the gateway is, what is suspended when, and whom to ask (CON-15, CON-19). No personal
data, and nothing of the inside. Read at most every few seconds, however many people open it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from gateway.maintenance.model import Window
from gateway.maintenance.service import Maintenance
from gateway.maintenance.settings import ContactSettings

FRESH = timedelta(seconds=10)
HISTORY_DAYS = 90
MOST_PAST = 50


class Condition(StrEnum):
    """Tình trạng, in the words of the page."""

    WORKING = "working"
    TROUBLED = "troubled"
    """Some calls fail, or take long."""
    DOWN = "down"
    SUSPENDED = "suspended"
    """As announced."""
    PAUSED = "paused"
    """Nothing is sent to it for now, because staff stopped it; nobody announced anything."""
    UNKNOWN = "unknown"
    """Nobody asked it lately: nothing can be said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What people know the gateway or a system as."""

    id: str
    vi: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Day:
    """Of one system: how many exchanges there were, and how many of them failed technically."""

    day: date
    calls: int
    failed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One line of the page. `days`: oldest first; a day without calls says nothing, good or bad."""

    subject: Subject
    condition: Condition
    days: Sequence[Day] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """The whole page."""

    at: datetime
    standings: Sequence[Standing]
    current: Sequence[Window]
    coming: Sequence[Window]
    past: Sequence[Window]
    contact: ContactSettings


class StatusPage:
    """`conditions`: how each system is now, by id; `days`: what it was like, by id, since a day."""

    def __init__(
        self,
        maintenance: Maintenance,
        *,
        tenant: str,
        subjects: Sequence[Subject],
        conditions: Callable[[], Awaitable[Mapping[str, Condition]]],
        days: Callable[[date], Awaitable[Mapping[str, Sequence[Day]]]],
        contact: ContactSettings,
        clock: Callable[[], datetime],
    ) -> None:
        self._maintenance = maintenance
        self._tenant = tenant
        self.subjects = subjects
        self._conditions = conditions
        self._days = days
        self._contact = contact
        self._clock = clock
        self._read: Status | None = None
        self._reading = asyncio.Lock()

    async def read(self) -> Status:
        """As it was within the last seconds. Many at once cause one reading."""
        async with self._reading:
            if self._read is None or self._clock() - self._read.at >= FRESH:
                self._read = await self._fresh()
            return self._read

    def forget(self) -> None:
        """Something was announced: the next one who opens it sees that. Other processes follow within seconds."""
        self._read = None

    async def _fresh(self) -> Status:
        now, tenant = self._clock(), self._tenant
        current = await self._maintenance.current(tenant, now)
        conditions = dict(await self._conditions())
        conditions |= dict.fromkeys((window.plan.subject for window in current), Condition.SUSPENDED)
        days = await self._days((now - timedelta(days=HISTORY_DAYS)).date())
        return Status(
            at=now,
            standings=[
                Standing(
                    subject=subject,
                    condition=conditions.get(subject.id, Condition.UNKNOWN),
                    days=days.get(subject.id, ()),
                )
                for subject in self.subjects
            ],
            current=current,
            coming=await self._maintenance.coming(tenant),
            past=await self._maintenance.past(tenant, limit=MOST_PAST),
            contact=self._contact,
        )


def document(status: Status) -> Mapping[str, object]:
    """The page for programs: `/trang-thai.json`."""
    contact = status.contact
    return {
        "at": status.at.isoformat(),
        "systems": [
            {
                "id": line.subject.id,
                "title": line.subject.vi,
                "title_en": line.subject.en,
                "state": line.condition.value,
            }
            for line in status.standings
        ],
        "suspensions": [_suspension(window, status.at) for window in (*status.current, *status.coming, *status.past)],
        "contact": {"office": contact.office, "telephone": contact.telephone, "email": contact.email},
    }


def _suspension(window: Window, at: datetime) -> Mapping[str, object]:
    plan = window.plan
    return {
        "id": window.id,
        "subject": plan.subject,
        "begins": plan.begins.isoformat(),
        "expected_recovery": plan.ends.isoformat(),
        "ended": window.ended_at.isoformat() if window.ended_at else None,
        "announced": window.announced_at.isoformat(),
        "text": plan.text,
        "text_en": plan.text_en,
        "force_majeure": plan.force_majeure,
        "state": window.state(at).value,
    }
