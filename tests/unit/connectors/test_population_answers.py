"""What comes back: both shapes, what is withheld, several people, codes of facades, types and encodings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from population_dialects import ASKED, DIALECTS, Dialect
from systems import bench

from gateway.sdk import Absent, Answered, Outcome, ProtocolViolation, Refused, RemoteError, WireReply

SAMPLES = Path(__file__).parents[3] / "mocks" / "population" / "samples"
XML, JSON = {"content-type": "application/xml; charset=UTF-8"}, {"content-type": "application/json"}
NAMED = "<SoDinhDanh>099185000001</SoDinhDanh><HoVaTen>TRẦN THỊ MẪU</HoVaTen>"


def envelope(body: str) -> bytes:
    return (
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/">'
        f'<s:Body xmlns="http://www.mic.gov.vn/dancu/1.0">{body}</s:Body></s:Envelope>'
    ).encode()


def collection(*people: str, attributes: str = "") -> bytes:
    inside = "".join(f"<CongDan>{person}</CongDan>" for person in people)
    return envelope(f"<CongdanCollection {attributes}>{inside}</CongdanCollection>")


def read(
    content: bytes, *, dialect: Dialect | None = None, status: int = 200, number: str = "099185000001", **headers: str
) -> Outcome:
    system = (dialect or Dialect()).bench()
    named = (JSON if content.lstrip().startswith((b"{", b"[")) else XML) | headers
    reply = WireReply(status=status, headers=named, content=content)
    return system.connector.interpret(system.call("lookup_citizen", {**ASKED, "SoGiayTo": number}), reply)


def canonical(outcome: Outcome) -> dict[str, Any]:
    assert isinstance(outcome, Answered)
    return bench("population").mappings.reply("lookup_citizen", outcome.body)


def test_the_qcvn_sample_is_read_whole() -> None:
    """POP-04 (part): split names, codes in groups, dates with dashes, and the moment that the data is of."""
    assert canonical(read((SAMPLES / "lookup_reply_qcvn.xml").read_bytes())) == {
        "personal_id": "099185000001",
        "old_card_number": "000000001",
        "full_name": "TRẦN THỊ MẪU",
        "birth_date": "1985-06-15",
        "gender": coded("2", "Nữ", "QCVN 109:2017/BTTTT, GioiTinh", "2017"),
        "ethnicity": coded("05", "MOCK-05", "QCVN 109:2017/BTTTT, phụ lục E", "2017"),
        "religion": coded("00", "Không", "QCVN 109:2017/BTTTT, phụ lục G", "2017"),
        "marital_status": coded("2", "Đang có vợ/chồng", "CSDLDC, TinhTrangHonNhan", "1"),
        "blood_type": coded("00", "Chưa có thông tin", "CSDLDC, NhomMau", "1"),
        "nationality": "VN",
        "permanent_address": {"commune_code": "31507", "detail": "SỐ 1, ĐƯỜNG MẪU", "country": "VN"},
        "household_head": {"full_name": "TRẦN THỊ MẪU", "personal_id": "099185000001"},
        "relation_code": "CH01",
        "data_as_of": "2026-11-23T09:00:00+07:00",
    }


def coded(code: str, label: str | None, catalogue: str, version: str) -> dict[str, str | None]:
    return {"code": code, "label_vi": label, "list": catalogue, "list_version": version}


def test_a_code_keeps_its_raw_form_and_names_its_catalogue() -> None:
    """COD-11: each coded field has its catalogue and version; no meaning is made up for an unknown code."""
    record = canonical(read(collection(NAMED + "<DanToc>13</DanToc><TonGiao>99</TonGiao><GioiTinh>7</GioiTinh>")))
    assert record["ethnicity"] == coded("13", None, "QCVN 109:2017/BTTTT, phụ lục E", "2017")
    assert record["religion"] == coded("99", None, "QCVN 109:2017/BTTTT, phụ lục G", "2017")
    assert record["gender"] == coded("7", None, "QCVN 109:2017/BTTTT, GioiTinh", "2017")


@pytest.mark.parametrize(
    ("code", "place"),
    [
        ("92", {"province_code": "92"}), ("941", {"district_code": "941"}), ("31507", {"commune_code": "31507"}),
        ("9999", {}), ("H99.1", {}),
    ],
)  # fmt: skip
def test_the_one_code_of_a_place_tells_its_level_by_its_length(code: str, place: dict[str, str]) -> None:
    body = f"<QueQuan><MaDonViHanhChinh>{code}</MaDonViHanhChinh></QueQuan>"
    assert canonical(read(collection(NAMED + body))).get("home_town", {}) == place


@pytest.mark.parametrize(
    ("told", "born"),
    [
        ("<NgayThangNam>19850615</NgayThangNam>", "1985-06-15"),
        ("<NgayThangNam>1985-06-15</NgayThangNam><Nam>1985</Nam>", "1985-06-15"),
        ("<Nam>1985</Nam>", "1985"),
        ("1985-06-15", "1985-06-15"),
        ("1985", "1985"),
        ("<NgayThangNam>19850230</NgayThangNam>", None),
        ("<NgayThangNam>15/06/1985</NgayThangNam>", None),
        ("<Nam>85</Nam>", None),
        ("", None),
    ],
)
def test_a_birth_date_is_read_in_either_spelling_or_not_at_all(told: str, born: str | None) -> None:
    body = f"{NAMED}<NgayThangNamSinh>{told}</NgayThangNamSinh>"
    assert canonical(read(collection(body))).get("birth_date") == born


@pytest.mark.parametrize(
    ("told", "moment"),
    [
        ("2026-11-23T09:00:00", "2026-11-23T09:00:00+07:00"),
        ("2026-11-23T02:00:00.1234567Z", "2026-11-23T09:00:00.123456+07:00"),
        ("2026-11-23", None), ("hôm qua", None), ("0001-01-01T00:00:00", None), ("", None),
    ],
)  # fmt: skip
def test_the_moment_of_the_data_is_told_or_left_out(told: str, moment: str | None) -> None:
    outcome = read(collection(NAMED, attributes=f'ThoiDiemDuLieu="{told}"'))
    assert canonical(outcome).get("data_as_of") == moment


@pytest.mark.parametrize(
    "content",
    [
        collection("<SoDinhDanh>099185000001</SoDinhDanh>"),
        collection("<SoDinhDanh>099185000001</SoDinhDanh><HoVaTen><Ten/></HoVaTen><GioiTinh>2</GioiTinh>"),
        collection("<GioiTinh>2</GioiTinh>"),
        collection(attributes='SoCongDan="1"'),
        collection(NAMED, attributes='SoCongDan="2"'),
        collection("lời nhắn"),
        envelope("<CongdanCollection>lời nhắn</CongdanCollection>"),
        collection(NAMED, NAMED),
        collection(NAMED.replace("000001", "000009"), NAMED.replace("000001", "000008")),
        collection("<HoVaTen>A</HoVaTen>", "<HoVaTen>B</HoVaTen>"),
        collection("", ""),
        collection("", attributes='SoCongDan="1"'),
        collection(attributes='GhiChu="MOCK-thử lại sau"'),
        envelope("<CongdanCollection><Loi>MOCK-quá tải</Loi></CongdanCollection>"),
        envelope(f"<CongdanCollection><Congdan>{NAMED}</Congdan></CongdanCollection>"),
        b'{"error": "none"}',
    ],
    ids=[
        "number alone", "name withheld", "gender alone", "counted, not shown", "another count", "text for a person",
        "text for people", "twice the same", "none of them", "no numbers", "twice nothing",
        "counted, of whom nothing is said", "a note for people", "an error for people", "people spelled otherwise",
        "JSON for XML",
    ],
)  # fmt: skip
def test_a_reply_that_is_neither_a_person_nor_nobody_concludes_nothing(content: bytes) -> None:
    """POP-05 (part): what a caller may not see is left out, which is not the same as nobody."""
    with pytest.raises(ProtocolViolation):
        read(content)


@pytest.mark.parametrize("also", ["", ' GhiChu="MOCK-không có"', ' xmlns:i="urn:x" i:schemaLocation="urn:y z.xsd"'])
def test_a_collection_that_says_no_more_than_nobody_is_absent(also: str) -> None:
    assert read(collection(attributes=f'SoCongDan="0"{also}')) == Absent()


def test_nobody_counted_as_nobody_is_absent() -> None:
    assert read(collection(attributes='SoCongDan="0" ThoiDiemDuLieu="2026-11-23T02:00:00Z"')) == Absent()


@pytest.mark.parametrize(
    ("asked", "record", "is_answer"),
    [
        ("000000001", "<SoCMND>000000001</SoCMND>", True),
        ("000000001", "<SoCMND>000000009</SoCMND><SoDinhDanh>099185000001</SoDinhDanh>", False),
        ("000000001", "<SoCMND/><SoDinhDanh>099185000001</SoDinhDanh>", True),
        ("099185000001", "<SoCMND>000000001</SoCMND>", True),
        ("099185000001", "<SoCMND>000000001</SoCMND><SoDinhDanh>099185000009</SoDinhDanh>", False),
        ("099185000001", "", True),
    ],
)
def test_a_record_is_about_another_only_where_it_shows_it(asked: str, record: str, is_answer: bool) -> None:
    content = collection(record + "<HoVaTen>TRẦN THỊ MẪU</HoVaTen>")
    if is_answer:
        assert isinstance(read(content, number=asked), Answered)
    else:
        with pytest.raises(ProtocolViolation):
            read(content, number=asked)


@pytest.mark.parametrize("number", ["", "<SoDinhDanh>099185000001</SoDinhDanh>"])
def test_a_record_that_shows_neither_number_nor_name_of_the_one_asked_for_is_no_answer(number: str) -> None:
    """Nothing says that it is about this person at all; it is nobody's to see, and no difference follows from it."""
    with pytest.raises(ProtocolViolation):
        read(collection(number + "<HoVaTen>LÊ VĂN THỬ</HoVaTen>"), number="000000001")
    assert isinstance(read(collection(number + "<HoVaTen>Tran Thi Mau</HoVaTen>"), number="000000001"), Answered)
    known = "<SoDinhDanh>099185000001</SoDinhDanh><HoVaTen>LÊ VĂN THỬ</HoVaTen>"
    assert isinstance(read(collection(known)), Answered)


def test_a_personal_number_in_a_foreign_code_is_not_shown() -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    fault = envelope(f'<f:Fault xmlns:f="{soap}"><faultcode xmlns="">Loi.099185000001 Trần</faultcode></f:Fault>')
    assert read(fault) == Refused(code="Loi.#Trần", reason="")


@pytest.mark.parametrize("code", ["s:Server", "Client.MOCK_Loi"])
def test_a_fault_of_the_register_is_not_told_as_one_of_the_way(code: str) -> None:
    """SOAP 1.1, 4.4.1: such codes are anybody's; the register has spoken, and is not asked again for it."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    fault = envelope(f'<s:Fault xmlns:s="{soap}"><faultcode xmlns="">{code}</faultcode></s:Fault>')
    assert read(fault, status=500) == Refused(code=code.rpartition(":")[2], reason="")


def test_a_body_beside_x_road_error_is_not_the_registers_whatever_it_says() -> None:
    """Contract 5.1: with that header the security server speaks, and its word is looked at before the body."""
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    fault = envelope(f'<f:Fault xmlns:f="{soap}"><faultcode xmlns="">MOCK-NOT-PERMITTED</faultcode></f:Fault>')
    header = {"x-road-error": "Client.BadRequest"}
    for status in (200, 400, 500):
        with pytest.raises(ProtocolViolation):
            read(fault, status=status, **header)
    facade = DIALECTS["JSON of OpenCPS"]
    with pytest.raises(ProtocolViolation) as raised:
        read((SAMPLES / "body_refused.json").read_bytes(), dialect=facade, status=400, **header)
    assert raised.value.error_code == "partner.xroad_refused"


@pytest.mark.parametrize("status", [401, 403, 429, 502, 503, 504])
def test_a_fault_of_no_known_code_beside_a_telling_status_leaves_the_word_to_the_status(status: int) -> None:
    soap = "http://schemas.xmlsoap.org/soap/envelope/"
    fault = envelope(f'<f:Fault xmlns:f="{soap}"><faultcode xmlns="">MOCK-401-HASH</faultcode></f:Fault>')
    with pytest.raises(RemoteError) as raised:
        read(fault, status=status)
    expected = {429: "partner.busy", 503: "partner.busy", 502: "partner.failed", 504: "partner.failed"}
    assert raised.value.error_code == expected.get(status, "partner.credentials_refused")


def test_xml_that_calls_itself_something_else_than_unicode_is_not_parsed() -> None:
    with pytest.raises(ProtocolViolation) as raised:
        read(b"<?xml version='1.0' encoding='windows-1258'?>" + collection(NAMED))
    assert raised.value.error_code == "partner.wrong_charset"


@pytest.mark.parametrize(
    "start", ["", "\ufeff", '\ufeff<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-8"?>']
)
def test_utf8_is_read_however_it_is_declared(start: str) -> None:
    assert isinstance(read(start.encode() + collection(NAMED)), Answered)


@pytest.mark.parametrize("by", ["latin-1", "windows-1252"])
def test_a_name_that_was_encoded_twice_concludes_nothing(by: str) -> None:
    """It is UTF-8, and would be the name of somebody else."""
    spoilt = "".join(_misread(byte, by) for byte in "TRẦN THỊ MẪU".encode())
    with pytest.raises(ProtocolViolation) as raised:
        read(collection(NAMED.replace("TRẦN THỊ MẪU", spoilt)))
    assert raised.value.error_code == "partner.wrong_charset"


def _misread(byte: int, encoding: str) -> str:
    try:
        return bytes([byte]).decode(encoding)
    except UnicodeDecodeError:
        return chr(byte)


@pytest.mark.parametrize("name", ["TR?N TH? M?U", "LÊ TH?"])
def test_a_name_with_lost_letters_concludes_nothing(name: str) -> None:
    with pytest.raises(ProtocolViolation):
        read(collection(NAMED.replace("TRẦN THỊ MẪU", name)))


@pytest.mark.parametrize("name", ["LÊ HÀ", "Ngô Ánh", "TẠ VĂN MẪU", "HOÀNG Ý", "H’LIM Ê BAN"])
def test_a_right_name_is_never_taken_for_a_spoilt_one(name: str) -> None:
    assert canonical(read(collection(NAMED.replace("TRẦN THỊ MẪU", name))))["full_name"] == name


class TestSoapInsideJson:
    DIALECT = DIALECTS["SOAP inside JSON"]

    def reply(self, code: Any, body: bytes = b"", **settings: Any) -> Outcome:
        content = json.dumps({"error_code": code, "message": (body or collection(NAMED)).decode()}).encode()
        return read(content, dialect=Dialect(settings={**self.DIALECT.settings, **settings}))

    def test_the_sample_is_read_although_its_text_calls_itself_utf_16(self) -> None:
        outcome = read((SAMPLES / "message_reply.json").read_bytes(), dialect=self.DIALECT)
        assert canonical(outcome)["full_name"] == "TRẦN THỊ MẪU"

    @pytest.mark.parametrize("body", [b"", collection()], ids=["a person", "nobody"])
    def test_an_envelope_is_the_answer_only_under_a_code_of_success(self, body: bytes) -> None:
        """POP-05 (part)."""
        assert isinstance(self.reply("MOCK-00", body), Answered if not body else Absent)
        assert self.reply("MOCK-01", body) == Refused(code="MOCK-01", reason="")
        assert self.reply(0, body, success_codes=("0",)) == self.reply("MOCK-00", body)

    @pytest.mark.parametrize("body", [b"", collection()], ids=["a person", "nobody"])
    def test_without_a_list_of_successes_nothing_is_concluded(self, body: bytes) -> None:
        with pytest.raises(ProtocolViolation) as raised:
            self.reply("MOCK-00", body, success_codes=())
        assert raised.value.error_code == "partner.error_code_unknown"
        assert "MOCK-00" in raised.value.detail

    def test_a_code_that_means_not_permitted_is_a_setting(self) -> None:
        outcome = self.reply("MOCK-09", not_permitted_faults=("MOCK-09",))
        assert outcome == Refused(code="MOCK-09", reason="", not_permitted=True)

    def test_a_fault_inside_a_success_is_a_fault(self) -> None:
        soap = "http://schemas.xmlsoap.org/soap/envelope/"
        fault = envelope(f'<f:Fault xmlns:f="{soap}"><faultcode xmlns="">MOCK-NOT-PERMITTED</faultcode></f:Fault>')
        assert self.reply("MOCK-00", fault) == Refused(code="MOCK-NOT-PERMITTED", reason="", not_permitted=True)

    @pytest.mark.parametrize("code", [None, True, 1.5, [], {}])
    def test_a_code_that_is_none_is_no_answer(self, code: Any) -> None:
        with pytest.raises(ProtocolViolation):
            self.reply(code)


class TestOpencps:
    DIALECT = DIALECTS["JSON of OpenCPS"]

    def test_the_sample_is_read(self) -> None:
        record = canonical(read((SAMPLES / "body_reply.json").read_bytes(), dialect=self.DIALECT))
        assert (record["full_name"], record["household_head"]["personal_id"]) == ("TRẦN THỊ MẪU", "099185000001")
        assert record["permanent_address"]["district_code"] == "941"

    @pytest.mark.parametrize("code", ["004", "005"])
    def test_no_licence_and_no_right_are_not_permitted(self, code: str) -> None:
        content = (SAMPLES / "body_refused.json").read_bytes().replace(b"004", code.encode())
        outcome = read(content, dialect=self.DIALECT, status=400)
        assert outcome == Refused(code=code, reason="", not_permitted=True)

    @pytest.mark.parametrize(("code", "missing"), [("001", "MaDVC"), ("002", "GovAgencyCode"), ("003", "StaffEmail")])
    def test_what_our_settings_lack_is_told_to_the_operator(self, code: str, missing: str) -> None:
        content = (SAMPLES / "body_refused.json").read_bytes().replace(b"004", code.encode())
        with pytest.raises(ProtocolViolation) as raised:
            read(content, dialect=self.DIALECT, status=400)
        assert raised.value.error_code == "partner.facade_misses_setting"
        assert missing in raised.value.detail

    def test_another_code_is_a_refusal_that_concludes_nothing(self) -> None:
        content = b'{"message": "Error", "errorCode": "006"}'
        assert read(content, dialect=self.DIALECT, status=400) == Refused(code="006", reason="")

    def test_a_fault_turned_into_json_is_a_fault(self) -> None:
        content = b'{"Header": "", "Body": {"Fault": {"faultcode": "soap:MOCK-X", "faultstring": "no"}}}'
        assert read(content, dialect=self.DIALECT) == Refused(code="MOCK-X", reason="no")

    @pytest.mark.parametrize(("told", "exists"), [(True, True), (False, False), ("1", True), (" false ", False)])
    def test_jsons_own_booleans_are_booleans(self, told: Any, exists: bool) -> None:
        system = self.DIALECT.bench()
        content = json.dumps({"Body": {"KetQuaXacThuc": {"TonTai": told}}}).encode()
        reply = WireReply(status=200, headers=JSON, content=content)
        outcome = system.connector.interpret(system.call("verify_citizen", ASKED), reply)
        assert isinstance(outcome, Answered)
        assert outcome.body["TonTai"] is exists


class TestSchema:
    """The contract's schema speaks unless a province knows better of its path (`check_replies`)."""

    UNQUALIFIED = '<KetQuaXacThuc xmlns="http://dancuquocgia.bca"><TonTai xmlns="">true</TonTai></KetQuaXacThuc>'
    BESIDE = '<KetQuaXacThuc xmlns="http://dancuquocgia.bca"><TonTai>true</TonTai><X>1</X></KetQuaXacThuc>'

    @staticmethod
    def verified(body: str, **settings: Any) -> Outcome:
        system = bench("population", **settings)
        return system.connector.interpret(
            system.call("verify_citizen", ASKED), WireReply(status=200, headers=XML, content=envelope(body))
        )

    @pytest.mark.parametrize("body", [UNQUALIFIED, BESIDE])
    def test_an_answer_beside_the_schema_is_none(self, body: str) -> None:
        with pytest.raises(ProtocolViolation):
            self.verified(body)

    @pytest.mark.parametrize("body", [UNQUALIFIED, BESIDE])
    def test_where_a_path_answers_otherwise_only_what_is_read_counts(self, body: str) -> None:
        assert isinstance(self.verified(body, check_replies=False), Answered)
        with pytest.raises(ProtocolViolation):
            self.verified(body.replace("true", "perhaps"), check_replies=False)

    def test_it_holds_for_xml_inside_json_too(self) -> None:
        content = json.dumps({"error_code": "0", "message": envelope(self.UNQUALIFIED).decode()}).encode()
        for checked in (True, False):
            system = bench("population", carrier="json_message", success_codes=("0",), check_replies=checked)
            reply = WireReply(status=200, headers=JSON, content=content)
            call = system.call("verify_citizen", ASKED)
            if checked:
                with pytest.raises(ProtocolViolation):
                    system.connector.interpret(call, reply)
            else:
                assert isinstance(system.connector.interpret(call, reply), Answered)
