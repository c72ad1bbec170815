"""`lienthong scores` over a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder
from score_house import ScoreHouse, fact

from gateway.database import open_database


@pytest.fixture(scope="module")
def lienthong(database_url: str) -> Iterator[Run]:
    async def take() -> None:
        async with open_database(database_url, size=2) as database:
            await ScoreHouse(database, "H99").take([fact(1), fact(2, channel="counter")])

    asyncio.run(take())
    with reachable_folder() as state:
        yield typed(database_url, state)


def test_a_report_says_what_is_not_measured(lienthong: Run) -> None:
    """KPI-01 (part)."""
    told = lienthong("scores", "report", "--period", "2026-10").stdout
    for said in ("chưa đo được", "1/2", "chưa đóng kỳ", "trên 100: từ"):
        assert said in told, said
    wrong = lienthong("scores", "report", "--period", "10/2026")
    assert (wrong.returncode, "2026-Q4" in wrong.stderr) == (2, True)


def test_a_closed_period_is_exported_as_it_was(lienthong: Run, database_url: str, tmp_path: Path) -> None:
    """KPI-05 (part), KPI-07 (part): closing is a leaf."""
    assert lienthong("scores", "close", "2026-10").returncode == 0
    assert lienthong("scores", "close", "2026-10").returncode == 2
    assert "2026-10" in lienthong("scores", "list").stdout
    told = json.loads(lienthong("scores", "export", "--period", "2026-10").stdout)
    assert told["closed_at"]
    assert lienthong("scores", "export", "--period", "2026-10", "--csv", "--to", tmp_path / "diem.csv").returncode == 0
    assert (tmp_path / "diem.csv").read_bytes().startswith(b"\xef\xbb\xbfperiod,scope")
    with psycopg.connect(database_url) as connection:
        leaves = [bytes(row[0]) for row in connection.execute("SELECT leaf FROM lienthong.audit_leaf").fetchall()]
    assert sum(b'"operation":"close_scores"' in leaf for leaf in leaves) == 1
