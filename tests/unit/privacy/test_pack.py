"""The breach pack: with four eyes, complete for its scope, its list of persons sealed, its notice to be filled in."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from privacy_house import MINE, OFFICER, OTHER, TENANT, ListedApprovals, Records
from services import NOW, PURPOSE
from systems import bench

from gateway.audit.tree import verify_inclusion
from gateway.privacy.kinds import load_kinds
from gateway.privacy.log import between
from gateway.privacy.model import Breach, Opening, StartPoint
from gateway.privacy.pack import ACT, BreachPacks, Scope, annex_place
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.shown import Fields
from gateway.sdk.errors import NotAllowedError, UnprocessableError

SCOPE = Scope(from_at=NOW - timedelta(hours=1), to_at=NOW + timedelta(hours=1), client="motcua")
BREACH = Breach(
    id=4,
    opening=Opening(
        from_at=NOW,
        to_at=NOW,
        discovered_at=NOW,
        counts_from=StartPoint.HAPPENED,
        words="Khoá của hệ thống một cửa bị lộ",
    ),
    due_at=NOW + timedelta(hours=72),
    registered_at=NOW,
    registered_by="a",
)


@pytest.fixture(scope="module")
def fields() -> Fields:
    mappings = {name: bench(name).system.mappings for name in ("population", "payment")}
    return Fields(mappings, load_kinds())


class House:
    def __init__(self, fields: Fields, **settings: str) -> None:
        self.records, self.approvals = Records(), ListedApprovals()
        self.packs = BreachPacks(
            self.records.log,
            self.records.index,
            proofs=self.records.proofs,
            fields=fields,
            approvals=self.approvals,
            sealer=self.records.keyring,
            settings=PrivacySettings(**settings),
            clock=self.records.clock,
        )

    async def make(self, scope: Scope = SCOPE, breach: Breach | None = BREACH) -> dict[str, bytes]:
        self.approvals.allowed.append((ACT, scope.parameters, OFFICER.login))
        with zipfile.ZipFile(io.BytesIO(await self.packs.make(scope, breach=breach, by=OFFICER))) as archive:
            return {name: archive.read(name) for name in archive.namelist()}


async def leaked(house: House) -> None:
    """Two persons of motcua in the scope; others by another client, of another day, of another operation."""
    async with house.records.audit:
        await house.records.both(MINE, trace="1" * 32)
        await house.records.both(MINE, OTHER, trace="2" * 32, purpose=replace(PURPOSE, officer_id="canbo.hai").facts())
        await house.records.note(OTHER, actor="khac")
        await house.records.note("099000000015", occurred_at=NOW - timedelta(days=2))
        await house.records.note(operation="list_agencies", system="national_portal")


async def test_a_pack_tells_persons_kinds_period_and_recipients_from_the_log(fields: Fields) -> None:
    """PDP-04"""
    house = House(fields)
    await leaked(house)
    files = await house.make()
    said = json.loads(files["pham-vi.json"])
    assert (said["persons"], said["leaves"], said["breach"]) == (2, 5, 4)
    assert said["kinds"]["identity_number"] == 4
    rows = list(csv.reader(io.StringIO(files["ben-nhan.csv"].decode("utf-8-sig"))))
    assert ["motcua", "canbo.hai", "000.00.05.H99", "2"] in rows
    leaves = list(csv.DictReader(io.StringIO(files["nhat-ky.csv"].decode("utf-8-sig"))))
    assert ({leaf["proof_holds"] for leaf in leaves}, len(leaves)) == ({"yes"}, 5)
    notice = files["thong-bao.md"].decode()
    assert "đếm theo mã băm có khoá): 2" in notice
    assert "Khoá của hệ thống một cửa bị lộ" in notice
    assert "còn 72.0 giờ" in notice
    assert files["diem-kiem-chung.txt"].startswith(b"lienthong/audit/H99\n")
    (first, *_) = proven = json.loads(files["chung-minh.json"])
    assert len(proven) == 5
    row = house.records.log.leaves[TENANT][first["index"]]
    proof = [bytes.fromhex(sibling) for sibling in first["proof"]]
    assert verify_inclusion(
        row.leaf_hash, index=row.index, size=first["size"], proof=proof, root=bytes.fromhex(first["root"])
    )
    assert "<h1>THÔNG BÁO" in files["thong-bao.html"].decode()


async def test_no_number_leaves_in_the_clear_and_the_annex_is_sealed(fields: Fields) -> None:
    """PDP-15 (part)"""
    house = House(fields)
    await leaked(house)
    files = await house.make()
    assert not [name for name, content in files.items() if MINE.encode() in content or OTHER.encode() in content]
    digest = house.records.subject(TENANT, MINE).hex().encode()
    assert not [name for name, content in files.items() if digest in content]
    opened = house.records.keyring.unseal(files["danh-sach-niem-phong.bin"], purpose=annex_place(TENANT))
    assert digest in opened


async def test_sensitive_kinds_change_the_notice(fields: Fields) -> None:
    """PDP-05"""
    house, plain = House(fields), House(fields)
    async with house.records.audit:
        await house.records.note(MINE)
    async with plain.records.audit:
        await plain.records.note(MINE, operation="verify_citizen")
    assert "Dữ liệu nhạy cảm" in (await house.make())["thong-bao.md"].decode()
    assert "Dữ liệu nhạy cảm" not in (await plain.make())["thong-bao.md"].decode()


@pytest.mark.parametrize(
    ("change", "leaves"),
    [
        ({"officer": "canbo.hai"}, 2),
        ({"system": "population"}, 2),
        ({"operation": "list_agencies"}, 1),
        ({"client": ""}, 6),
        ({"client": "nobody"}, 0),
    ],
)
async def test_a_pack_is_of_its_scope_alone(fields: Fields, change: Any, leaves: int) -> None:
    """PDP-04 (part)"""
    house = House(fields)
    await leaked(house)
    assert json.loads((await house.make(replace(SCOPE, **change)))["pham-vi.json"])["leaves"] == leaves


async def test_only_another_operators_word_makes_a_pack_and_once(fields: Fields) -> None:
    """PDP-13 (part)"""
    house = House(fields)
    with pytest.raises(NotAllowedError) as told:
        await house.packs.make(SCOPE, breach=None, by=OFFICER)
    assert told.value.error_code == "caller.needs_approval"
    await house.make()
    with pytest.raises(NotAllowedError):
        await house.packs.make(SCOPE, breach=None, by=OFFICER)
    house.approvals.allowed.append((ACT, SCOPE.parameters, OFFICER.login))
    with pytest.raises(NotAllowedError):
        await house.packs.make(replace(SCOPE, client=""), breach=None, by=OFFICER)


async def test_what_is_not_known_is_left_to_fill_and_the_form_is_a_setting(fields: Fields) -> None:
    """PDP-04 (part)"""
    notice = (await House(fields).make(breach=None))["thong-bao.md"].decode()
    assert "………" in notice
    assert "Mẫu" not in notice
    named = (await House(fields, breach_form="MAU-03", contact="phong.mau@example.vn").make())["thong-bao.md"].decode()
    assert "Mẫu MAU-03" in named
    assert "phong.mau@example.vn" in named


async def test_a_late_notice_asks_for_its_reasons(fields: Fields) -> None:
    """PDP-04 (part)"""
    late = replace(BREACH, due_at=NOW - timedelta(hours=2))
    notice = (await House(fields).make(breach=late))["thong-bao.md"].decode()
    assert "Lý do thông báo muộn: ………" in notice
    told = replace(late, notified_at=NOW, late_reason="mất điện")
    assert "muộn: mất điện" in (await House(fields).make(breach=told))["thong-bao.md"].decode()


async def test_a_period_that_runs_backwards_is_refused(fields: Fields) -> None:
    with pytest.raises(UnprocessableError):
        await House(fields).packs.make(replace(SCOPE, to_at=NOW - timedelta(days=9)), breach=None, by=OFFICER)


async def test_a_cell_that_an_office_program_would_compute_is_text(fields: Fields) -> None:
    house = House(fields)
    async with house.records.audit:
        await house.records.note(MINE, purpose={"officer_id": "=HYPERLINK()"})
    assert "'=HYPERLINK()" in (await house.make())["nhat-ky.csv"].decode()


async def test_clocks_that_differ_hide_no_leaf() -> None:
    """PDP-04 (part): another gateway, whose clock is behind, wrote the row in between."""
    records = Records()
    async with records.audit:
        for late in (timedelta(), -timedelta(minutes=5), timedelta(minutes=1)):
            records.clock.now = NOW + late
            await records.note(MINE, occurred_at=NOW + timedelta(seconds=1))
    found = [row.index async for row in between(records.log, TENANT, from_at=NOW, to_at=NOW + timedelta(days=1))]
    assert found == [2, 1, 0]
