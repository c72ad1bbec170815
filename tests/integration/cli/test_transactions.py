"""Find a transaction on the command line, and whose fault it was."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Run, typed
from postgres import reachable_folder
from pydantic import SecretStr

from gateway.audit.model import Entry, EntryKind
from gateway.bootstrap import open_gateway, utc_now
from gateway.settings import Settings

CODE = "H99-261129-0042"
TRACE = "e" * 32


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state)


@pytest.fixture(scope="module")
def _recorded(database_url: str, state: Path, lienthong: Run) -> None:
    assert lienthong("migrate").returncode == 0

    async def act() -> None:
        settings = Settings(sandbox=True, database_url=SecretStr(database_url), state=state)
        async with open_gateway(settings, database_url) as gateway:
            told = Entry(
                kind=EntryKind.EXCHANGE,
                tenant=gateway.tenant,
                actor="worker",
                operation="sync_dossier",
                outcome="refused",
                occurred_at=utc_now(),
                trace_id=TRACE,
                system="national_portal",
                reference=CODE,
            )
            await gateway.ground.recorder.record(told)

    asyncio.run(act())


@pytest.mark.usefixtures("_recorded")
def test_a_dossier_is_found_and_its_course_is_told(lienthong: Run) -> None:
    found = lienthong("transactions", "find", CODE)
    assert found.returncode == 0, found.stderr
    assert TRACE in found.stdout
    assert "partner_business" in found.stdout
    for code in (CODE, TRACE):
        shown = lienthong("transactions", "show", code)
        assert "Hệ thống quốc gia từ chối về nghiệp vụ" in shown.stdout
        assert "refused" in shown.stdout


@pytest.mark.usefixtures("_recorded")
def test_what_is_nowhere_is_not_found(lienthong: Run) -> None:
    assert "Nothing was found" in lienthong("transactions", "find", "--fault", "ours").stdout
    assert lienthong("transactions", "show", "H99-NOTHING").returncode != 0
    refused = lienthong("transactions", "find", "123456789")
    assert refused.returncode != 0
    assert "personal number" in refused.stderr + refused.stdout
