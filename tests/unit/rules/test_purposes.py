"""Purposes are dated data per procedure; a file that is wrong is named with its line and stops the start."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from gateway.lookups.enterprises import PUBLIC_FIELDS
from gateway.rules.purposes import (
    FREE_ENTERPRISE_FIELDS,
    load_purposes,
    read_purposes,
)
from gateway.sdk.errors import ConfigurationError

FIRST, SECOND = date(2026, 1, 1), date(2027, 1, 1)
GOOD = """effective_from: 2026-01-01
basis: Quyết định mẫu
procedures:
  "1.009999":
    citizen: [personal_id, full_name, birth_date]
    basis: Điều mẫu
  "1.009996":
    enterprise: [capital_amount]
    accounts: true
    registrations: true
"""
NEXT = """effective_from: 2027-01-01
basis: Quyết định sau
procedures:
  "1.009999": {citizen: [full_name]}
  "1.009996": null
"""


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_procedure_may_ask_what_its_file_says_on_the_basis_that_it_names(tmp_path: Path) -> None:
    """PDP-01, PDP-02 (part): fields and legal basis per procedure, from a day on."""
    book = load_purposes(write(tmp_path, a=GOOD), made_up=False)
    own = book.allowance("1.009999", FIRST)
    assert own is not None
    assert (own.citizen, own.enterprise) == ({"personal_id", "full_name", "birth_date"}, frozenset())
    assert (own.basis, own.source, own.accounts, own.registrations) == ("Điều mẫu", "a", False, False)
    other = book.allowance("1.009996", FIRST)
    assert other is not None
    assert (other.basis, other.accounts, other.registrations) == ("Quyết định mẫu", True, True)
    assert book.allowance("1.009999", date(2025, 12, 31)) is None
    assert book.allowance("1.009995", FIRST) is None


@pytest.mark.parametrize("code", ["1.009999", "1.009999.H99", "1.009999.000.00.00.H99"])
def test_every_shape_of_a_procedures_code_has_the_purposes_of_the_national_one(tmp_path: Path, code: str) -> None:
    """COD-08 (part)."""
    assert load_purposes(write(tmp_path, a=GOOD), made_up=False).allowance(code, FIRST) is not None


def test_a_later_file_replaces_per_procedure_from_its_day_on(tmp_path: Path) -> None:
    """ORG-11 (part): what will be in force is loaded and changes nothing yet."""
    book = load_purposes(write(tmp_path, b=NEXT, a=GOOD), made_up=False)
    before, after = book.allowance("1.009999", date(2026, 12, 31)), book.allowance("1.009999", SECOND)
    assert before is not None
    assert after is not None
    assert (len(before.citizen), after.citizen) == (3, {"full_name"})
    assert book.allowance("1.009996", date(2026, 12, 31)) is not None
    assert book.allowance("1.009996", SECOND) is None
    assert [since for since, _ in book.history("1.009999")] == [FIRST, SECOND]


def test_the_province_wins_over_what_comes_with_the_gateway_on_the_same_day(tmp_path: Path) -> None:
    text = GOOD.replace("2026-01-01", "2020-01-01")
    book = load_purposes(write(tmp_path, a=text), made_up=True)
    own = book.allowance("1.009999", FIRST)
    assert own is not None
    assert own.source == "a"


def test_made_up_procedures_count_in_the_sandbox_only() -> None:
    """Otherwise a caller in production could name one that may ask everything."""
    assert load_purposes(made_up=True).allowance("1.009999", FIRST) is not None
    assert load_purposes(made_up=False).procedures == []


def test_what_is_free_is_what_an_enterprise_shows_unasked() -> None:
    assert frozenset(PUBLIC_FIELDS) == FREE_ENTERPRISE_FIELDS


BROKEN = [
    ("citizen: [personal_id", "citizen: [sex", "line 5, procedures.1.009999.citizen.0"),
    ("enterprise: [capital", "enterprise: [turnover, capital", "line 8, procedures.1.009996.enterprise.0"),
    ("    accounts: true", "    accounts: sometimes", "line 9, procedures.1.009996.accounts"),
    ("    accounts: true", "    acounts: true", "line 9, procedures.1.009996.acounts"),
    ('"1.009996"', '"1.9"', "line 7, procedures.1.9"),
    ('"1.009996"', "1.009996", "line 7, procedures.1.009996"),
    ('"1.009996"', '"1.009999"', "line 7: 1.009999 stands twice"),
    ("effective_from: 2026-01-01", "effective_from: soon", "line 1, effective_from"),
    ("basis: Quyết định mẫu\n", "", "basis"),
    ("procedures:", "procedures: [", "line "),
    (GOOD, "", "it has the keys effective_from"),
]


@pytest.mark.parametrize(("old", "new", "told"), BROKEN, ids=[told for _, _, told in BROKEN])
def test_a_broken_file_is_named_with_its_line_and_field(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in GOOD
    folder = write(tmp_path, broken=GOOD.replace(old, new))
    with pytest.raises(ConfigurationError) as raised:
        load_purposes(folder, made_up=False)
    for text in (raised.value.detail, raised.value.detail_vi):
        assert "broken.yaml" in text
        assert told in text
    assert raised.value.error_code == "operator.purposes"
    with pytest.raises(ConfigurationError):
        read_purposes(folder / "broken.yaml")


def test_two_files_that_contradict_each_other_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"b\.yaml: line 4, procedures\.1\.009999: a\.yaml"):
        load_purposes(write(tmp_path, a=GOOD, b=GOOD), made_up=False)


def test_what_is_no_folder_or_no_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="not a folder"):
        load_purposes(tmp_path / "none", made_up=False)
    (tmp_path / "x.yaml").write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigurationError, match=r"x\.yaml: it cannot be read"):
        load_purposes(tmp_path, made_up=False)
