"""Identifiers, names and the status table."""

from __future__ import annotations

import itertools
import unicodedata

import pytest

from gateway.domain import (
    STATUSES,
    AgencyId,
    DossierCode,
    DossierStatus,
    EnterpriseCode,
    InvalidValueError,
    PersonalId,
    ProcedureCode,
    check_transition,
    fold_name,
)

LABELS = {
    1: "Mới đăng ký", 2: "Được tiếp nhận", 3: "Không được tiếp nhận", 4: "Đang xử lý", 5: "Yêu cầu bổ sung giấy tờ",
    6: "Yêu cầu thực hiện nghĩa vụ tài chính", 7: "Công dân yêu cầu rút hồ sơ", 8: "Dừng xử lý", 9: "Đã xử lý xong",
    10: "Đã trả kết quả",
}  # fmt: skip
ALLOWED = {
    1: {1, 2, 3, 5, 6, 7}, 2: {2, 4, 6, 7, 8, 9}, 3: set(), 4: {4, 5, 6, 7, 8, 9}, 5: {5, 2, 4, 7, 8},
    6: {6, 2, 4, 9, 7, 8}, 7: {7, 8, 4}, 8: {8, 4, 9}, 9: {9, 10}, 10: set(),
}  # fmt: skip
LAWFUL = [
    (PersonalId, "099185000001"),
    (PersonalId, "000000001"),
    (EnterpriseCode, "9900000016"),
    (EnterpriseCode, "9900000016-001"),
    (EnterpriseCode, "099185000001"),
    (AgencyId, "H99.12"),
    (AgencyId, "000.00.05.H99"),
    (ProcedureCode, "1.009999.000.00.00.H99"),
    (ProcedureCode, "1.009999.H99"),
]


def test_ten_labels_are_exact_and_composed() -> None:
    """STA-01."""
    assert {int(s): s.label_vi for s in DossierStatus} == LABELS
    assert all(unicodedata.is_normalized("NFC", row.label_vi) for row in STATUSES.values())


@pytest.mark.parametrize(("start", "end"), [*itertools.product(range(1, 11), repeat=2)])
def test_every_pair_of_statuses_is_allowed_or_refused_with_a_reason(start: int, end: int) -> None:
    """STA-03: all 100 pairs."""
    move = check_transition(DossierStatus(start), DossierStatus(end))
    assert move.allowed is (end in ALLOWED[start])
    assert bool(move.reason_vi) is not move.allowed


@pytest.mark.parametrize("status", list(DossierStatus))
def test_dossier_starts_filed_accepted_or_refused(status: DossierStatus) -> None:
    assert check_transition(None, status).allowed is (status in {1, 2, 3})


@pytest.mark.parametrize(
    "code",
    ["000.00.05.H99-260102-0007", "G09.20-20260609-0092637", "H99.01-260801-0007", "G22.01-260102-000321"],
)
def test_every_shape_of_dossier_code_seen_is_accepted_unchanged(code: str) -> None:
    """COD-01, COD-02."""
    assert DossierCode.parse(code).value == code


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (DossierCode, "000.00.05.H99-2601-0007"),
        (DossierCode, "000.00.05.h99-260102-0007"),
        (PersonalId, "09918500000"),
        (PersonalId, "٠٩٩١٨٥٠٠٠٠٠١"),
        (PersonalId, "099185000001\n"),
        (EnterpriseCode, "990000001"),
        (AgencyId, "h99.12"),
        (AgencyId, "H99." + "1" * 32),
        (ProcedureCode, "1.00999"),
    ],
)
def test_malformed_identifier_is_refused_without_repeating_it(kind: type[PersonalId], text: str) -> None:
    """T15 for agencies; PDP-15 for all."""
    with pytest.raises(InvalidValueError) as refused:
        kind.parse(text)
    assert text not in str(refused.value)
    assert refused.value.message_vi


@pytest.mark.parametrize(("kind", "text"), LAWFUL)
def test_identifier_of_every_lawful_shape_is_accepted(kind: type[PersonalId], text: str) -> None:
    """COD-04, COD-05 (part), COD-07, COD-08, COD-15."""
    assert kind.parse(text).value == text


def test_personal_number_hides_itself() -> None:
    assert "0991" not in repr(PersonalId.parse("099185000001"))


def test_name_folds_as_population_look_ups_send_it() -> None:
    assert fold_name("Trần Thị Mẫu") == "TRANTHIMAU"
    assert fold_name("đỗ đạt") == "DODAT"
