"""The province's CSV: what is wrong is named by line and field, what is on record is never rewritten."""

from __future__ import annotations

import importlib.util
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from services import CONTEXT, atomically

from gateway.places.lineage import How, Lineage
from gateway.places.memory import MemoryPlaces
from gateway.places.service import Places
from gateway.places.sheet import plan, read
from gateway.sdk.errors import NotFoundError, UnprocessableError

FOLDER = Path(__file__).parents[3] / "deploy" / "places"
EXAMPLE = (FOLDER / "example.csv").read_text(encoding="utf-8")
HEAD = "code,name,kind,valid_from,valid_to,parent,alias,successors"
PROVINCE = "P,Tỉnh,province,2000-01-01,,,,"
MERGER, TODAY = date(2025, 7, 1), date(2026, 11, 25)


def text(*rows: str) -> str:
    return "\n".join([HEAD, *rows, ""])


def problems(*rows: str, known: str = "") -> list[str]:
    recorded = plan([], read(known)).added if known else ()
    with pytest.raises(UnprocessableError) as refused:
        plan(recorded, read(text(*rows)))
    assert refused.value.error_code == "caller.places_file"
    assert all(told.detail_vi and told.detail for told in refused.value.fields)
    return [told.pointer for told in refused.value.fields]


def lineage(*texts: str) -> Lineage:
    units: list[Any] = []
    for each in texts:
        found = plan(units, read(each))
        units = list({unit.key: unit for unit in (*units, *found.saved)}.values())
    return Lineage(units)


@pytest.fixture(scope="module")
def city() -> Lineage:
    return lineage(EXAMPLE)


def test_the_example_is_what_its_script_writes() -> None:
    spec = importlib.util.spec_from_file_location("make_example", FOLDER / "make_example.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.text() == EXAMPLE


def test_no_code_of_the_example_looks_official() -> None:
    """ORG-09: official codes are the province's to import; none is a constant of ours."""
    assert all(unit.code.startswith("MOCK-") for unit in read(EXAMPLE).values())


def test_no_level_one_identifier_of_the_merged_provinces_is_a_constant_of_ours() -> None:
    """ORG-09: H13, H30, H51 and what they became are to be verified, so they are data of the province alone."""
    root = FOLDER.parents[1]
    files = [file for part in ("gateway", "connectors", "mappings") for file in (root / part).rglob("*.*")]
    texts = [file.read_text(encoding="utf-8") for file in files if file.suffix in {".py", ".yaml", ".csv", ".sql"}]
    assert texts
    assert not any(re.search(r"\bH(?:13|30|51)\b", each) for each in texts)


def test_three_provinces_became_one_with_31_wards_and_72_communes(city: Lineage) -> None:
    """ORG-02."""
    for day in (MERGER, TODAY):
        below = city.in_force(day, parent="MOCK-CT")
        counts = {kind: sum(unit.kind == kind for unit in below) for kind in ("ward", "commune", "district")}
        assert counts == {"ward": 31, "commune": 72, "district": 0}
        assert [unit.code for unit in city.in_force(day, kind="province")] == ["MOCK-CT"]
    for old in ("MOCK-HG", "MOCK-ST"):
        assert [unit.name for unit in city.resolve(old, TODAY).units] == ["thành phố Cần Thơ"]
    before = city.in_force(date(2025, 6, 30), kind="province")
    assert {unit.code for unit in before} == {"MOCK-CT", "MOCK-HG", "MOCK-ST"}


def test_every_old_commune_has_a_successor_and_every_new_one_an_origin(city: Lineage) -> None:
    """ORG-04 (part)."""
    eve = date(2025, 6, 30)
    for unit in city.in_force(eve, kind="commune"):
        after = city.resolve(unit.code, TODAY)
        assert (after.how, bool(after.units)) == (How.SUCCESSORS, True)
    for unit in (*city.in_force(TODAY, kind="ward"), *city.in_force(TODAY, kind="commune")):
        assert city.resolve(unit.code, eve).units


def test_no_unit_of_today_has_a_district_above_it(city: Lineage) -> None:
    """ORG-01 (part): no district level since 1 July 2025, and none is demanded."""
    for unit in city.in_force(TODAY):
        above = city.period(unit.parent, TODAY) if unit.parent else None
        assert above is None or above.kind != "district"


def test_a_tree_has_one_level_or_several() -> None:
    """ORG-08: one centre for a whole city, or centres and points below each other."""
    one = text(PROVINCE, "TT,Trung tâm,centre,2025-07-01,,,,")
    two = text(PROVINCE, "TT,Trung tâm,centre,2025-07-01,,P,,", "X,Xã,commune,2025-07-01,,P,,",
               "TX,Trung tâm xã,centre,2025-07-01,,X,,", "D,Điểm,point,2025-07-01,,TX,,")  # fmt: skip
    assert len(lineage(one).in_force(TODAY)) == 2
    assert [unit.code for unit in lineage(two).in_force(TODAY, parent="TX")] == ["D"]


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([",Tên,commune,2025-01-01,,,,"], ["/2/code"]),
        (["A,,commune,2025-01-01,,,,"], ["/2/name"]),
        (["a,Tên,commune,2025-01-01,,,,"], ["/2/code"]),
        (["A,Tên,village,2025-01-01,,,,"], ["/2/kind"]),
        (["A,Tên,commune,01/01/2025,,,,"], ["/2/valid_from"]),
        (["A,Tên,commune,2025-02-30,,,,"], ["/2/valid_from"]),
        (["A,Tên,commune,20250101,,,,"], ["/2/valid_from"]),
        (["A,Tên,commune,2025-01-01,9999-12-31,,,"], ["/2/valid_to"]),
        (["A,Tên,commune,2025-01-01,2024-12-31,,,"], ["/2/valid_to"]),
        (["A,Tên,commune,2025-01-01,,,,,,"], ["/2"]),
        (["A,Tên,commune,2025-01-01,,,,", "A,Tên,commune,2025-01-01,,,,"], ["/3/valid_from"]),
        (["A,Một,commune,2025-01-01,,,,", "A,Hai,commune,2025-06-01,,,,"], ["/3/valid_from"]),
        (["A,Tên,commune,2025-01-01,,,,B", "B,Tên,commune,2025-01-01,,,,"], ["/2/successors"]),
        (["A,Tên,commune,2025-01-01,2025-06-30,,,B"], ["/2/successors"]),
        (["A,Tên,commune,2025-01-01,2025-06-30,,,A"], ["/2/successors"]),
        (["A,Tên,commune,2025-01-01,2025-06-30,,,B", "B,Tên,commune,2025-07-02,,,,"], ["/2/successors"]),
        (["A,Tên,commune,2025-01-01,,Z,,"], ["/2/parent"]),
        ([PROVINCE, "A,Tên,commune,1999-01-01,,P,,"], ["/3/parent"]),
        (["A,Tên,agency,2025-01-01,,B,,", "B,Tên,agency,2025-01-01,,A,,"], ["/2/parent", "/3/parent"]),
        (["A,Tên,agency,2025-01-01,,A,,"], ["/2/parent"]),
        (["H99.1,Tên,agency,2025-01-01,,,H99.2,"], ["/2/alias"]),
        (["A,Tên,agency,2025-01-01,,,X,", "B,Tên,agency,2025-01-01,,,X,"], ["/3/alias"]),
        (["A,Tên,agency,2025-01-01,,,B,", "B,Tên,agency,2025-01-01,,,,"], ["/2/alias"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_line_and_field(rows: list[str], found: list[str]) -> None:
    """ORG-03 (part): overlapping periods, circles and successors that nobody knows are refused."""
    assert problems(*rows) == found


def test_two_codes_that_follow_each_other_on_the_same_day_are_refused() -> None:
    """ORG-04 (part): nothing goes in circles."""
    rows = ["A,Tên,commune,2025-01-01,2025-06-30,,,B", "B,Tên,commune,2025-01-01,2025-06-30,,,A"]
    assert problems(*rows) == ["/2/successors", "/3/successors"]


@pytest.mark.parametrize("head", ["code,name", "code,name,kind,valid_from,note", ""])
def test_other_columns_are_refused(head: str) -> None:
    with pytest.raises(UnprocessableError) as refused:
        read(f"{head}\nA,Tên,commune,2025-01-01,x\n")
    assert [told.pointer for told in refused.value.fields] == ["/1"]


def test_a_file_from_a_spreadsheet_may_begin_with_a_mark() -> None:
    assert read("\ufeff" + text(PROVINCE))[2].code == "P"


def test_a_period_is_ended_and_followed_and_nothing_that_was_recorded_changes() -> None:
    """ORG-03 (part): history is never rewritten."""
    known = text("A,Xã A,commune,2000-01-01,,,,", "C,Xã C,commune,2000-01-01,,,,")
    rows = text("A,Xã A,commune,2000-01-01,2025-06-30,,,N", "N,Xã N,commune,2025-07-01,,,,")
    found = plan(plan([], read(known)).added, read(rows))
    assert [(old.valid_to, new.valid_to, new.successors) for old, new in found.changed] == [
        (None, date(2025, 6, 30), ("N",))
    ]
    assert ([unit.code for unit in found.added], found.unchanged) == (["N"], 0)
    for wrong, field in (
        ("A,Xã B,commune,2000-01-01,,,,", "name"),
        ("A,Xã A,ward,2000-01-01,,,,", "kind"),
    ):
        assert problems(wrong, known=known) == [f"/2/{field}"]
    ended = text("A,Xã A,commune,2000-01-01,2025-06-30,,,C", "C,Xã C,commune,2000-01-01,,,,")
    assert problems("A,Xã A,commune,2000-01-01,2025-07-31,,,", known=ended) == ["/2/valid_to"]
    assert problems("A,Xã A,commune,2000-01-01,,,,N", "N,Xã N,commune,2025-07-01,,,,", known=ended) == ["/2/successors"]


def test_another_unicode_form_and_another_order_of_successors_are_no_other_word() -> None:
    rows = [
        "A,Xã Mỹ Ấp,commune,2000-01-01,2025-06-30,,,N;M",
        "N,Xã N,commune,2025-07-01,,,,",
        "M,Xã M,commune,2025-07-01,,,,",
    ]
    known = read(text(*rows))
    again = unicodedata.normalize("NFD", text(*rows)).replace("N;M", "M;N")
    found = plan(plan([], known).added, read(again))
    assert (found.added, found.changed, found.unchanged) == ((), (), 3)
    assert all(unicodedata.is_normalized("NFC", unit.name) for unit in read(again).values())


def test_a_quotation_mark_that_is_left_open_is_told_by_its_line() -> None:
    rows = [PROVINCE, 'A,"Xã A,commune,2000-01-01,,,,', *(f"B{n},Xã,commune,2000-01-01,,,," for n in range(5000))]
    with pytest.raises(UnprocessableError) as refused:
        read(text(*rows))
    assert [told.pointer for told in refused.value.fields] == ["/3"]


def test_ending_a_province_over_the_heads_of_its_communes_is_refused() -> None:
    known = text(PROVINCE, "X,Xã,commune,2000-01-01,,P,,")
    rows = ["P,Tỉnh,province,2000-01-01,2025-06-30,,,Q", "Q,Tỉnh Q,province,2025-07-01,,,,"]
    assert problems(*rows, known=known) == ["/recorded/X/parent"]


async def test_pending_dossiers_of_an_abolished_body_are_found_with_its_heirs_and_keep_their_codes() -> None:
    """ORG-06 (part): found with who stands for the body; the hand-over with its receipt is not part of this."""
    places = Places(MemoryPlaces(), atomically=atomically)
    bodies = text(
        "H99.12,Sở Cũ,agency,2020-01-01,2025-06-30,,000.00.12.H99,H99.40;H99.41",
        "H99.40,Sở Một,agency,2025-07-01,,,,",
        "H99.41,Sở Hai,agency,2025-07-01,,,,",
    )
    await places.take(bodies, tenant="H99")
    old = ["H99.12-250601-0001", "000.00.12.H99-250601-0002"]
    pending = [*old, "H99.40-250801-0001", "H98.1-250801-0001"]
    found = await places.orphans(pending, on=TODAY, tenant="H99")
    assert [code for code, _ in found] == old
    assert {unit.name for _, heirs in found for unit in heirs.units} == {"Sở Một", "Sở Hai"}
    assert await places.orphans(pending, on=date(2025, 6, 30), tenant="H99") == [
        (code, await places.resolve(code.split("-")[0], on=date(2025, 6, 30), context=CONTEXT))
        for code in ("H99.40-250801-0001",)
    ]


async def test_an_import_is_previewed_taken_once_and_then_changes_nothing() -> None:
    """ORG-03 (part)."""
    places = Places(MemoryPlaces(), atomically=atomically)
    seen = await places.preview(EXAMPLE, tenant="H99")
    with pytest.raises(NotFoundError):
        await places.resolve("MOCK-HG", on=TODAY, context=CONTEXT)
    taken = await places.take(EXAMPLE, tenant="H99")
    assert taken == seen
    again = await places.take(EXAMPLE, tenant="H99")
    assert (again.added, again.changed, again.unchanged) == ((), (), len(seen.added))
    assert (await places.resolve("MOCK-HG", on=TODAY, context=CONTEXT)).units[0].code == "MOCK-CT"
    with pytest.raises(NotFoundError):
        await places.other_form("H99.12", on=TODAY, context=CONTEXT)
