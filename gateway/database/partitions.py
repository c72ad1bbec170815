"""Tables that grow without end are cut into months, so that old months can be moved or dropped whole."""

from __future__ import annotations

from datetime import datetime, timedelta

import psycopg
import structlog

from gateway.database.pool import Database

AHEAD = timedelta(days=92)

log = structlog.get_logger()


async def ensure_partitions(database: Database, *, now: datetime) -> None:
    """Make the monthly partitions of every partitioned table for this month and the three after it."""
    try:
        async with database.own_transaction() as connection:
            # Every insert would queue behind it while it waits for a backup's lock.
            await connection.execute("SET LOCAL lock_timeout = '2s'")
            await connection.execute("SELECT ensure_partitions(%s, %s)", (now, now + AHEAD))
    except psycopg.errors.LockNotAvailable:
        log.warning("partitions_wait", why="another session holds a lock; the default partition takes the rows")
