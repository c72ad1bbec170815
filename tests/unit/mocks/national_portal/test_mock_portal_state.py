"""What the portal acknowledged outlives it: replay, a line cut anywhere, a kill."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx
import pytest

from mocks._kit import alone
from mocks._kit.errors import MockDidNotStart
from mocks.national_portal.book import Book

AT = "2026-11-23T09:00:00+07:00"
FIRST, SECOND = "000.00.05.H99-261123-0001", "000.00.05.H99-261123-0002"
LOGIN = {"username": "tinh.vidu", "password": "made-up"}
DSTCODE = {"dstcode": "VN:GOV:000.00.00.G22:vpcpdvcprovider"}


def dossier(code: str, status: str = "2") -> dict[str, Any]:
    return {"MaHoSo": code, "TrangThaiHoSo": status, "ChuHoSo": "Trần Thị Mẫu"}


def filled(file: Path) -> Book:
    book = Book(file)
    book.put([dossier(FIRST)], updating=False, at=AT)
    book.append([{"MaHoSo": FIRST, "TrangThai": "2"}, {"MaHoSo": FIRST, "TrangThai": "4"}], at=AT)
    book.put([dossier(FIRST, "10"), dossier(SECOND)], updating=True, at=AT)
    return book


def shown(book: Book) -> list[Any]:
    return [book.find(code) for code in book.codes()]


def test_a_book_opened_again_is_the_same_book(tmp_path: Path) -> None:
    file = tmp_path / "portal.jsonl"
    before = filled(file)
    again = Book(file)
    assert shown(again) == shown(before)
    record = again.find(FIRST)
    assert record is not None
    assert record.versions[1].warnings == ("MOCK-TRANSITION: trạng thái 2 -> 10",)


def test_a_file_cut_anywhere_keeps_every_whole_message_and_goes_on(tmp_path: Path) -> None:
    """Also in the middle of a Vietnamese letter; a message of two items is there entirely or not at all."""
    file = tmp_path / "portal.jsonl"
    filled(file)
    content = file.read_bytes()
    for cut in range(len(content)):
        file.write_bytes(content[:cut])
        whole = content[:cut].count(b"\n")
        book = Book(file)
        record = book.find(FIRST)
        assert (len(record.versions) + len(record.steps) if record else 0) == [0, 1, 3][whole]
        assert SECOND not in book
        book.put([dossier(SECOND)], updating=False, at=AT)
        assert SECOND in Book(file)


def test_a_damaged_line_stops_the_start_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "portal.jsonl"
    filled(file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:-5] + b"\n" + lines[2])
    with pytest.raises(MockDidNotStart, match=r"portal.jsonl, line 2"):
        Book(file)


def test_a_cleared_book_stays_empty(tmp_path: Path) -> None:
    file = tmp_path / "portal.jsonl"
    filled(file).clear()
    assert Book(file).codes() == []


def started(file: Path) -> tuple[subprocess.Popen[str], str]:
    command = [sys.executable, "-m", "mocks.national_portal.app", "--port", "0", "--state-file", str(file)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    return process, process.stdout.readline().split()[1]


def test_a_portal_that_is_killed_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "portal.jsonl"
    body = {
        "MaHoSo": FIRST, "MaTTHC": "1.009999", "TenTTHC": "Cấp giấy", "MaLinhVuc": "G03-GD10", "TenLinhVuc": "Ví dụ",
        "LoaiDoiTuong": "1", "Email": "", "SoDienThoai": "0900000001", "TrichYeuHoSo": "Đề nghị", "NgayHenTra": "",
        "NgayTiepNhan": "20261123090000", "TrangThaiHoSo": "2", "HinhThuc": "0", "DonViXuLy": "UBND xã Ví Dụ",
    }  # fmt: skip
    process, url = started(file)
    with process, httpx.Client(base_url=url, trust_env=False, timeout=60, headers=DSTCODE) as client:
        data = "/XrdAdapter/RestService/forward/mapi/MOCK-data"
        session = client.post("/XrdAdapter/RestService/forward/mapi/login", json=LOGIN).json()["session"]
        message = {"session": session, "madonvi": "000.00.00.H99", "service": "DongBoHoSoMC", "isUpdating": "False"}
        assert int(client.post(data, json={**message, "data": [body]}).json()["error_code"]) == 0
        process.kill()
    assert process.returncode == -signal.SIGKILL
    process, url = started(file)
    with process, httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        assert client.get(f"/_mock/dossiers/{FIRST}").json()["dossier"] == body
        process.terminate()
    assert process.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["payment", "--state-file", "x"], "no setting named 'state_file'"),
        (["payment", "--set", "envelope=paper"], "impossible setting: envelope"),
    ],
)
def test_a_setting_that_is_not_the_mocks_stops_it_with_a_reason(
    arguments: list[str], complaint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert alone.main([*arguments, "--port", "0"]) == 1
    assert complaint in capsys.readouterr().err
    assert signal.SIGTERM not in signal.pthread_sigmask(signal.SIG_BLOCK, ())


@pytest.mark.parametrize("arguments", [["nobody"], ["payment", "--set", "x"], ["payment", "--port", "x"]])
def test_a_command_line_that_makes_no_sense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        alone.main(arguments)
    assert stopped.value.code == 2
