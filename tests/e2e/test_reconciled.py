"""A portal that lost what it had acknowledged is found out, mended, and shows in the figures."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import journey
import loopback
import pytest
from story import JOURNEY, SCOPES, Caller
from town import Town

CODES = [f"000.00.05.H99-261124-{number:04d}" for number in range(1, 4)]


@pytest.fixture
def town(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[Town]:
    settings = {**journey.FAST, "LIENTHONG_DATABASE_URL": database_url, "LIENTHONG_SYNC__RECONCILE": "[]"}
    town = Town(tmp_path_factory.mktemp("ledger"), first_port=journey.free_ports(), settings=settings)
    try:
        town.start_mocks()
        town.start_api()
        town.start_worker("worker")
        yield town
    finally:
        town.stop()


def test_a_portal_that_lost_a_dossier_is_found_out_and_mended(town: Town) -> None:
    """SYN-12, KPI-02; KPI-09 (part): exclusions, cut-off and rule version stand beside each figure."""
    with closing(Caller(town, town.add_client("motcua", *SCOPES))) as caller:
        for code in CODES:
            journey.send(caller, code)
        for code in CODES:
            assert journey.arrive(caller, code)["complete"]
        assert "equal" in town.lienthong("sync", "reconcile").stdout
        assert report(town)["completeness"]["percent"] == 100.0
        lost = loopback.delete(f"{town.mock_url('national_portal')}/_mock/dossiers/{CODES[0]}")
        assert lost.status_code == 204
        assert "missing" in town.lienthong("sync", "reconcile").stdout
        broken = report(town)
        assert (broken["completeness"]["numerator"], broken["completeness"]["denominator"]) == (2, 3)
        assert (broken["completeness"]["excluded"], broken["rule"], bool(broken["cut_off"])) == (0, "KPI-02/1", True)
        assert [found["code"] for found in broken["unsynced"]] == [CODES[0]]
        mended = journey.arrive(caller, CODES[0])
        assert mended["complete"]
        versions, steps = journey.held(town, CODES[0])
        assert (versions, sorted(steps)) == ([JOURNEY[-1]], sorted(JOURNEY[1:]))  # as it is now, and every step
        town.lienthong("sync", "reconcile")
        assert report(town)["completeness"]["percent"] == 100.0


def report(town: Town) -> Any:
    day = journey.BEGAN.date().isoformat()
    return json.loads(town.lienthong("sync", "report", "--since", day, "--until", day, "--json").stdout)
