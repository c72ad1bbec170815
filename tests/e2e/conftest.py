"""A town of real processes on free ports, with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from journey import free_ports
from story import SCOPES, Caller
from town import Town

FAST = {
    "LIENTHONG_DELIVERY__LEASE_S": "2",
    "LIENTHONG_DELIVERY__POLL_S": "0.2",
    "LIENTHONG_DELIVERY__SETTLE_AFTER_S": "0.2",
    "LIENTHONG_DELIVERY__BACKOFF_BASE_S": "0.1",
    "LIENTHONG_DELIVERY__BACKOFF_CAP_S": "0.5",
    "LIENTHONG_BREAKER__COOL_DOWN_S": "0.5",
}


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """API, one worker and the four mocks."""
    logs = Path(tmp_path_factory.mktemp("town"))
    town = Town(logs, first_port=free_ports(), settings={**FAST, "LIENTHONG_DATABASE_URL": database_url})
    try:
        town.start_mocks()
        town.start_api()
        town.start_worker()
        yield town
    finally:
        town.stop()


@pytest.fixture(scope="module")
def caller(town: Town) -> Iterator[Caller]:
    with closing(Caller(town, town.add_client("motcua", *SCOPES))) as caller:
        yield caller
