"""Privacy and agreements on the command line, over a real database: each act a leaf, no number in the clear."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder
from pydantic import SecretStr
from services import CONTEXT

from gateway.bootstrap import open_gateway
from gateway.settings import Settings

NUMBER = "099185000013"


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state)


def leaves(database_url: str, operation: str) -> list[Any]:
    with psycopg.connect(database_url) as connection:
        rows = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    return [leaf for leaf in (json.loads(bytes(row[0])) for row in rows) if leaf["operation"] == operation]


def look_up(database_url: str, state: Path) -> str:
    """One verification; no register answers here. What is said of its trouble."""

    async def act() -> str:
        settings = Settings(sandbox=True, database_url=SecretStr(database_url), state=state)
        async with open_gateway(settings, database_url) as gateway:
            asked: dict[str, Any] = {"personal_id": NUMBER, "full_name": "Trần Thị Mẫu", "birth_date": "1985"}
            asked["purpose"] = {"officer_id": "canbo.mau"}
            context = replace(CONTEXT, subjects=(NUMBER,))
            return (await gateway.services.lookups.verify_citizen(asked, context=context)).trouble

    return asyncio.run(act())


def test_a_person_asks_who_looked_and_is_answered(
    lienthong: Run, database_url: str, state: Path, tmp_path: Path
) -> None:
    """PDP-03, PDP-08 (part), PDP-15 (part): the number comes from standard input."""
    look_up(database_url, state)
    answers = f"{NUMBER}\nTrần Thị Mẫu\nmau@example.vn\nAi đã xem dữ liệu của tôi?\n"
    added = lienthong("privacy", "requests", "add", "access", stdin=answers)
    assert added.returncode == 0, added.stderr
    reference = added.stdout.strip().partition(": ")[0]
    page, report = tmp_path / "bao-cao.html", tmp_path / "bao-cao.json"
    told = lienthong(
        "privacy", "who-looked", reference, "--json", str(report), "--print", str(page), stdin=f"{NUMBER}\n"
    )
    assert told.returncode == 0, told.stderr
    said = json.loads(report.read_text())
    assert [look["leaves"][0]["system"] for look in said["looks"]] == ["population"] * len(said["looks"])
    assert said["looks"][0]["officer_id"] == "canbo.mau"
    assert said["proofs_hold"]
    assert "AI ĐÃ TRA CỨU" in page.read_text()
    again = lienthong("privacy", "who-looked", reference, stdin=f"{NUMBER}\n").stdout
    assert "Lập báo cáo ai đã tra cứu" in again
    assert len(leaves(database_url, "who_looked")) == 2
    for text in (page.read_text(), report.read_text(), again, repr(leaves(database_url, "who_looked"))):
        assert NUMBER not in text
    number = reference.removeprefix("data_request:")
    who = tmp_path / "nguoi-yeu-cau.txt"
    shown = lienthong("privacy", "requests", "show", number, "--person", str(who))
    assert (shown.returncode, NUMBER in shown.stdout) == (0, False)
    assert who.read_text().startswith(NUMBER)
    assert who.stat().st_mode & 0o777 == 0o600
    assert len(leaves(database_url, "get_data_subject")) == 1
    for step in ("answer", "extend", "finish"):
        done = lienthong("privacy", "requests", step, number, "--reason", "Đã gửi báo cáo")
        assert done.returncode == 0, done.stderr
    assert "Không có yêu cầu nào" in lienthong("privacy", "requests", "list").stdout
    assert reference in repr(leaves(database_url, "finish_data_request"))
    wrong = lienthong("privacy", "who-looked", reference, stdin="12\n")
    assert (wrong.returncode, "caller.personal_id" in wrong.stderr) == (2, True)


def test_a_breach_is_entered_and_its_pack_takes_four_eyes(lienthong: Run, database_url: str, tmp_path: Path) -> None:
    """PDP-04 (part), PDP-13 (part)"""
    times = ("--from", "2026-11-22T08:00", "--to", "2026-11-22T10:00")
    added = lienthong("privacy", "breaches", "add", *times, "--discovered", "2026-11-22T11:00", stdin="Khoá bị lộ\n")
    assert added.returncode == 0, added.stderr
    number = added.stdout.strip().partition(": ")[0].removeprefix("breach:")
    assert "giờ" in lienthong("privacy", "breaches", "list").stdout
    pack = tmp_path / "ho-so.zip"
    refused = lienthong("privacy", "breach", *times, "--breach", number, "--only", "client=motcua", "--out", str(pack))
    assert (refused.returncode, pack.exists()) == (2, False)
    assert "caller.needs_approval" in refused.stderr, (refused.args, refused.stderr)
    assert lienthong("privacy", "breach", *times, "--only", "colour=red", "--out", str(pack)).returncode == 2
    notified = lienthong("privacy", "breaches", "notify", number, "--late-reason", "mất điện")
    assert notified.returncode == 0, notified.stderr
    assert lienthong("privacy", "breaches", "close", number, "--measures", "Đổi khoá").returncode == 0
    assert len(leaves(database_url, "close_breach")) == 1


def test_the_impact_assessment_is_written_from_what_is_configured(lienthong: Run, tmp_path: Path) -> None:
    """PDP-09 (part)"""
    done = lienthong("privacy", "dpia", "--out", str(tmp_path / "dpia"))
    assert done.returncode == 0, done.stderr
    assert "0 trường chưa phân loại" in done.stdout
    said = json.loads((tmp_path / "dpia" / "dpia.json").read_text())
    assert {one["system"] for one in said["processing"]} >= {"population", "national_portal", "payment"}
    assert "HỒ SƠ ĐÁNH GIÁ TÁC ĐỘNG" in (tmp_path / "dpia" / "dpia.html").read_text()


def test_an_agreement_that_is_suspended_stops_look_ups_at_once(
    lienthong: Run, database_url: str, state: Path, tmp_path: Path
) -> None:
    """CON-13 (part), CON-16 (part)"""
    terms = {
        "number": "12/TTCS",
        "system": "population",
        "parties": ["A", "B"],
        "purpose": "Giải quyết thủ tục",
        "basis": "NĐ 278/2025/NĐ-CP",
        "since": "2026-01-01",
    }
    file = tmp_path / "thoa-thuan.json"
    file.write_text(json.dumps(terms))
    added = lienthong("agreements", "add", str(file))
    assert added.returncode == 0, added.stderr
    number = added.stdout.partition(":")[0]
    assert "đang hiệu lực" in lienthong("agreements", "list").stdout
    assert not look_up(database_url, state).startswith("operator.agreement")
    assert lienthong("agreements", "suspend", number, "--reason", "Sai mục đích").returncode == 0
    assert look_up(database_url, state) == "operator.agreement_suspended"
    assert lienthong("agreements", "resume", number).returncode == 0
    assert lienthong("agreements", "renew", number, "--until", "2026-01-31", "--reason", "Chấm dứt").returncode == 0
    assert look_up(database_url, state) == "operator.agreement_ended"
    assert lienthong("agreements", "renew", number, "--reason", "Gia hạn").returncode == 0
    assert not look_up(database_url, state).startswith("operator.agreement")
    assert len(leaves(database_url, "set_agreement_end")) == 2
    file.write_text(json.dumps({**terms, "since": "hôm nay"}))
    wrong = lienthong("agreements", "add", str(file))
    assert (wrong.returncode, "since" in wrong.stderr) == (2, True)


def test_an_access_request_is_received_and_granted(lienthong: Run, database_url: str, tmp_path: Path) -> None:
    """CON-12 (part)"""
    file = tmp_path / "de-nghi.json"
    wanted = {
        "agency_id": "000.00.05.H99",
        "application": "phan-mem-mau",
        "purpose": "Giải quyết hồ sơ",
        "items": ["full_name"],
        "service": "verify_citizen",
        "frequency": "khi có hồ sơ",
        "received_at": "2026-11-20T16:00:00+07:00",
    }
    file.write_text(json.dumps(wanted))
    added = lienthong("agreements", "requests", "add", str(file))
    assert "2026-11-27 17:00" in added.stdout, added.stderr
    refused = lienthong("agreements", "requests", "grant", "1", "--agreement", "99", "--reason", "x")
    assert (refused.returncode, "caller.decision" in refused.stderr) == (2, True)
    granted = lienthong("agreements", "requests", "grant", "1", "--agreement", "1", "--reason", "Đủ điều kiện")
    assert granted.returncode == 0, granted.stderr
    assert "Không có đề nghị" in lienthong("agreements", "requests", "list").stdout
    assert "chấp thuận" in lienthong("agreements", "requests", "list", "--all").stdout
    assert len(leaves(database_url, "decide_access_request")) == 1
