"""`lienthong receipts` over a real database, with the sandbox's key."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko_certvalidator import ValidationContext
from receipts_house import AGENCY, UNIT, ReceiptHouse

from gateway.database import open_database
from gateway.receipts.postgres import PostgresReceipts
from gateway.receipts.sandbox import made_up_pkcs12
from gateway.signing import Keyring


@dataclass
class Desk:
    """A gateway's state folder and database, the commands on them, and receipts that are due in it."""

    run: Run
    url: str
    state: Path

    def collect(self, *numbers: int) -> None:
        async def act(house: ReceiptHouse) -> None:
            for number in numbers:
                await house.collect(number)

        self.inside(act)

    def inside(self, act: Any) -> Any:
        async def opened() -> Any:
            keyring = Keyring.load_or_create(self.state / "keyring.json")
            async with open_database(self.url, size=2) as database:
                store = PostgresReceipts(database, keyring)
                return await act(ReceiptHouse(store, transaction=database.transaction))

        return asyncio.run(opened())

    def acts(self) -> list[tuple[str, str]]:
        with psycopg.connect(self.url) as connection:
            leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
        found = [json.loads(bytes(leaf[0])) for leaf in leaves]
        assert "Mẫu" not in json.dumps(found, ensure_ascii=False)
        return [(act["operation"], act["reference"]) for act in found]


@pytest.fixture(scope="module")
def desk(database_url: str) -> Iterator[Desk]:
    with reachable_folder() as state:
        yield Desk(typed(database_url, state), database_url, state)


def test_the_sandbox_issues_signed_receipts_by_itself(desk: Desk) -> None:
    """PAY-09, PAY-10, SIG-02 (part), SIG-07: from the command to a signature that a stranger can check."""
    assert desk.run("receipts", "list").returncode == 0  # makes the keyring
    desk.collect(1, 2)
    done = desk.run("receipts", "issue")
    assert done.returncode == 0, done.stderr
    assert "Issued 4, waiting 0." in done.stdout
    shown = desk.run("receipts", "show", "P00001-F").stdout
    assert "26TMM" in shown or "TMM" in shown
    assert desk.run("receipts", "list", "--state", "issued").stdout.count("issued") >= 4
    assert "99999995" in desk.run("receipts", "ranges", "list").stdout

    async def read(house: ReceiptHouse) -> tuple[bytes, str]:
        receipt = await house.store.find("H99", "P00001-F")
        return await house.store.file("H99", "P00001-F"), receipt.sha256

    file, digest = desk.inside(read)
    assert hashlib.sha256(file).hexdigest() == digest
    assert asyncio.run(holds(file))
    spoiled = bytearray(file)
    spoiled[len(file) // 2] ^= 1
    assert not asyncio.run(holds(bytes(spoiled)))
    assert [act for act in desk.acts() if act[0] == "issue_receipt"] == [
        ("issue_receipt", f"P0000{number}-{letter}") for number in (1, 2) for letter in "CF"
    ]
    assert (desk.state / "receipts" / "mau.p12").stat().st_mode & 0o777 == 0o600


async def holds(pdf: bytes) -> bool:
    try:
        (found,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
        assert any("thử nghiệm" in str(said) for said in found.signer_cert.subject.native.values())
        context = ValidationContext(trust_roots=[found.signer_cert], allow_fetching=False)
        verdict = await async_validate_pdf_signature(found, signer_validation_context=context)
    except Exception:
        return False
    return bool(verdict.bottom_line)


def test_ranges_are_registered_for_units_that_are_set(desk: Desk) -> None:
    """PAY-12 (part)."""
    unit = {"agency_id": AGENCY, "name": UNIT.name, "tax_code": UNIT.tax_code, "letters": "AA"}
    own = {"LIENTHONG_RECEIPTS__UNITS": json.dumps([unit])}
    words = ["receipts", "ranges", "add", AGENCY, "--year", "2027"]
    added = desk.run(*words, "--first", "1", "--last", "100", **own)
    assert added.returncode == 0, added.stderr
    assert "27TAA 1-100" in added.stdout
    for first, last, code in (("50", "60", "receipt_range_overlaps"), ("1", "100000000", "receipt_number")):
        refused = desk.run(*words, "--first", first, "--last", last, **own)
        assert (refused.returncode, f"caller.{code}" in refused.stderr) == (2, True), refused.stderr
    stranger = desk.run("receipts", "ranges", "add", "H99.77", "--first", "1", "--last", "2", LIENTHONG_SANDBOX="false")
    assert (stranger.returncode, "caller.not_found" in stranger.stderr) == (2, True)
    assert ("add_receipt_range", f"unit:{AGENCY}") in desk.acts()


def test_paper_is_recorded_until_the_end_of_2026(desk: Desk) -> None:
    """PAY-14, T9."""
    words = ["receipts", "paper", "000.00.05.H99-261123-0007", "--kind", "fee", "--amount", "5000"]
    done = desk.run(*words, "--number", "AA-22P:7", "--day", "2026-11-20")
    assert done.returncode == 0, done.stderr
    refused = desk.run(*words, "--number", "AA-22P:8", "--day", "2027-01-01")
    assert (refused.returncode, "caller.paper_receipt" in refused.stderr) == (2, True), refused.stderr
    again = desk.run(*words, "--number", "AA-22P:7", "--day", "2026-11-20")
    assert "caller.paper_receipt_taken" in again.stderr
    assert desk.run(*words, "--number", "7", "--day", "2026-11-20").returncode == 2


def test_a_receipt_that_there_is_not_is_told_in_words(desk: Desk) -> None:
    refused = desk.run("receipts", "show", "P9-F")
    assert (refused.returncode, "caller.not_found" in refused.stderr) == (2, True)
    assert "Traceback" not in refused.stderr


def test_doctor_says_who_cannot_sign(desk: Desk, tmp_path: Path) -> None:
    """SIG-07 (part): told before a receipt waits for it."""
    certificate = tmp_path / "unit.p12"
    now = datetime.now(UTC)
    certificate.write_bytes(made_up_pkcs12(name=UNIT.name, tax_code=UNIT.tax_code, now=now))
    certificate.chmod(0o600)
    unit = {"agency_id": AGENCY, "name": UNIT.name, "tax_code": UNIT.tax_code, "letters": "AA"}
    for own, said in (
        ([], "! Chưa khai báo tổ chức thu nào"),
        ([{**unit, "certificate": str(certificate)}], f"✓ {AGENCY} ký được biên lai"),
        ([unit], f"✗ Chứng thư số lập biên lai của {AGENCY} chưa được cấu hình"),
        (
            [{**unit, "tax_code": "9900000042", "name": "SỞ KHÁC", "certificate": str(certificate)}],
            f"✗ Chứng thư số lập biên lai của {AGENCY} là của đơn vị khác",
        ),
    ):
        told = desk.run("doctor", LIENTHONG_SANDBOX="false", LIENTHONG_RECEIPTS__UNITS=json.dumps(own))
        assert said in told.stdout, told.stdout
