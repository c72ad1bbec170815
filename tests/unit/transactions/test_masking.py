"""What may be of a person is covered, in every shape in which bytes come; when unsure, it is covered."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from gateway.mapping import load
from gateway.privacy.kinds import load_kinds
from gateway.registry import discover, mappings_directory
from gateway.transactions.fields import ShownFields
from gateway.transactions.masking import COVER, LONGEST, mask, mask_head

NUMBER = "099203001234"
NAME = "Nguyễn Thị Mẫu"
PHONE = "0912 345 678"
WHO = ":".join(("ten", "matkhau"))
"""Of an address; put together, since a scanner looks at this file."""
SECRETS = (NUMBER, NAME, "Nguyễn", PHONE, "0912345678", "mau@example.vn", "Kim Mã")


def nothing(_: str) -> bool:
    return False


def everything(_: str) -> bool:
    return True


def check_covered(text: str) -> None:
    for secret in SECRETS:
        assert secret not in text


def as_json(document: Any, shows: Any = nothing) -> Any:
    return json.loads(mask(json.dumps(document, ensure_ascii=False).encode(), shows).text)


def test_a_field_that_nobody_knows_is_covered_and_its_place_stays() -> None:
    told = as_json({"HoTen": NAME, "Con": [{"So": 5}, {"So": 7}], "Co": True, "Khong": None})
    assert told == {"HoTen": COVER, "Con": [{"So": COVER}, {"So": COVER}], "Co": True, "Khong": None}


def test_technical_fields_are_shown_while_they_look_technical() -> None:
    assert as_json({"error_code": "00", "Status": 200, "code": NAME}) == {
        "error_code": "00",
        "Status": 200,
        "code": COVER,
    }


@pytest.mark.parametrize(
    "text",
    [
        f"Số {NUMBER} đã có",
        "099 203 001 234",
        "123456789",
        f"gọi {PHONE}",
        "0912345678",
        "+84912345678",
        "+84 912 345 678",
        "024.3826.1234",
        "thư tới mau@example.vn.",
        "０９９２０３００１２３４",
        "099\u200b203\u200b001\u200b234",
        "099\u00a0203\u00a0001\u00a0234",
        "099/203/001/234",
        "(0912) 345-678",
        "mau＠example.vn",
        "hộ chiếu C1234567",
    ],
)
def test_what_has_the_shape_of_a_person_s_is_covered_in_fields_that_are_shown(text: str) -> None:
    told = as_json({"ghi_chu": text}, everything)["ghi_chu"]
    assert COVER in told
    assert not any(part.isdigit() and len(part) > 3 for part in told.replace(".", " ").split())
    check_covered(told)


@pytest.mark.parametrize("text", ["2026-11-29T10:00:00+07:00", "H99-261129-0001", "1000000", "Sở Tư pháp"])
def test_what_has_no_such_shape_stays(text: str) -> None:
    assert as_json({"x": text}, everything) == {"x": text}


def test_a_number_as_the_name_of_a_field_is_covered_too() -> None:
    check_covered(mask(json.dumps({NUMBER: 1, "a": {PHONE: 2}}).encode(), everything).text)


def test_a_number_that_json_has_taken_the_first_digit_of_is_covered() -> None:
    assert as_json({"so": 99203001234}, everything) == {"so": COVER}


@pytest.mark.parametrize("content", [json.dumps({NAME: {"a": 1}}), "<a><Nguyễn_Thị_Mẫu>x</Nguyễn_Thị_Mẫu></a>"])
def test_a_name_as_the_name_of_a_field_is_covered(content: str) -> None:
    told = mask(content.encode(), everything).text
    check_covered(told)
    assert COVER in told


def test_what_may_be_base64_is_no_technical_value() -> None:
    assert as_json({"result": "Tmd1eeG7hW4gTeG6q3U", "code": "caller.plain_http"}) == {
        "result": COVER,
        "code": "caller.plain_http",
    }


def test_elements_and_attributes_are_covered() -> None:
    content = f"""<?xml version="1.0"?><s:E xmlns:s="urn:x"><s:Nguoi ma="{NUMBER}"><HoTen>{NAME}</HoTen>
        <x><![CDATA[<b>{NAME}</b> {PHONE}]]></x><code>00</code></s:Nguoi><!-- {NAME} --></s:E>"""
    told = mask(content.encode(), nothing)
    check_covered(told.text)
    assert "<Nguoi" in told.text
    assert "00" in told.text
    assert told.covered == 3


def test_a_document_that_declares_entities_is_not_shown() -> None:
    content = f'<!DOCTYPE a [<!ENTITY b "{NAME}">]><a>&b;</a>'.encode()
    assert mask(content, everything).text == ""


def test_a_form_is_covered_field_by_field() -> None:
    told = mask(f"vnp_ResponseCode=00&ten=Nguy%E1%BB%85n+M%E1%BA%ABu&so={NUMBER}&trong=".encode(), nothing).text
    check_covered(told)
    assert told == f"vnp_ResponseCode=00&ten={COVER}&so={COVER}&trong="


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe" + NAME.encode(),
        NAME.encode(),
        f"{NAME} = {NUMBER}".encode(),
        f'{{"a": "{NAME}"'.encode(),
        f"<a>{NAME}".encode(),
        b"%PDF-1.7 " + NAME.encode(),
        b"[" * 100_000,
        b"",
    ],
)
def test_what_cannot_be_read_is_not_shown(content: bytes) -> None:
    told = mask(content, everything)
    assert told.text == ""
    assert told.size == len(content)


def test_text_alone_is_covered_like_any_other_value() -> None:
    assert mask(json.dumps(NAME).encode(), nothing).text == f'"{COVER}"'


def test_a_long_body_is_cut_after_it_was_covered() -> None:
    told = mask(json.dumps([{"ten": NAME}] * 5000, ensure_ascii=False).encode(), nothing)
    assert (len(told.text), told.is_cut, told.covered) == (LONGEST, True, 5000)


@pytest.mark.parametrize("letters", ["a", "a.", "-", "+84", "0 ", "a@"])
def test_a_long_text_is_looked_through_once(letters: str) -> None:
    """Else whoever writes it keeps the whole gateway busy when somebody opens the page."""
    begun = time.process_time()
    mask(json.dumps({"ghi_chu": letters * 100_000}).encode(), everything)
    assert time.process_time() - begun < 2


def test_heads_show_names_and_what_says_nothing_of_anybody() -> None:
    head = "\n".join(
        [
            f"POST https://csdl.example.vn/tra-cuu/{NUMBER}?ten={NAME}",
            "Content-Type: application/json",
            "Authorization: Bearer abc",
            f"X-Nguoi: {NAME}",
        ]
    )
    told = mask_head(head.encode()).text
    check_covered(told)
    assert "abc" not in told
    assert told.startswith(f"POST https://csdl.example.vn/tra-cuu/{COVER}?ten={COVER}")
    assert "Content-Type: application/json" in told


def test_an_address_shows_neither_who_logs_in_nor_what_is_escaped_in_it() -> None:
    words = f"POST https://{WHO}@csdl.example.vn/tra-cuu/Nguy%E1%BB%85n%20M%E1%BA%ABu/%30%39%39203001234/x"
    assert mask_head(words.encode()).text == f"POST https://csdl.example.vn/tra-cuu/{COVER}/{COVER}/x"
    assert mask_head(b"POST http://[ HTTP/1.1").text == f"POST {COVER} HTTP/1.1"


@pytest.fixture(scope="module")
def fields() -> ShownFields:
    return ShownFields({"population": load(mappings_directory(discover()["population"]))}, load_kinds())


def test_our_own_fields_are_shown_by_their_classification(fields: ShownFields) -> None:
    shows = fields.of("reply_translated", system="population", operation="verify_citizen")
    told = as_json({"full_name": NAME, "personal_id": NUMBER, "data_as_of": "2026-11-01", "moi": "x"}, shows)
    assert told == {"full_name": COVER, "personal_id": COVER, "data_as_of": "2026-11-01", "moi": COVER}


def test_their_fields_are_shown_only_if_every_field_of_ours_behind_them_is_public(fields: ShownFields) -> None:
    for operation in ("verify_citizen", "lookup_citizen"):
        shows = fields.of("reply_received", system="population", operation=operation)
        assert not shows("data.HoVaTen")
        assert not shows("SoDinhDanh")
        assert not shows("chua_tung_thay")
    assert not fields.of("reply_received", system="nobody", operation="verify_citizen")("x")
