"""A town of real processes on free ports, with a database of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from browser import payer
from journey import FAST, free_ports
from leak_watch import Watch
from playwright.sync_api import Page
from story import SCOPES, Caller
from till_steps import Till, open_till
from town import MOCKS, Town


@pytest.fixture(scope="module")
def town(database_url: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Town]:
    """API, one worker and the mocks. At the end, no address that reached a mock holds personal data (PDP-15)."""
    logs = Path(tmp_path_factory.mktemp("town"))
    town = Town(logs, first_port=free_ports(), settings={**FAST, "LIENTHONG_DATABASE_URL": database_url})
    try:
        town.start_mocks()
        town.start_api()
        town.start_worker()
        yield town
        watch: Watch = request.config.pluginmanager.getplugin("leak_watch")
        watch.journals([town.mock_url(name) for name in town.processes if name in MOCKS])
    finally:
        town.stop()


@pytest.fixture(scope="module")
def caller(town: Town) -> Iterator[Caller]:
    with closing(Caller(town, town.add_client("motcua", *SCOPES))) as caller:
        yield caller


@pytest.fixture(scope="module")
def till(database_url: str, tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Till]:
    """A town that takes money over every rail (PDP-15 as above)."""
    logs = Path(tmp_path_factory.mktemp("till"))
    with open_till(database_url, logs, "national_portal", "tax_authority") as till:
        yield till
        watch: Watch = request.config.pluginmanager.getplugin("leak_watch")
        watch.journals([till.town.mock_url(name) for name in till.town.processes if name in MOCKS])


@pytest.fixture
def page() -> Iterator[Page]:
    """The first tab of a payer's browser; `page.context` opens others."""
    with payer() as browser:
        yield browser.new_page()
