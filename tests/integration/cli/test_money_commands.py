"""Reconciliation, cases and statements on the command line, over a real database."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with reachable_folder() as made:
        yield made


@pytest.fixture(scope="module")
def lienthong(database_url: str, folder: Path) -> Run:
    return typed(database_url, folder / "state")


def test_a_statement_is_taken_once_and_its_day_is_compared_and_closed(
    lienthong: Run, folder: Path, database_url: str
) -> None:
    """PAY-07, PAY-17: file, day, case, report, closing, quarter, as an operator types them."""
    file = folder / "saoke.csv"
    file.write_text("Ngày,Mã GD,amount\n03/11/2026,FT1,150.000\n", encoding="utf-8")
    names = ("--account", "3511", "--column", "day=Ngày", "--column", "transaction_id=Mã GD")
    assert "Đã nhập 1 dòng" in lienthong("statements", "import", str(file), *names).stdout
    assert "đã nhập trước đó" in lienthong("statements", "import", str(file), *names).stdout
    assert "2026-11-03" in lienthong("statements", "covered").stdout

    told, shown = folder / "r.json", folder / "r.html"
    done = lienthong("reconcile", "2026-11-03", "--rail", "bank", "--json", str(told), "--print", str(shown))
    assert done.returncode == 1, done.stderr
    (rail,) = json.loads(told.read_text())["rails"]
    assert [finding["kind"] for finding in rail["findings"]] == ["statement_only"]
    assert "Chỉ sao kê có" in shown.read_text()

    listed = lienthong("cases", "list")
    assert "statement_only" in listed.stdout
    number = str(rail["findings"][0]["case"]["id"])
    assert "listed_transaction" in lienthong("cases", "show", number).stdout
    evidence = hashlib.sha256(b"giay bao").hexdigest()
    words = ("--by", "Nguyễn Mẫu", "--words", "trả lại", "--evidence", evidence)
    assert lienthong("cases", "resolve", number, *words).returncode == 0
    assert lienthong("cases", "resolve", number, *words).returncode == 2
    assert lienthong("cases", "resolve", number, "--by", "A", "--words", "b", "--evidence", "x").returncode == 2
    assert evidence in lienthong("cases", "show", number).stdout

    closed = lienthong("reconcile", "2026-11-03", "--rail", "bank", "--close", "Trần Mẫu")
    assert (closed.returncode, "đã khoá sổ" in closed.stdout) == (0, True)
    assert "day_closed" in lienthong("reconcile", "2026-11-03", "--rail", "bank", "--close", "Trần Mẫu").stderr
    assert lienthong("reconcile", "2026Q4").stdout.endswith("TOTAL,,,0,0\n")
    with psycopg.connect(database_url) as connection:
        leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf").fetchall()
    acts = b"".join(bytes(leaf) for (leaf,) in leaves)
    for act in (b"import_statement", b"reconcile_money", b"open_case", b"resolve_case", b"close_money_day"):
        assert act in acts
    assert "Nguyễn".encode() not in acts


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("reconcile", "2099-01-01", "--rail", "bank"), "Ngân hàng, kho bạc: chưa đối soát được"),
        (("reconcile", "2099-01-01", "--rail", "bank"), "hãy chạy lại từ ngày hôm sau"),
        (("reconcile", "2026-11-03", "--rail", "nobody"), "bank"),
        (("reconcile", "3/11/2026"), "2026-11-23"),
        (("reconcile", "2026Q9"), "2026Q4"),
        (("cases", "show", "999"), "Không có hồ sơ sai lệch"),
        (("statements", "import", "x.csv", "--account", "1", "--column", "sum=x"), "tên cột của tệp"),
    ],
)
def test_what_cannot_be_done_is_told_in_two_languages(lienthong: Run, words: tuple[str, ...], says: str) -> None:
    done = lienthong(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert says in " ".join(done.stderr.replace("│", "").split())
    assert "Traceback" not in done.stderr


def test_a_bad_statement_is_refused_by_line_and_field(lienthong: Run, folder: Path) -> None:
    file = folder / "bad.csv"
    file.write_text("day,reference,amount\n2026-11-03,P1,1.5\nx,P2,5\n")
    done = lienthong("statements", "import", str(file), "--account", "3511")
    assert done.returncode == 2
    assert "dòng 2, amount" in done.stderr
    assert "dòng 3, day" in done.stderr
    assert lienthong("statements", "import", str(file), "--account", "3511", "--column", "x").returncode == 2
    assert lienthong("statements", "import", str(folder / "none.csv"), "--account", "3511").returncode == 2
