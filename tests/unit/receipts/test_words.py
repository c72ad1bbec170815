"""Amounts in Vietnamese words, each checked by hand."""

from __future__ import annotations

import pytest

from gateway.domain import InvalidValueError
from gateway.receipts.words import MOST, amount_in_words, number_in_words

SPOKEN = {
    0: "không",
    1: "một",
    4: "bốn",
    5: "năm",
    10: "mười",
    11: "mười một",
    14: "mười bốn",
    15: "mười lăm",
    20: "hai mươi",
    21: "hai mươi mốt",
    24: "hai mươi tư",
    25: "hai mươi lăm",
    31: "ba mươi mốt",
    44: "bốn mươi tư",
    55: "năm mươi lăm",
    91: "chín mươi mốt",
    99: "chín mươi chín",
    100: "một trăm",
    101: "một trăm linh một",
    104: "một trăm linh bốn",
    105: "một trăm linh năm",
    110: "một trăm mười",
    111: "một trăm mười một",
    115: "một trăm mười lăm",
    121: "một trăm hai mươi mốt",
    555: "năm trăm năm mươi lăm",
    1_000: "một nghìn",
    1_001: "một nghìn không trăm linh một",
    1_010: "một nghìn không trăm mười",
    1_015: "một nghìn không trăm mười lăm",
    1_100: "một nghìn một trăm",
    2_024: "hai nghìn không trăm hai mươi tư",
    10_000: "mười nghìn",
    10_500: "mười nghìn năm trăm",
    21_000: "hai mươi mốt nghìn",
    30_005: "ba mươi nghìn không trăm linh năm",
    101_000: "một trăm linh một nghìn",
    105_000: "một trăm linh năm nghìn",
    150_000: "một trăm năm mươi nghìn",
    999_999: "chín trăm chín mươi chín nghìn chín trăm chín mươi chín",
    1_000_000: "một triệu",
    1_000_001: "một triệu không trăm linh một",
    1_005_000: "một triệu không trăm linh năm nghìn",
    1_050_000: "một triệu không trăm năm mươi nghìn",
    1_234_567: "một triệu hai trăm ba mươi tư nghìn năm trăm sáu mươi bảy",
    15_000_000: "mười lăm triệu",
    2_147_483_648: "hai tỷ một trăm bốn mươi bảy triệu bốn trăm tám mươi ba nghìn sáu trăm bốn mươi tám",
    3_000_000_000: "ba tỷ",
    1_000_000_005: "một tỷ không trăm linh năm",
    1_000_150_000: "một tỷ một trăm năm mươi nghìn",
    1_001_000_000: "một tỷ không trăm linh một triệu",
    20_020_020_020: "hai mươi tỷ không trăm hai mươi triệu không trăm hai mươi nghìn không trăm hai mươi",
    1_000_000_000_000: "một nghìn tỷ",
    1_001_000_000_000: "một nghìn không trăm linh một tỷ",
    MOST: "chín nghìn chín trăm chín mươi chín tỷ chín trăm chín mươi chín triệu "
    "chín trăm chín mươi chín nghìn chín trăm chín mươi chín",
}


@pytest.mark.parametrize(("number", "said"), SPOKEN.items())
def test_a_number_is_said_as_accounting_writes_it(number: int, said: str) -> None:
    """PAY-10 (part)."""
    assert number_in_words(number) == said


def test_an_amount_begins_with_a_capital_and_ends_with_the_currency() -> None:
    """PAY-10 (part)."""
    assert amount_in_words(3_000_000_000) == "Ba tỷ đồng"
    assert amount_in_words(5_000) == "Năm nghìn đồng"


@pytest.mark.parametrize("number", [-1, MOST + 1])
def test_what_no_fee_can_be_is_not_said(number: int) -> None:
    with pytest.raises(InvalidValueError):
        number_in_words(number)


def test_no_two_numbers_sound_alike() -> None:
    spoken = [number_in_words(number) for number in range(20_000)]
    assert len(set(spoken)) == len(spoken)
