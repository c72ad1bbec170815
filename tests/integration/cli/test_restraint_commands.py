"""Alarms, copies and purposes on the command line, over a real database."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder
from pydantic import SecretStr
from services import CONTEXT

from gateway.bootstrap import open_gateway
from gateway.sdk import ConfigurationError
from gateway.sdk.errors import TooManyRequestsError
from gateway.settings import Settings

OFFICER = "officer:motcua/000.00.05.H99/canbo.mau"


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state)


def settings(database_url: str, state: Path, **more: Any) -> Settings:
    return Settings(sandbox=True, database_url=SecretStr(database_url), state=state, **more)


def search(database_url: str, state: Path, *, first: int = 0) -> list[str]:
    """What became of five look-ups of numbers in a row; no register answers here, which is no miss."""

    async def act() -> list[str]:
        own = settings(database_url, state, restraint={"patterns": {"neighbours": 3}})
        async with open_gateway(own, database_url) as gateway:
            return [await one(gateway.services.lookups, number) for number in range(first, first + 5)]

    async def one(lookups: Any, number: int) -> str:
        asked = {"personal_id": f"09918500{number:04d}", "full_name": "Trần Thị Mẫu", "birth_date": "1985"}
        asked["purpose"] = {"officer_id": "canbo.mau"}  # type: ignore[assignment]  # as the API hands it over
        try:
            return str((await lookups.verify_citizen(asked, context=CONTEXT)).verdict)
        except TooManyRequestsError as exc:
            return exc.error_code

    return asyncio.run(act())


def leaves(database_url: str, operation: str) -> list[Any]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    return [leaf for leaf in (json.loads(bytes(row[0])) for row in rows) if leaf["operation"] == operation]


def test_a_blocked_officer_is_seen_settled_and_lifted_and_each_act_is_a_leaf(
    lienthong: Run, database_url: str, state: Path
) -> None:
    """POP-07, SEC-04 (part)."""
    assert "Không có cảnh báo" in lienthong("alarms", "list").stdout
    assert search(database_url, state)[2:] == ["undetermined", "caller.enumeration", "caller.enumeration"]
    listed = lienthong("alarms", "list")
    assert listed.returncode == 0, listed.stderr
    assert OFFICER in listed.stdout
    assert "lookup_neighbours" in listed.stdout
    (raised,) = leaves(database_url, "raise_alarm")
    number = raised["reference"].removeprefix("alarm:")
    shown = lienthong("alarms", "show", number).stdout
    assert f"held: {OFFICER}" in shown
    assert "0991850" not in shown + json.dumps(raised)
    nameless = lienthong("alarms", "settle", number, "--by", " ", "--reason", "x")
    assert (nameless.returncode, leaves(database_url, "settle_alarm")) == (2, [])
    settled = lienthong("alarms", "settle", number, "--by", "Trưởng phòng", "--reason", "Đã kiểm tra", "--lift")
    assert settled.returncode == 0, settled.stderr
    assert OFFICER in settled.stdout
    (act,) = leaves(database_url, "settle_alarm")
    assert act["facts"] == {"kind": "lookup_neighbours", "about": OFFICER, "lifted": OFFICER}
    assert "Trưởng" not in json.dumps(act, ensure_ascii=False)
    assert set(act["bodies"]) == {"by", "reason"}
    again = lienthong("alarms", "settle", number, "--by", "Trưởng phòng", "--reason", "x")
    assert (again.returncode, "caller.conflict" in again.stderr) == (2, True)
    assert "Trưởng phòng" in lienthong("alarms", "show", number).stdout
    assert lienthong("alarms", "show", "999999").returncode == 2
    assert search(database_url, state)[0] == "undetermined"


def test_a_block_is_lifted_after_its_alarm_was_settled(lienthong: Run, database_url: str, state: Path) -> None:
    told = search(database_url, state, first=20)
    assert told[-1] == "caller.enumeration"
    number = leaves(database_url, "raise_alarm")[-1]["reference"].removeprefix("alarm:")
    said = ("--by", "Trưởng phòng", "--reason", "Đã kiểm tra")
    assert lienthong("alarms", "settle", number, *said).returncode == 0
    assert search(database_url, state)[0] == "caller.enumeration"
    assert OFFICER in lienthong("alarms", "lift", number, *said).stdout
    assert "Không ai" in lienthong("alarms", "lift", number, *said).stdout
    assert [act["facts"]["lifted"] for act in leaves(database_url, "lift_block")] == [OFFICER, ""]
    assert search(database_url, state)[0] == "undetermined"


def test_copies_are_cleared_and_the_act_is_a_leaf(lienthong: Run, database_url: str) -> None:
    """CON-17 (part)."""
    end = datetime.now(UTC) + timedelta(hours=1)
    with psycopg.connect(database_url) as connection:
        for name, system in ((b"1", "population"), (b"2", "business_registry"), (b"3", "business_registry")):
            connection.execute(
                "INSERT INTO lienthong.lookup_copy VALUES ('H99', %s, %s, 'lookup', now(), %s, 'x')",
                (name, system, end),
            )
    assert lienthong("cache", "clear", "--system", "business_registry").stdout.startswith("2 copies")
    assert lienthong("cache", "clear").stdout.startswith("1 copies")
    acts = [(act["reference"], act["facts"]) for act in leaves(database_url, "clear_cache")]
    assert acts == [("business_registry", {"copies": 2}), ("", {"copies": 1})]


def test_purposes_are_tried_and_shown(lienthong: Run, tmp_path: Path) -> None:
    good = tmp_path / "good.yaml"
    good.write_text(
        'effective_from: 2026-01-01\nbasis: Quyết định mẫu\nprocedures:\n  "1.009996": {citizen: [gender]}\n'
    )
    assert lienthong("purposes", "check", str(good)).stdout.startswith("1 procedures")
    assert lienthong("purposes", "check", str(tmp_path)).returncode == 0
    good.write_text(good.read_text().replace("gender", "sex"))
    for path in (good, tmp_path):
        wrong = lienthong("purposes", "check", str(path))
        assert wrong.returncode == 2
        assert "good.yaml: line 4, procedures.1.009996.citizen.0" in wrong.stderr
    shown = lienthong("purposes", "show", "1.009999.H99").stdout
    assert "MOCK-" in shown
    assert "hôm nay" in shown
    assert "accounts, registrations" in shown
    assert lienthong("purposes", "show", "1.009990").returncode == 2


def test_the_doctor_says_that_nothing_may_be_looked_up_and_what_is_wrong(lienthong: Run, tmp_path: Path) -> None:
    assert "thủ tục được phép tra cứu" in lienthong("doctor").stdout
    nothing = lienthong("doctor", LIENTHONG_SANDBOX="false").stdout
    assert "Chưa thủ tục nào được phép tra cứu" in nothing
    (tmp_path / "x.yaml").write_text("effective_from: soon\n")
    broken = lienthong("doctor", LIENTHONG_RESTRAINT__PURPOSES=str(tmp_path))
    assert (broken.returncode, "x.yaml: line 1" in broken.stdout) == (1, True)


async def test_a_broken_file_of_purposes_stops_the_start(database_url: str, state: Path, tmp_path: Path) -> None:
    (tmp_path / "x.yaml").write_text("effective_from: soon\n")
    own = settings(database_url, state, restraint={"purposes": tmp_path})
    with pytest.raises(ConfigurationError, match=r"x\.yaml: line 1, effective_from"):
        async with open_gateway(own, database_url):
            pass


@pytest.mark.parametrize("operation", ["sync_dossier", "no_such_operation"])
async def test_what_is_no_look_up_is_never_kept(database_url: str, state: Path, operation: str) -> None:
    """POP-08 (part)."""
    rule = {"operation": operation, "seconds": 60, "basis": "MOCK-: quy chế"}
    own = settings(database_url, state, cache=[rule])
    with pytest.raises(ConfigurationError, match=operation):
        async with open_gateway(own, database_url):
            pass


async def test_what_look_ups_left_is_forgotten_when_its_time_is_over(database_url: str, state: Path) -> None:
    """POP-08, PDP-11 (part)."""
    past = datetime.now(UTC) - timedelta(days=31)
    async with open_gateway(settings(database_url, state), database_url) as gateway:
        async with gateway.ground.database.transaction() as connection:
            await connection.execute(
                "INSERT INTO lookup_copy VALUES ('H99', '9', 's', 'lookup', %s, now(), 'x')", (past,)
            )
            await connection.execute(
                "INSERT INTO restraint_mark VALUES ('H99', 'o', 'd', 's', NULL, 'c', %s, %s)", (past, past)
            )
        await gateway.work.forget()
        async with gateway.ground.database.transaction() as connection:
            left = await connection.execute(
                "SELECT count(*) AS n FROM (SELECT name FROM lookup_copy WHERE name = '9' "
                "UNION ALL SELECT subject FROM restraint_mark WHERE officer = 'o') AS rows"
            )
            assert (await left.fetchone())["n"] == 0  # type: ignore[index]  # a count has one row
