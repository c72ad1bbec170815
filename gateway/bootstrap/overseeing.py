"""Who looks after the log: verifications that go on by themselves, and the reviews of each week and month (SEC-07)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import time

from gateway.alarms.model import Occasion
from gateway.audit.checks import Alarm, LogChecks
from gateway.audit.reviews import Pace, Reviews
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.evidence import source_of
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.chores.nightly import Chore
from gateway.observability import own_context

LATE = "log_review_late"
AT = time(7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overseeing:
    """One of each."""

    checks: LogChecks
    reviews: Reviews
    chores: tuple[Chore, ...]

    @classmethod
    def on(cls, ground: Ground, stores: Stores) -> Overseeing:
        together = ground.database.transaction

        async def alarm(kind: str, about: str, facts: Mapping[str, str | int]) -> None:
            occasion = Occasion(kind=kind, about=about, facts=facts)
            await ground.alarms.raise_alarm(occasion, context=own_context(ground.tenant))

        reviews = Reviews(
            stores.office.log_reviews,
            tenant=ground.tenant,
            recorder=ground.recorder,
            atomically=together,
            clock=utc_now,
        )

        return cls(
            checks=LogChecks(
                source_of(ground, stores),
                stores.office.log_checks,
                recorder=ground.recorder,
                alarm=alarm,
                atomically=together,
                clock=utc_now,
            ),
            reviews=reviews,
            chores=(Chore(name="log_reviews", at=AT, do=lambda: remind(reviews, alarm)),),
        )


async def remind(reviews: Reviews, alarm: Alarm) -> int:
    """One alarm for the weeks and one for the months whose review is late; each counts the days. How many wait."""
    late = await reviews.late()
    for pace in Pace:
        if waiting := [period for period in late if period.pace is pace]:
            await alarm(LATE, f"log_review:{pace}", {"waiting": len(waiting), "oldest": waiting[0].name})
    return len(late)
