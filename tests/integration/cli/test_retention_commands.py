"""Holds, erasure and keys on the command line, over a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder

from gateway.signing import Keyring


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state, LIENTHONG_TENANT="H98")


def test_a_hold_is_placed_and_stays_until_a_second_person_allows(lienthong: Run) -> None:
    """PDP-11 (part)."""
    placed = lienthong("retention", "hold", "--reference", "HS-7", "--reason", "Thanh tra")
    assert placed.returncode == 0, placed.stderr
    person = lienthong("retention", "hold", "--subject", "--reason", "Khiếu nại", stdin="099185000001\n")
    assert person.returncode == 0, person.stderr
    assert "099185000001" not in person.stdout + person.stderr
    number = placed.stdout.split("number ")[1].strip(". \n")
    for refused in (
        lienthong("retention", "lift", number, "--reason", "Xong"),
        lienthong("retention", "erase", "--reference", "HS-7", "--reason", "Theo yêu cầu"),
    ):
        assert refused.returncode == 2
        assert "caller.needs_approval" in refused.stderr
        assert "lienthong" in refused.stderr
    listed = lienthong("retention", "list").stdout
    assert "HS-7" in listed
    assert "admin:" in listed  # nobody who has logged in: not in an operator's name
    assert "operator:" not in listed
    assert "Thanh tra" in listed


def test_a_hold_of_nothing_is_refused(lienthong: Run) -> None:
    for wrong in ("7-3", "1-99999999999999999999"):
        refused = lienthong("retention", "hold", "--index-range", wrong, "--reason", "Thanh tra")
        assert (refused.returncode, "caller.hold_scope" in refused.stderr) == (2, True)


def test_a_hold_of_a_person_takes_a_number_that_can_be_one(lienthong: Run) -> None:
    """PDP-11 (part): a slip of the finger holds nobody, and nobody would notice."""
    refused = lienthong("retention", "hold", "--subject", "--reason", "Khiếu nại", stdin="09918500001\n")
    assert (refused.returncode, "caller.personal_id" in refused.stderr) == (2, True)


def test_the_key_that_seals_is_rotated_and_bodies_follow(lienthong: Run, state: Path) -> None:
    lienthong("retention", "hold", "--reference", "HS-8", "--reason", "Có nội dung")
    before = Keyring.load_or_create(state / "keyring.json").kek_id
    rotated = lienthong("keys", "rotate-sealing")
    assert rotated.returncode == 0, rotated.stderr
    after = Keyring.load_or_create(state / "keyring.json").kek_id
    assert after != before
    done = lienthong("keys", "rewrap")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split("Rewrapped ")[1].split()[0]) >= 1
    assert "Rewrapped 0 keys" in lienthong("keys", "rewrap").stdout
    verified = lienthong("audit", "verify")
    assert (verified.returncode, "0 erased" in verified.stdout) == (0, True), verified.stdout
    assert "HS-8" in lienthong("retention", "list").stdout  # sealed with the older key


def test_whoever_waits_for_a_zero_destroys_no_key_that_a_file_needs(lienthong: Run, database_url: str) -> None:
    lost = {"t": "H98", "id": "8e03978e-40d5-43e8-bc93-6894a57f9325", "b": b"\x00" * 64, "sha": b"\x00" * 32}
    columns = "tenant, file_id, name, media_type, size, sha256, content, stored_at"
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(
            f"INSERT INTO lienthong.file ({columns}) "
            "VALUES (%(t)s, %(id)s, %(b)s, 'text/plain', 1, %(sha)s, %(b)s, now())",
            lost,
        )
        done = lienthong("keys", "rewrap")
        assert (done.returncode, "1 files still need an older key" in done.stdout) == (1, True), done.stderr
        connection.execute("DELETE FROM lienthong.file WHERE tenant = %(t)s AND file_id = %(id)s", lost)
    assert lienthong("keys", "rewrap").returncode == 0


def test_a_file_that_is_not_there_is_not_restored(lienthong: Run, tmp_path: Path) -> None:
    page = tmp_path / "page.pdf"
    page.write_bytes(b"x")
    refused = lienthong("files", "restore", "8e03978e-40d5-43e8-bc93-6894a57f9324", str(page))
    assert (refused.returncode, "caller.not_found" in refused.stderr) == (2, True)


def test_less_than_a_year_is_refused_at_the_start(lienthong: Run) -> None:
    """SEC-03."""
    refused = lienthong("retention", "list", LIENTHONG_RETENTION__LOOKUPS_DAYS="364")
    assert (refused.returncode, "retention.lookups_days" in refused.stderr) == (2, True)


def test_the_doctor_tells_how_full_the_disk_is(lienthong: Run) -> None:
    """SEC-06 (part)."""
    assert "storage.warn_percent is 1." in lienthong("doctor", LIENTHONG_STORAGE__WARN_PERCENT="1").stdout
