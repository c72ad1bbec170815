"""Tables that grow without end are cut into months, so that old months can be moved or dropped whole."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.database.pool import Database

AHEAD = timedelta(days=92)


async def ensure_partitions(database: Database, *, now: datetime) -> None:
    """Make the monthly partitions of every partitioned table for this month and the three after it."""
    async with database.transaction() as connection:
        await connection.execute("SELECT ensure_partitions(%s, %s)", (now, now + AHEAD))
