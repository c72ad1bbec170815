"""Reviews of the log in PostgreSQL; what was written is sealed."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from gateway.audit.keys import Sealer
from gateway.audit.reviews import Counted, Pace, Period, Review, Verdict
from gateway.database import Database, queries

SQL = queries("oversight")


class PostgresReviews:
    """Implements `ReviewStore`."""

    def __init__(self, database: Database, sealer: Sealer) -> None:
        self._database = database
        self._sealer = sealer

    async def begins(self, tenant: str) -> datetime | None:
        rows = await self._rows("log_begins", tenant=tenant)
        at: datetime | None = rows[0]["at"]
        return at

    async def tally(self, tenant: str, *, since: datetime, until: datetime, limit: int) -> Sequence[Counted]:
        rows = await self._rows("tally", tenant=tenant, since=since, until=until, limit=limit)
        return [Counted(**row) for row in rows]

    async def sign(self, tenant: str, review: Review) -> Review | None:
        values = {
            "pace": review.period.pace.value,
            "first_day": review.period.first,
            "reviewed_at": review.at,
            "reviewed_by": review.by,
            "verdict": review.verdict.value,
            "words": self._sealer.seal(review.words.encode(), purpose=_place(tenant, review.period)),
            "leaves": review.leaves,
        }
        rows = await self._rows("sign_review", tenant=tenant, **values)
        return self._review(rows[0]) if rows else None

    async def find(self, tenant: str, period: Period) -> Review | None:
        rows = await self._rows("review_of", tenant=tenant, pace=period.pace.value, first_day=period.first)
        return self._review(rows[0]) if rows else None

    async def reviewed(self, tenant: str) -> Collection[Period]:
        return {_period(row) for row in await self._rows("reviewed", tenant=tenant)}

    async def listed(self, tenant: str, *, limit: int) -> Sequence[Review]:
        return [self._review(row) for row in await self._rows("reviews", tenant=tenant, limit=limit)]

    async def _rows(self, name: str, **values: Any) -> list[dict[str, Any]]:
        return await (await self._database.run(SQL[name], values)).fetchall()

    def _review(self, row: dict[str, Any]) -> Review:
        period = _period(row)
        return Review(
            period=period,
            at=row["reviewed_at"],
            by=row["reviewed_by"],
            verdict=Verdict(row["verdict"]),
            words=self._sealer.unseal(row["words"], purpose=_place(row["tenant"], period)).decode(),
            leaves=row["leaves"],
        )


def _period(row: dict[str, Any]) -> Period:
    return Period(pace=Pace(row["pace"]), first=row["first_day"])


def _place(tenant: str, period: Period) -> str:
    return f"log_review/{tenant}/{period.name}"
