"""Codes of agencies, organisations, procedures, sectors and dossiers, in every shape that was seen."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain import (
    AgencyId,
    DossierCode,
    EnterpriseCode,
    InvalidValueError,
    ProcedureCode,
    SchemeId,
    SectorCode,
    ServiceCode,
    parse_organization,
)


@pytest.mark.parametrize(
    ("code", "agency", "day", "serial"),
    [
        ("000.00.05.H99-260102-0007", "000.00.05.H99", date(2026, 1, 2), 7),
        ("000.00.05.H99-260102-10007", "000.00.05.H99", date(2026, 1, 2), 10_007),
        ("H99.12.03-261124-0001", "H99.12.03", date(2026, 11, 24), 1),
        ("G09.20-20260609-0092637", "G09.20", date(2026, 6, 9), 92_637),
        ("G22.01-260102-000321", "G22.01", date(2026, 1, 2), 321),
        ("000.00.05.H99-269902-0007", "000.00.05.H99", None, 7),
    ],
)
def test_a_dossier_code_of_every_shape_is_read_and_none_is_rewritten(
    code: str, agency: str, day: date | None, serial: int
) -> None:
    """COD-01 (part), COD-02 (part)."""
    read = DossierCode.parse(code)
    assert (read.agency, read.day, read.serial, str(read)) == (agency, day, serial, code)


@pytest.mark.parametrize(
    "code",
    ["", "000.00.05.H99-260102-007", "000.00.05.H99-260102-00000007", "H99--0001", "h99-260102-0001", "H99-260102"],
)
def test_what_is_no_dossier_code_is_refused(code: str) -> None:
    """COD-01 (part)."""
    with pytest.raises(InvalidValueError):
        DossierCode.parse(code)


@pytest.mark.parametrize(
    ("text", "levels", "level_one"),
    [
        ("H99", ["H99"], "H99"),
        ("H99.12.03A", ["H99", "H99.12", "H99.12.03A"], "H99"),
        ("000.00.00.H99", ["000.00.00.H99"], "H99"),
        ("000.00.05.H99", ["000.00.00.H99", "000.00.05.H99"], "H99"),
        ("001.21.05.H99", ["000.00.00.H99", "000.00.05.H99", "000.21.05.H99", "001.21.05.H99"], "H99"),
        ("001.00.05.H99", ["000.00.00.H99", "000.00.05.H99", "001.00.05.H99"], "H99"),
    ],
)
def test_an_agency_is_walked_from_its_province_down(text: str, levels: list[str], level_one: str) -> None:
    """COD-04: length, alphabet and level walk, in both forms."""
    agency = AgencyId.parse(text)
    assert [str(level) for level in agency.levels] == levels
    assert agency.level_one == level_one


@pytest.mark.parametrize(
    "text", ["Z99.12", "H9", "H999", "H99.", "H99..1", "H99.đ", "00.00.05.H99", "H99-12", "H99." + "A" * 32]
)
def test_what_is_no_agency_id_is_refused(text: str) -> None:
    """COD-04: letter A to Y and two digits, 35 characters at most."""
    with pytest.raises(InvalidValueError):
        AgencyId.parse(text)


@settings(deadline=None)
@given(letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXY"), number=st.integers(0, 99))
def test_a_level_one_agency_has_both_forms_and_comes_back(letter: str, number: int) -> None:
    """COD-05 (part): at level 1 the form alone says it."""
    new = AgencyId.parse(f"{letter}{number:02d}")
    old = new.other_form
    assert old is not None
    assert old.value == f"000.00.00.{letter}{number:02d}"
    assert old.other_form == new


@pytest.mark.parametrize("text", ["H99.12", "000.00.12.H99"])
def test_below_level_one_the_other_form_is_never_guessed(text: str) -> None:
    """COD-05 (part)."""
    assert AgencyId.parse(text).other_form is None


@pytest.mark.parametrize(("text", "scheme", "number"), [("Z01A", "Z01", "A"), ("Z99" + "7" * 32, "Z99", "7" * 32)])
def test_an_organisation_of_a_scheme_is_read(text: str, scheme: str, number: str) -> None:
    """COD-06."""
    read = SchemeId.parse(text)
    assert (read.scheme, read.number) == (scheme, number)


@pytest.mark.parametrize("text", ["Z00A", "Z1A", "Z01", "Z01-A", "Z01.A", "Y01A", "Z01" + "7" * 33, "Z01a"])
def test_what_is_no_scheme_id_is_refused(text: str) -> None:
    """COD-06."""
    with pytest.raises(InvalidValueError):
        SchemeId.parse(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("9900000016", EnterpriseCode),
        ("9900000016-001", EnterpriseCode),
        ("9900000016001", EnterpriseCode),
        ("H99.12", AgencyId),
        ("000.00.12.H99", AgencyId),
        ("Z01000123", SchemeId),
    ],
)
def test_an_organisation_is_known_by_its_registration_number_scheme_or_agency_id(text: str, kind: type) -> None:
    """COD-07."""
    assert parse_organization(text) == kind(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("9900000016", True),
        ("9900000048", True),
        ("9900000016-001", True),
        ("9900000016001", True),
        ("9900000017", False),
        ("9900000017-001", False),
        ("9900000070", False),  # the sum leaves no remainder: no digit fits
        ("099085000012", None),
    ],
)
def test_the_check_digit_of_an_enterprise_code_is_told_and_rejects_nothing(text: str, holds: bool | None) -> None:
    """COD-07 (part): contract page, section 6."""
    assert EnterpriseCode.parse(text).check_digit_holds is holds


@settings(deadline=None)
@given(body=st.integers(990_000_000, 999_999_999))
def test_at_most_one_check_digit_holds(body: int) -> None:
    """COD-07 (part): whatever the digit is, the code is one."""
    holding = [digit for digit in range(10) if EnterpriseCode.parse(f"{body}{digit}").check_digit_holds]
    assert len(holding) <= 1


@pytest.mark.parametrize("text", ["", "990000001", "Z00123", "9900000016-01", "tổ chức"])
def test_what_identifies_no_organisation_is_refused_without_repeating_it(text: str) -> None:
    """COD-07."""
    with pytest.raises(InvalidValueError) as refused:
        parse_organization(text)
    assert not text or text not in str(refused.value)


@pytest.mark.parametrize(
    ("text", "national", "publisher"),
    [
        ("1.005129", "1.005129", ""),
        ("1.000948.H38", "1.000948", "H38"),
        ("1.010708.000.00.00.H56", "1.010708", "000.00.00.H56"),
        ("3.000181.000.00.00.H22", "3.000181", "000.00.00.H22"),
    ],
)
def test_the_national_code_is_the_key_of_every_shape(text: str, national: str, publisher: str) -> None:
    """COD-08: golden shapes observed live."""
    read = ProcedureCode.parse(text)
    assert (read.national, read.publisher, str(read)) == (national, publisher, text)
    assert ServiceCode.parse(f"{text}.02").procedure == read


@pytest.mark.parametrize(
    ("text", "procedure"),
    [("2.000815.000.00.00.H55.02", "2.000815.000.00.00.H55"), ("1.009999.01", "1.009999")],
)
def test_a_service_names_its_procedure(text: str, procedure: str) -> None:
    """COD-08."""
    assert ServiceCode.parse(text).procedure == ProcedureCode.parse(procedure)


def test_a_procedure_is_no_service_and_a_service_no_procedure() -> None:
    """COD-08."""
    for kind, text in ((ServiceCode, "1.009999"), (ServiceCode, "1.009999.H38"), (ProcedureCode, "1.009999.02")):
        with pytest.raises(InvalidValueError):
            kind.parse(text)


@pytest.mark.parametrize("text", ["G03-GD10", "G05-VD20", "G09-LV", "H99-1"])
def test_a_sector_code_names_its_ministry(text: str) -> None:
    """COD-09."""
    assert SectorCode.parse(text).ministry == text[:3]


@pytest.mark.parametrize("text", ["G3-GD10", "G03GD10", "G03-", "Z03-GD10", "g03-gd10", "G03-GD 10"])
def test_what_is_no_sector_code_is_refused(text: str) -> None:
    """COD-09."""
    with pytest.raises(InvalidValueError):
        SectorCode.parse(text)
