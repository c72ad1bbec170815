"""Fixtures of the whole suite. PostgreSQL starts once, and only when a test asks for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime

import hypothesis
import pytest
import structlog
from leak_watch import Watch
from midnight import clear_of_midnight
from postgres import fresh_database, server
from psycopg import conninfo

from gateway.database import Database, ensure_partitions, migrate, open_database

WATCH = Watch()
"""Fails the run when personal data got into a log, an address, a trace or an error text."""

# By the clock a busy machine fails what is right: an example of 200 ms, or the first letter drawn in a fresh checkout,
# for which the table of all letters is made. Whatever hangs is ended by the time-out of a test.
hypothesis.settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("any machine")

# Tracebacks with every local value take seconds and would show what production never does.
structlog.configure(
    processors=[
        WATCH.event,
        structlog.processors.add_log_level,
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
)


def pytest_configure(config: pytest.Config) -> None:
    config.pluginmanager.register(WATCH, "leak_watch")


@pytest.fixture
def one_day() -> None:
    """The test begins well before a midnight of Viet Nam, or after it."""
    clear_of_midnight()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    with server() as dsn:
        yield dsn


@pytest.fixture(scope="session")
def _template(postgresql: str) -> Iterator[str]:
    """A migrated database that the others are copied from."""

    async def prepare(dsn: str) -> None:
        await migrate(dsn)
        async with open_database(dsn, size=2) as database:
            await ensure_partitions(database, now=datetime(2026, 11, 1, tzinfo=UTC))

    with fresh_database(postgresql) as dsn:
        asyncio.run(prepare(dsn))
        yield conninfo.conninfo_to_dict(dsn)["dbname"]  # type: ignore[misc]  # a dsn of ours always names its database


@pytest.fixture(scope="module")
def database_url(postgresql: str, _template: str) -> Iterator[str]:
    """A migrated database of this module's own."""
    with fresh_database(postgresql, template=_template) as dsn:
        yield dsn


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with open_database(database_url, size=5) as opened:
        yield opened
