"""What the adapter acknowledged outlives it: replay, a line cut anywhere, a kill."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import loopback
import pytest

from mocks._kit.errors import MockDidNotStart
from mocks.portal_adapter.book import Book

CODE = "000.00.05.H99-261123-0001"
STEP: dict[str, Any] = {"kind": "step", "id": "HS-1", "body": {"NoiDungXuLy": "Đã xử lý"}}
FACTS: list[list[dict[str, Any]]] = [
    [{"kind": "value"}],
    [{"kind": "file", "id": "T-1", "name": "tờ khai.pdf", "size": 4, "hash": "0a"}],
    [{"kind": "dossier", "id": "HS-1", "body": {"MaHoSo": CODE}}],
    [{"kind": "status", "id": "HS-1", "body": {"TrangThai": 2}}],
    [STEP, STEP],
    [{"kind": "dossier", "id": "HS-2", "body": {"MaHoSo": "000.00.05.H99-261123-0002"}}],
    [{"kind": "lost", "id": "HS-2"}],
]


def filled(file: Path) -> Book:
    book = Book(file)
    for facts in FACTS:
        book.keep(facts)
    return book


def test_a_book_opened_again_is_the_same_book(tmp_path: Path) -> None:
    before, again = filled(tmp_path / "a.jsonl"), Book(tmp_path / "a.jsonl")
    assert (again.records, again.files, again.values) == (before.records, before.files, before.values)
    record = again.find(CODE)
    assert record is not None
    assert (record.status, len(record.steps)) == (2, 2)


def test_a_file_cut_anywhere_keeps_every_whole_message_and_goes_on(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    filled(file)
    content = file.read_bytes()
    for cut in range(len(content)):
        file.write_bytes(content[:cut])
        whole = content[:cut].count(b"\n")
        book = Book(file)
        record = book.records.get("HS-1")
        assert (record is not None) == (whole >= 3)
        assert (len(record.steps) if record else 0) == (2 if whole >= 5 else 0)
        book.keep([{"kind": "value"}])
        assert Book(file).values == book.values


def test_a_damaged_line_stops_the_start_and_is_named(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    filled(file)
    lines = file.read_bytes().splitlines(keepends=True)
    file.write_bytes(lines[0] + lines[1][:-5] + b"\n" + lines[2])
    with pytest.raises(MockDidNotStart, match=r"a.jsonl, line 2"):
        Book(file)


def test_a_cleared_book_stays_empty(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    filled(file).clear()
    assert (Book(file).records, Book(file).values) == ({}, 0)


def test_an_adapter_that_is_killed_comes_back_with_what_it_acknowledged(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    filled(file)
    command = [sys.executable, "-m", "mocks.portal_adapter.app", "--port", "0", "--state-file", str(file)]
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            url = process.stdout.readline().split()[1]
            held = loopback.get(f"{url}/_mock/dossiers").json()
            process.kill()
        assert held == {"dossiers": [{"MaHoSo": CODE, "IdHoSo": "HS-1", "statuses": 1, "steps": 2}]}
