"""Addresses of before and after the mergers."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.domain import DIFFERENT, SAME
from gateway.lookups.addresses import Known, compare_coded, compare_text
from gateway.lookups.findings import Finding
from gateway.lookups.model import Gap
from gateway.places.kin import kin_named, kin_of
from gateway.places.lineage import Lineage
from gateway.places.sheet import read

SHEET = Path(__file__).parents[3] / "deploy" / "places" / "example.csv"
LINEAGE = Lineage(read(SHEET.read_text(encoding="utf-8")).values())
with Path(__file__).with_name("addresses.csv").open(encoding="utf-8", newline="") as lines:
    PAIRS = list(csv.DictReader(lines))


def known(commune: str, province: str) -> dict[str, Known]:
    return {"commune_code": Known.of(kin_of(LINEAGE, commune)), "province_code": Known.of(kin_of(LINEAGE, province))}


def compare(asked: Mapping[str, Any], *, commune: str, province: str = "MOCK-CT", street: str = "") -> list[Finding]:
    held = {"commune_code": commune, "province_code": province, **({"detail": street} if street else {})}
    return list(compare_coded("at", asked, held, known=known(commune, province)))


@pytest.mark.parametrize("pair", PAIRS, ids=[pair["note"] for pair in PAIRS])
def test_old_and_new_addresses_are_told_apart_and_together(pair: dict[str, str]) -> None:
    """ORG-10, POP-09: a fixture of pairs; similar only where the register of places explains it."""
    [found] = compare(
        {"text": pair["asked"]},
        commune=pair["held_commune"],
        province=pair["held_province"],
        street=pair["held_street"],
    )
    assert found.likeness is not None
    assert (found.likeness.how, " ".join(w for w in found.likeness.why if w != "case")) == (pair["how"], pair["why"])
    assert found.gap is None


@pytest.mark.parametrize(
    ("asked", "held", "how", "why"),
    [
        (("MOCK-CT", "MOCK-X27"), ("MOCK-CT", "MOCK-X27"), "same", ()),
        (("MOCK-ST", "MOCK-C116"), ("MOCK-CT", "MOCK-X27"), "similar", ("old_place",)),
        (("MOCK-CT", "MOCK-X27"), ("MOCK-ST", "MOCK-C116"), "similar", ("old_place",)),
        (("MOCK-HG", "MOCK-C115"), ("MOCK-ST", "MOCK-C116"), "different", ()),
        (("MOCK-CT", "MOCK-X28"), ("MOCK-CT", "MOCK-X27"), "different", ()),
        (("99", "99999"), ("MOCK-CT", "MOCK-X27"), "different", ()),
    ],
)
def test_codes_of_one_place_are_similar_and_of_two_places_different(
    asked: tuple[str, str], held: tuple[str, str], how: str, why: tuple[str, ...]
) -> None:
    """ORG-04 (part), ORG-10: no district is needed on either side (ORG-01)."""
    codes = {"province_code": asked[0], "commune_code": asked[1]}
    found = compare(codes, commune=held[1], province=held[0])
    assert [item.field for item in found] == ["at.province_code", "at.commune_code"]
    commune = found[1].likeness
    assert commune is not None
    assert (commune.how, commune.why) == (how, why)


def test_codes_that_the_register_of_places_does_not_know_are_the_same_or_unchecked() -> None:
    """94 and 92 may be one place; who has not imported its places cannot know."""
    for asked, likeness, gap in (("31507", SAME, None), ("31510", None, Gap.UNKNOWN_PLACE)):
        found = compare({"commune_code": asked}, commune="31507")
        assert found == [Finding("at.commune_code", likeness, gap)]


def test_a_text_about_a_place_that_nobody_knows_is_unchecked_and_never_different() -> None:
    """POP-09: nothing is said that was not compared."""
    found = compare({"text": "Số 1, đường Mẫu, xã Lạ, tỉnh Lạ"}, commune="31507", province="92", street="SỐ 1")
    assert found == [Finding("at.text", None, Gap.UNKNOWN_PLACE)]


def test_what_the_record_does_not_hold_is_unchecked() -> None:
    asked = {"province_code": "92", "commune_code": "31507", "detail": "Số 1"}
    found = list(compare_coded("at", asked, {}, known={}))
    assert [(item.likeness, item.gap) for item in found] == [(None, Gap.NOT_IN_RECORD)] * 3


def test_the_street_alone_stays_open_where_the_record_has_none() -> None:
    [found] = compare({"text": "Số 1, xã Mẫu 27, thành phố Cần Thơ"}, commune="MOCK-X27")
    assert found == Finding("at.text", SAME, Gap.NO_STREET)
    [found] = compare({"text": "Số 1, đường Mẫu"}, commune="MOCK-X27")
    assert found == Finding("at.text", None, Gap.NO_STREET)
    [found] = compare({"text": "Việt Nam"}, commune="MOCK-X27")
    assert found.likeness is None


@pytest.mark.parametrize("asked", ["Mẫu 28, thành phố Cần Thơ", "Số 1, Mẫu 28, Cần Thơ", "Số 1, thành phố Cần Thơ"])
def test_a_name_that_may_be_another_commune_is_no_street(asked: str) -> None:
    """Without its kind it cannot be told from a hamlet: that the province is the same says nothing of the commune."""
    assert compare({"text": asked}, commune="MOCK-X27") == [Finding("at.text", None, Gap.NO_STREET)]
    [found] = compare({"text": asked.replace("Mẫu 28", "xã Mẫu 28")}, commune="MOCK-X27")
    assert found.likeness in {None, DIFFERENT}


def test_detail_is_compared_as_an_address() -> None:
    [found] = compare({"detail": "1 Đ. Mẫu"}, commune="MOCK-X27", street="SỐ 1 ĐƯỜNG MẪU")
    assert found.likeness is not None
    assert (found.likeness.how, found.likeness.why) == ("similar", ("abbreviation",))


def test_a_head_office_is_known_by_names_alone() -> None:
    kin = kin_named(LINEAGE, "Xã Mẫu 27", ["Thành phố Cần Thơ"])
    names = Known.of(kin, "Xã Mẫu 27", "Thành phố Cần Thơ").names
    asked = "1 Đường Mẫu, xã Cũ Mẫu 116, huyện Mẫu 1, tỉnh Sóc Trăng"
    found = compare_text("head_office", asked, street="1 Đường Mẫu", names=names)
    assert found.likeness is not None
    assert found.likeness.how == "similar"
    other = compare_text("head_office", asked.replace("116", "117"), street="1 Đường Mẫu", names=names)
    assert other.likeness == DIFFERENT


@given(st.text(max_size=60), st.text(max_size=30), st.sampled_from(["MOCK-X27", "MOCK-C116", "31507"]))
def test_any_text_is_compared_or_said_to_be_open(asked: str, street: str, commune: str) -> None:
    for found in compare({"text": asked}, commune=commune, street=street):
        assert (found.likeness is None) <= (found.gap is not None)
