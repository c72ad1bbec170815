"""`lienthong catalogues` and `lienthong places` over a real database and a mock portal on a socket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import loopback
import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder
from typer.testing import CliRunner

from gateway.cli.main import app
from mocks._kit.serve import serving
from mocks.national_portal.app import create_app

EXAMPLE = Path(__file__).parents[3] / "deploy" / "places" / "example.csv"


@pytest.fixture(scope="module")
def portal() -> Iterator[str]:
    with serving(create_app()) as url:
        yield url


@pytest.fixture(scope="module")
def lienthong(database_url: str, portal: str) -> Iterator[Run]:
    systems = {"national_portal": {"base_url": f"{portal}/XrdAdapter/RestService/forward"}}
    with reachable_folder() as state:
        yield typed(database_url, state, LIENTHONG_SYSTEMS=json.dumps(systems))


def acts(database_url: str, operation: str) -> list[dict[str, Any]]:
    with psycopg.connect(database_url) as connection:
        leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    return [act for leaf in leaves if (act := json.loads(bytes(leaf[0])))["operation"] == operation]


def test_lists_are_taken_from_the_portal_and_what_drifts_is_told(
    lienthong: Run, database_url: str, portal: str
) -> None:
    """COD-12 (part): each act is a leaf."""
    assert "Chưa thấy thay đổi nào" in lienthong("catalogues", "drift").stdout
    taken = lienthong("catalogues", "sync")
    assert taken.returncode == 0, taken.stderr
    assert "+ G03-GD10  Lĩnh vực ví dụ" in taken.stdout
    assert "agencies" in taken.stdout
    [row] = [line for line in lienthong("catalogues", "list").stdout.splitlines() if "fields" in line]
    assert [part.strip() for part in row.split("│")[2:4]] == ["1", "2"]
    rows = [{"MALINHVUC": "G03-GD10", "TENLINHVUC": "Tên mới", "MANGANH": "G03"}]
    loopback.post(f"{portal}/_mock/catalogue", json={"name": "fields", "rows": rows}).raise_for_status()
    assert lienthong("catalogues", "sync", "fields").returncode == 0
    told = lienthong("catalogues", "drift", "--limit", "1").stdout
    assert "~ G03-GD10  Lĩnh vực ví dụ → Tên mới" in told
    assert "- G05-VD20" in told
    rows = [{"MALINHVUC": "X", "TENLINHVUC": "X", "MANGANH": "X"}]
    loopback.post(f"{portal}/_mock/catalogue", json={"name": "fields", "rows": rows}).raise_for_status()
    assert "--believe" in lienthong("catalogues", "sync", "fields").stdout
    assert "version 3" in lienthong("catalogues", "sync", "fields", "--believe").stdout
    assert [act["facts"]["believe"] for act in acts(database_url, "sync_catalogue")] == [0, 0, 0, 0, 0, 1]
    wrong = lienthong("catalogues", "sync", "weather")
    assert (wrong.returncode, "weather" in wrong.stderr) == (2, True)


def test_a_dossier_that_waits_for_a_code_is_listed(lienthong: Run, database_url: str) -> None:
    """COD-12 (part)."""
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO lienthong.quarantine VALUES ('H99', 'national_portal', 'D1', 'fields', 'G09-MOI01', now())"
        )
    assert "G09-MOI01" in lienthong("catalogues", "waiting").stdout


def test_places_are_shown_first_then_taken_once_and_found_by_old_and_new_code(
    lienthong: Run, database_url: str
) -> None:
    """ORG-03 (part), ORG-09 (part): official codes come from the province's file."""
    shown = lienthong("places", "import", str(EXAMPLE))
    assert "324 mới, 0 đổi, 0 giữ nguyên. Nothing done" in shown.stdout, shown.stderr
    done = lienthong("places", "import", str(EXAMPLE), "--yes")
    assert "324 mới, 0 đổi, 0 giữ nguyên. Done" in done.stdout
    assert "0 mới, 0 đổi, 324 giữ nguyên" in lienthong("places", "import", str(EXAMPLE), "--yes").stdout
    assert [act["facts"]["added"] for act in acts(database_url, "import_places")] == [324, 0]
    today = lienthong("places", "resolve", "MOCK-HG").stdout
    assert ("mã kế thừa" in today, "thành phố Cần Thơ" in today, "tỉnh Hậu Giang" in today) == (True, True, True)
    assert "Không có hồ sơ nào của cơ quan đã hết hiệu lực" in lienthong("places", "orphans").stdout
    then = lienthong("places", "resolve", "MOCK-P01", "--on", "2025-06-30").stdout
    assert ("mã trước đó" in then, "MOCK-C001" in then, "MOCK-C002" in then) == (True, True, True)


def test_a_file_that_is_wrong_is_told_by_line_and_field_and_changes_nothing(lienthong: Run, tmp_path: Path) -> None:
    """ORG-03 (part)."""
    file = tmp_path / "sai.csv"
    file.write_text("code,name,kind,valid_from,successors\nA,Xã A,commune,2020-01-01,Z\nB,Xã B,village,2020-01-01,\n")
    refused = lienthong("places", "import", str(file), "--yes")
    assert (refused.returncode, "caller.places_file" in refused.stderr) == (2, True)
    assert "dòng 3, kind" in refused.stderr
    assert "Traceback" not in refused.stderr
    file.write_text("code,name,kind,valid_from,valid_to\nMOCK-CT,thành phố Cần Thơ,province,2025-07-01,2026-06-30\n")
    refused = lienthong("places", "import", str(file))
    assert "dòng recorded" not in refused.stderr
    assert "mã đã ghi MOCK-P01, parent" in refused.stderr
    unknown = lienthong("places", "resolve", "A")
    assert (unknown.returncode, "caller.unknown_place" in unknown.stderr) == (2, True)


@pytest.mark.parametrize("command", ["catalogues", "places"])
def test_each_group_of_commands_explains_itself_in_both_languages(command: str) -> None:
    said = CliRunner().invoke(app, [command, "--help"]).stdout
    assert "Usage" in said
    assert any(letter in said for letter in "ăâđêôơưạảấầẩẫậắằếềểễệ")
