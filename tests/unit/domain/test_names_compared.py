"""Two writings of one name, address or enterprise: alike or not, and why."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.domain import (
    DIFFERENT,
    SAME,
    Likeness,
    Reason,
    TextKind,
    altogether,
    compare_texts,
    settle,
    similar,
)

PERSON, PLACE, ENTERPRISE = TextKind.PERSON, TextKind.PLACE, TextKind.ENTERPRISE
PIECES = ["Trần", "trần", "TRẦN", "Tran", "Ng.", "Ng", "Nguyễn", "Tr.", "V.", "Hòa", "Hoà", "Lý", "Lí", "Mỹ", "Đ.",
          "Đường", "P.5", "Phường 5", "TP.", "CTY", "C.ty", "TNHH", "&", "1", "01", "12", "1/2", "-", ",", "\u00a0",
          "\u200b", "Ð", "quý", "a\u0301\u0302", "ｍẫｕ", "ß", "İ", "ſ"]  # fmt: skip
TEXTS = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(PIECES), max_size=6).map(" ".join),
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join),
)
KINDS = st.sampled_from(list(TextKind))


@pytest.mark.parametrize(
    ("kind", "one", "other", "reasons"),
    [
        (PERSON, "Tran Thi Mau", "TRẦN THỊ MẪU", "marks"),
        (PERSON, "Đỗ Văn Đạt", "Do Van Dat", "marks"),
        (PERSON, "ÐỖ VĂN ĐẠT", "Đỗ Văn Đạt", "marks"),  # Icelandic Ð, as old fonts left it
        (PERSON, "Trần Thị Mẫu", "Trần Thị Mậu", "marks"),
        (PERSON, "Trần ThịMẫu", "Trần Thị Mẫu", "spacing"),
        (PERSON, "Trần Thị-Mẫu", "Trần Thị Mẫu", "punctuation"),
        (PERSON, "TRANTHIMAU", "Trần Thị Mẫu", "marks spacing"),
        (PERSON, "Lê Hòa", "LÊ HOÀ", "tone_position"),
        (PERSON, "Lê Thúy", "Lê Thuý", "tone_position"),
        (PERSON, "Nguyễn Thị Qúy", "Nguyễn Thị Quý", "tone_position"),
        (PERSON, "Lý Thị Mẫu", "LÍ THỊ MẪU", "i_or_y"),
        (PERSON, "Trần Mỹ", "Trần Mĩ", "i_or_y"),
        (PERSON, "Trần Quý", "Trần Quí", "i_or_y"),
        (PERSON, "Như Ý", "Như Í", "i_or_y"),
        (PERSON, "Lý Hòa", "Lí Hoà", "tone_position i_or_y"),
        (PERSON, "Ng. Văn Mẫu", "NGUYỄN VĂN MẪU", "abbreviation"),
        (PERSON, "Ng~ Văn Mẫu", "NGUYỄN VĂN MẪU", "abbreviation"),
        (PERSON, "Ng Văn Mẫu", "Nguyễn Văn Mẫu", "abbreviation"),
        (PERSON, "Tr. Thị Mẫu", "Trương Thị Mẫu", "abbreviation"),
        (PERSON, "Tr. Th. Mẫu", "Trần Thị Mẫu", "abbreviation"),
        (PERSON, "Ng.V. Mẫu", "Nguyễn Văn Mẫu", "abbreviation"),
        (PERSON, "Ng. Van Mau", "Nguyễn Văn Mẫu", "marks abbreviation"),
        (PERSON, "H'Mông Mẫu", "H’Mông Mẫu", "punctuation"),
        (PLACE, "P.5", "Phường 5", "abbreviation"),
        (PLACE, "P. Sóc Trăng", "Phường Sóc Trăng", "abbreviation"),
        (PLACE, "Q1", "Quận 1", "abbreviation"),
        (PLACE, "Phường 05", "Phường 5", "abbreviation"),
        (PLACE, "TP.Cần Thơ", "Thành phố Cần Thơ", "abbreviation"),
        (PLACE, "TP Cần Thơ", "Thành phố Cần Thơ", "abbreviation"),
        (PLACE, "TX. Ngã Năm", "Thị xã Ngã Năm", "abbreviation"),
        (PLACE, "TT. Kế Sách", "Thị trấn Kế Sách", "abbreviation"),
        (PLACE, "X. Kế Sách, H. Kế Sách", "Xã Kế Sách, Huyện Kế Sách", "abbreviation"),
        (PLACE, "Số 1, Đ. Mẫu", "1, Đường Mẫu", "abbreviation"),
        (PLACE, "1/2 Đường Mẫu", "1-2 Đường Mẫu", "punctuation"),
        (ENTERPRISE, "CTY TNHH Mẫu", "Công ty TNHH Mẫu", "abbreviation"),
        (ENTERPRISE, "C.TY T.N.H.H MTV Mẫu", "CÔNG TY TRÁCH NHIỆM HỮU HẠN MỘT THÀNH VIÊN MẪU", "abbreviation"),
        (ENTERPRISE, "Công ty TNHH 1 thành viên Mẫu", "CÔNG TY TNHH MTV MẪU", "abbreviation"),
        (ENTERPRISE, "Cong ty CP Mau", "CÔNG TY CỔ PHẦN MẪU", "marks abbreviation"),
        (ENTERPRISE, "DNTN Mẫu", "Doanh nghiệp tư nhân Mẫu", "abbreviation"),
        (ENTERPRISE, "HTX Mẫu", "Hợp tác xã Mẫu", "abbreviation"),
        (ENTERPRISE, "Công ty Mẫu & Thử", "Công ty Mẫu và Thử", "abbreviation"),
        (ENTERPRISE, "CN Công ty Mẫu", "Chi nhánh Công ty Mẫu", "abbreviation"),
        (ENTERPRISE, "Công ty Mẫu CN cao", "Công ty Mẫu công nghệ cao", "abbreviation"),
    ],
)  # fmt: skip
def test_what_people_write_in_two_ways_is_similar_and_says_why(
    kind: TextKind, one: str, other: str, reasons: str
) -> None:
    """POP-09: marks, spacing, tone position, i and y, abbreviations."""
    for pair in ((one, other), (other, one)):
        found = compare_texts(*pair, kind=kind)
        assert (found.how, " ".join(found.why)) == ("similar", reasons)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Trần Thị Mẫu", "TRẦN  THỊ MẪU"),
        (unicodedata.normalize("NFD", "Nguyễn Thị Ệ"), "Nguyễn Thị Ệ"),
        ("Nguye\u0302\u0303n", "Nguyễn"),
        ("Nguye\u0303\u0302n", "Nguyễn"),  # the tone typed before the circumflex
        ("Ngu\u00a0Văn", "Ngu Văn"),
        ("Ｔｒần\u3000Mẫu", "Trần Mẫu"),
        ("Trần\u200b Mẫu\ufeff", "Trần Mẫu"),
        ("Tr\u0302\u0340", "tr\u0300\u0302"),
    ],
)
def test_what_nobody_sees_is_no_difference(one: str, other: str) -> None:
    assert compare_texts(one, other, kind=PERSON).how == "same"


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        (PERSON, "Trần Thị Mẫu", "Trần Thị Mơ"),
        (PERSON, "Trần Văn Mẫu", "Trần Mẫu Văn"),
        (PERSON, "Trần Văn Tay", "Trần Văn Tai"),
        (PERSON, "Lê Thúy", "Lê Thúi"),
        (PERSON, "Ng. Văn Mẫu", "Ngô Văn Mẫu"),
        (PERSON, "Tr. Văn Mẫu", "Lê Văn Mẫu"),
        (PERSON, "N. V. Mẫu", "Nguyễn Văn Mẫu"),
        (PERSON, "P. Mẫu", "Phường Mẫu"),
        (PERSON, "Hoàng Mẫu", "Huỳnh Mẫu"),
        (PERSON, "Võ Mẫu", "Vũ Mẫu"),
        (PERSON, "", "."),
        (PLACE, "Số 1/2", "Số 12"),
        (PLACE, "Số 1 2", "Số 12"),
        (PLACE, "Phường 5", "Phường 6"),
        (PLACE, "Phường 10", "Phường 1"),
        (PLACE, "Xã Phú Lộc", "Thị trấn Phú Lộc"),
        (ENTERPRISE, "Công ty TNHH Mẫu", "Công ty CP Mẫu"),
        (ENTERPRISE, "Công ty TNHH MTV Mẫu", "Công ty TNHH Mẫu"),
        (ENTERPRISE, "Công ty A@", "Công ty A#"),
    ],
)
def test_what_no_habit_explains_is_different(kind: TextKind, one: str, other: str) -> None:
    """POP-09: similar is said only of what can be explained."""
    assert compare_texts(one, other, kind=kind) == DIFFERENT
    assert compare_texts(other, one, kind=kind) == DIFFERENT


@given(TEXTS, TEXTS, KINDS)
@settings(max_examples=400)
def test_it_does_not_matter_which_one_is_asked(one: str, other: str, kind: TextKind) -> None:
    assert compare_texts(one, other, kind=kind) == compare_texts(other, one, kind=kind)


@given(TEXTS, KINDS)
def test_everything_is_the_same_as_itself_composed_or_decomposed(text: str, kind: TextKind) -> None:
    assert compare_texts(text, text, kind=kind) == SAME
    for form in ("NFC", "NFD"):
        assert compare_texts(text, unicodedata.normalize(form, text), kind=kind) == SAME  # type: ignore[arg-type]


def letters(text: str) -> Counter[str]:
    """An oracle of its own: which letters a text has, whatever their case, width and order of marks."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return Counter(c for c in plain if not c.isspace() and unicodedata.category(c) != "Cf")


@given(TEXTS, TEXTS, KINDS)
@settings(max_examples=400)
def test_texts_of_other_letters_are_never_the_same(one: str, other: str, kind: TextKind) -> None:
    if compare_texts(one, other, kind=kind).how == "same":
        assert letters(one) == letters(other)


@given(TEXTS, TEXTS, KINDS)
def test_similar_has_reasons_and_no_other_verdict_but_case_has(one: str, other: str, kind: TextKind) -> None:
    found = compare_texts(one, other, kind=kind)
    assert (found.how == "similar") == bool(set(found.why) - {Reason.CASE})
    assert found.why == () or found.how != "different"


@given(TEXTS)
def test_settling_twice_changes_nothing(text: str) -> None:
    assert settle(settle(text)) == settle(text)


@given(st.text(max_size=30), st.integers(0, 999), st.integers(0, 999))
def test_another_number_is_never_similar(street: str, one: int, other: int) -> None:
    if one != other:
        found = compare_texts(f"{one} Đường {street}", f"{other} Đường {street}", kind=PLACE)
        assert found.how == "different"


def test_names_of_persons_are_compared_shortly() -> None:
    assert compare_texts("Ng. Văn Mẫu", "NGUYỄN VĂN MẪU", kind=TextKind.PERSON).how == "similar"
    assert compare_texts("Mẫu", "MẪU", kind=TextKind.PERSON).how == "same"


def test_only_case_says_so() -> None:
    assert compare_texts("mẫu", "MẪU", kind=PERSON) == Likeness("same", (Reason.CASE,))


def test_a_whole_is_as_its_worst_part_for_the_reasons_of_all() -> None:
    one, other = similar([Reason.MARKS]), similar([Reason.OLD_PLACE])
    assert altogether([SAME, one, other]) == similar([Reason.OLD_PLACE, Reason.MARKS])
    assert altogether([one, DIFFERENT]) == DIFFERENT
    assert altogether([]) == SAME
    assert DIFFERENT.because(Reason.OLD_PLACE) == DIFFERENT
    assert Likeness("same", (Reason.CASE,)).because(Reason.OLD_PLACE) == other


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_its_sentence_in_both_languages(reason: Reason) -> None:
    assert reason.detail.isascii()
    assert unicodedata.is_normalized("NFC", reason.detail_vi)
    assert not reason.detail_vi.isascii()
