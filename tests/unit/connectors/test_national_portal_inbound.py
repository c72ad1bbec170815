"""What the portal sends, read strictly; what it is answered, as the contract writes it (section 6)."""

from __future__ import annotations

import base64
import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.national_portal.connector import NationalPortalConnector
from gateway.mapping import load
from gateway.registry import mappings_directory
from gateway.sdk import (
    ConfigurationError,
    GatewayError,
    Handled,
    Inbound,
    InboundRequest,
    NotFoundError,
    ProtocolViolation,
    Receipt,
    TrustError,
)
from mocks.national_portal.outbound import KINDS, tax_notice
from mocks.national_portal.settings import PortalSettings

MAPPINGS = load(mappings_directory(NationalPortalConnector))
UUID = "7d1c2b3a-0000-4000-8000-000000000099"
LINK = {
    "MaTTHCDP": "2.000815.000.00.00.H55",
    "MaCoQuanThucHien": "H55.242",
    "vnconnect": "1",
    "MaDVC": "1.115835.02",
    "MDT": base64.b64encode(UUID.encode()).decode(),
}
KEPT = (Receipt.RECORDED, Receipt.DUPLICATE, Receipt.KEPT_BESIDE)
BOMB = (
    '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
    "<DATA><BODY><ROW_LIST><MA_HSO>&c;</MA_HSO><LIST><SO_TIEN>1</SO_TIEN></LIST></ROW_LIST></BODY></DATA>"
)
XXE = (
    '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    "<DATA><BODY><ROW_LIST><MA_HSO>&x;</MA_HSO><LIST><SO_TIEN>1</SO_TIEN></LIST></ROW_LIST></BODY></DATA>"
)


def connector(**changes: Any) -> Any:
    own = {**NationalPortalConnector.manifest.sandbox, **changes}
    return NationalPortalConnector(NationalPortalConnector.manifest.settings(**own))


def request(path: str, document: Any = None, *, method: str = "POST", query: Any = None) -> InboundRequest:
    content = document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode()
    return InboundRequest(method=method, path=path, headers={}, query=query or {}, content=content)


def sent(kind: str, **changes: Any) -> tuple[str, dict[str, Any]]:
    path, made = KINDS[kind]
    return path, {**made(PortalSettings()), **changes}


def received(kind: str, **changes: Any) -> Inbound:
    found: Inbound = connector().receive(request(*sent(kind, **changes)))
    return found


def answered(path: str, receipt: Receipt, answer: Any = None) -> Any:
    reply = connector().acknowledge(request(path), Handled(receipt, answer or {}))
    assert reply.status == 200
    return json.loads(reply.content)


class TestReading:
    @pytest.mark.parametrize(
        ("kind", "event", "key"),
        [
            ("search", "dossier_lookup", "000.00.05.H99-261123-0007"),
            ("promotion", "promotion_notice", "G22.01-260102-000321"),
            ("amendment", "promotion_amendment", "G22.01-260105-000322"),
            ("voucher", "land_tax_voucher", "000.00.05.H99-261123-0007"),
            ("tax_notice", "land_tax_notice", "000.00.05.H99-261123-0007"),
            ("fees", "fees_lookup", "000.00.05.H99-261123-0007"),
            ("payment", "payment_report", "000.00.05.H99-261123-0007"),
        ],
    )
    @pytest.mark.parametrize(
        "prefix", ["", "XrdAdapter/RestService/forward/", "VXPAdapter/RestService/forward/"], ids=["bare", "xrd", "vxp"]
    )
    def test_each_message_is_told_apart_with_and_without_the_adapters_prefix(
        self, kind: str, event: str, key: str, prefix: str
    ) -> None:
        path, message = sent(kind)
        found = connector().receive(request(prefix + path, message))
        assert (found.event, found.key) == (event, key)
        assert json.loads(found.original) == message
        assert MAPPINGS.reply(event, found.body)

    def test_a_tax_notice_is_read_from_its_file(self) -> None:
        body = MAPPINGS.reply("land_tax_notice", received("tax_notice").body)
        assert body["decisions"] == [
            {
                "tax_code": "9900000016",
                "number": "QĐ-0001",
                "date": "2026-11-20",
                "item": "Lệ phí trước bạ nhà đất",
                "amount": "2500000",
            }
        ]

    def test_rows_are_found_however_the_list_is_built(self) -> None:
        """Whether LIST repeats or holds the rows is not public; both names of the item are seen."""
        rows = "".join(f"<ROW><SO_TIEN>{n}</SO_TIEN><TEN_TIEUMUC>T{n}</TEN_TIEUMUC></ROW>" for n in (1, 2))
        file = f"<DATA><BODY><ROW_LIST><LIST>{rows}</LIST><MA_HSO>H99-261123-0007</MA_HSO></ROW_LIST></BODY></DATA>"
        inner = {"FileThongBaoThue": base64.b64encode(file.encode()).decode()}
        found = MAPPINGS.reply("land_tax_notice", received("tax_notice", data=inner).body)
        assert [(row["item"], row["amount"]) for row in found["decisions"]] == [("T1", "1"), ("T2", "2")]

    @pytest.mark.parametrize(
        "file",
        [
            None,
            1,
            "",
            "không",
            "Zm9v",
            *(base64.b64encode(text.encode()).decode() for text in (BOMB, XXE, "<DATA/>", "<A>" * 50 + "</A>" * 50)),
            tax_notice("", [{"SO_TIEN": "1"}])["data"]["FileThongBaoThue"],
            tax_notice("099185000001", [{"SO_TIEN": "1"}])["data"]["FileThongBaoThue"],
            tax_notice("H99-261123-0007", [])["data"]["FileThongBaoThue"],
            base64.b64encode(b"<DATA>" + b"x" * 500_000).decode(),
        ],
    )
    def test_a_file_that_is_none_or_means_harm_is_refused(self, file: Any) -> None:
        with pytest.raises(ProtocolViolation) as raised:
            received("tax_notice", data={"FileThongBaoThue": file})
        assert "099185" not in raised.value.detail

    def test_an_amendment_is_known_by_its_code_until_its_name_is_set(self) -> None:
        """The name of the service is in no public source."""
        assert received("amendment", service="TenChuaBiet").body["service"] == "TenChuaBiet"
        strict = connector(amendment_service="CapNhatKhuyenMai")
        assert strict.receive(request(*sent("amendment", service="CapNhatKhuyenMai"))).event == "promotion_amendment"
        for other in (sent("amendment"), sent("voucher", service="Khac"), sent("amendment", service=None)):
            with pytest.raises(ProtocolViolation):
                strict.receive(request(*other))
        assert strict.receive(request(*sent("voucher"))).event == "land_tax_voucher"

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"{",
            b"[]",
            b"null",
            b"\xff\xfe",
            b"{}",
            b'{"MaHoSo": NaN}',
            b'{"MaHoSo": 1e999}',
            b'{"a": 123456789012345678901234567890}',
            b'{"MaHoSo": "H99-261123-0007", "MaHoSo": "H99-261123-0008"}',
            b'{"masohoso": "H99-261123-0007", "masohoso": "H99-261123-0008"}',
            b'{"MaHoSo": "\\ud800"}',
            b'{"MaHoSo": "H99-261123-0007", "x": ' + b"[" * 60 + b"]" * 60 + b"}",
            b"[" * 90_000,
        ],
    )
    def test_what_is_no_message_is_refused(self, kind: str, content: bytes) -> None:
        with pytest.raises(ProtocolViolation):
            connector().receive(request(KINDS[kind][0], content))

    @pytest.mark.parametrize(
        "code", [None, 7, "", " ", "099185000001", "9900000016", "a b", "../../etc", "x" * 61, "H99\x00", {"a": 1}]
    )
    def test_a_key_is_a_dossier_code_and_never_a_number_of_somebody(self, code: Any) -> None:
        """Keys stand in the open: in leaves and lists."""
        for kind, field in (("search", "masohoso"), ("promotion", "MaHoSo"), ("fees", "MaHoSo"), ("payment", "MaHoSo")):
            with pytest.raises(ProtocolViolation):
                received(kind, **{field: code})

    def test_a_result_is_known_by_our_reference_where_it_has_one(self) -> None:
        assert received("payment", MaThamChieu="P7Q2M0001ABCDEFGHIJK").key == "P7Q2M0001ABCDEFGHIJK"
        for odd in ("099185000001", "chữ", 7, "x" * 21):
            assert received("payment", MaThamChieu=odd).key == "000.00.05.H99-261123-0007"

    def test_the_agreed_key_is_demanded_and_goes_no_further(self) -> None:
        guarded = connector(security_key="bi-mat")
        for wrong in (sent("promotion"), sent("promotion", SecurityKey="khac"), sent("promotion", SecurityKey=1)):
            with pytest.raises(TrustError):
                guarded.receive(request(*wrong))
        found = guarded.receive(request(*sent("promotion", SecurityKey="bi-mat")))
        assert b"bi-mat" not in found.original
        assert "bi-mat" not in repr(found.body)
        assert connector().receive(request(*sent("promotion", SecurityKey="x"))).event == "promotion_notice"

    def test_another_method_or_path_is_refused(self) -> None:
        with pytest.raises(ProtocolViolation):
            connector().receive(request("search/call", {}, method="GET"))
        for path in ("", "search", "search/call/", "XrdAdapter/search/call", "mapi/login", "x/addtthcKhuyenMai"):
            with pytest.raises(NotFoundError):
                connector().receive(request(path, {}))

    @settings(deadline=None)
    @given(st.binary(max_size=300), st.sampled_from([path for path, _ in KINDS.values()]))
    def test_noise_is_no_crash(self, content: bytes, path: str) -> None:
        with pytest.raises(GatewayError):
            connector().receive(request(path, content))


class TestAnswers:
    @pytest.mark.parametrize("path", ["nhanhsdvcqg", "nhantbthuedvcqg"])
    def test_a_kept_message_is_0_and_any_other_is_minus_1(self, path: str) -> None:
        assert {answered(path, receipt)["error_code"] for receipt in KEPT} == {0}
        assert {answered(path, receipt)["error_code"] for receipt in (Receipt.REJECTED, Receipt.FAILED)} == {-1}

    def test_a_promotion_with_a_known_code_and_other_content_is_1(self) -> None:
        said = {receipt: answered("addtthcKhuyenMai", receipt) for receipt in Receipt}
        assert [said[receipt]["error_code"] for receipt in KEPT] == [0, 0, 1]
        assert said[Receipt.RECORDED] == {"error_code": 0, "message": "Thành công"}
        assert {said[receipt]["error_code"] for receipt in set(Receipt) - set(KEPT)} == {-1}

    def test_a_look_up_is_the_flat_object_or_minus_1(self) -> None:
        assert answered("search/call", Receipt.ANSWERED, {"MaHoSo": "X"}) == {"MaHoSo": "X"}
        for receipt in set(Receipt) - {Receipt.ANSWERED}:
            assert answered("search/call", receipt).keys() == {"error_code", "message"}
            assert answered("search/call", receipt)["error_code"] == "-1"

    def test_what_is_due_is_1_with_a_bill_0_without_and_minus_1_when_nobody_knows(self) -> None:
        bill = {"error_code": "1", "message": {"MaHoSo": "X"}}
        path = "dptracuuthanhtoanhs"
        assert answered(path, Receipt.ANSWERED, bill) == {"error_code": 1, "message": {"MaHoSo": "X"}}
        none = {"error_code": "0", "message": {"MaDichVu": "2"}}
        assert answered(path, Receipt.ANSWERED, none) == {"error_code": 0, "message": []}
        for receipt in set(Receipt) - {Receipt.ANSWERED}:
            assert answered(path, receipt) == {"error_code": -1, "message": []}

    def test_a_reported_payment_is_received_and_never_said_to_be_posted(self) -> None:
        """PAY-06."""
        said = {receipt: answered("dpnhankqthanhtoanhs", receipt) for receipt in Receipt}
        assert {said[receipt]["error_code"] for receipt in KEPT} == {"1"}
        assert {said[receipt]["error_code"] for receipt in set(Receipt) - set(KEPT)} == {"-1"}
        assert "chỉ ghi thu khi nền tảng thanh toán xác nhận" in said[Receipt.RECORDED]["message"]


class TestLink:
    def visit(self, **changes: Any) -> Inbound:
        query = {name: value for name, value in {**LINK, **changes}.items() if value is not None}
        found: Inbound = connector().receive(request("nop-ho-so", b"", method="GET", query=query))
        return found

    def test_a_visit_says_what_the_link_said(self) -> None:
        found = self.visit()
        assert (found.event, found.key) == ("form_visit", "")
        assert MAPPINGS.reply("form_visit", found.body) == {
            "local_procedure_code": "2.000815.000.00.00.H55",
            "agency_id": "H55.242",
            "service_code": "1.115835.02",
            "applicant_key": UUID,
            "sign_on_now": True,
        }

    def test_what_may_be_left_out_may(self) -> None:
        found = self.visit(
            MDT=None, vnconnect=None, MaDVC=None, MaCoQuanThucHien=None, MaTTHCDP=None, MaTTHC="1.115835"
        )
        assert found.body == {"MaTTHC": "1.115835", "sso": False}

    def test_the_sixteen_bytes_of_a_uuid_are_read_too(self) -> None:
        raw = base64.urlsafe_b64encode(bytes.fromhex(UUID.replace("-", ""))).decode().rstrip("=")
        assert self.visit(MDT=raw).body["applicant"] == UUID

    @pytest.mark.parametrize(
        "broken",
        [
            {"MDT": "khong-phai"},
            {"MDT": base64.b64encode(b"Tr\xe1\xba\xa7n").decode()},
            {"MDT": "é"},
            {"MDT": "A" * 5000},
            {"MaTTHCDP": None},
            {"MaTTHCDP": "<script>"},
            {"MaCoQuanThucHien": "H55 242"},
            {"vnconnect": "1\r\nLocation: x"},
        ],
    )
    def test_a_broken_link_gets_a_page_and_no_visit(self, broken: dict[str, Any]) -> None:
        with pytest.raises(ProtocolViolation):
            self.visit(**broken)
        reply = connector().acknowledge(request("nop-ho-so", method="GET"), Handled(Receipt.REJECTED))
        assert (reply.status, reply.headers["content-type"]) == (400, "text/html; charset=utf-8")
        assert "Xin quay lại Cổng" in reply.content.decode()
        assert 'href="http://127.0.0.1:7199/nop-ho-so"' in reply.content.decode()

    def test_a_visit_is_sent_on_with_its_id_alone(self) -> None:
        handled = Handled(Receipt.RECORDED, {"visit": "0d4f6c1e-8f0b-4f0e-9f53-6a0b7c1d2e3f"})
        reply = connector().acknowledge(request("nop-ho-so", method="GET", query=LINK), handled)
        where = urlsplit(reply.headers["location"])
        assert reply.status == 303
        assert parse_qs(where.query) == {"visit": ["0d4f6c1e-8f0b-4f0e-9f53-6a0b7c1d2e3f"]}
        assert reply.headers["referrer-policy"] == "no-referrer"

    def test_without_a_form_nobody_is_sent_anywhere(self) -> None:
        bare = connector(form_url="")
        with pytest.raises(ConfigurationError):
            bare.receive(request("nop-ho-so", b"", method="GET", query=LINK))
        reply = bare.acknowledge(request("nop-ho-so", method="GET"), Handled(Receipt.REJECTED))
        assert (reply.status, "location" in reply.headers) == (503, False)
        assert "bộ phận một cửa" in reply.content.decode()

    def test_our_own_failure_is_told_as_such(self) -> None:
        reply = connector().acknowledge(request("nop-ho-so", method="GET"), Handled(Receipt.FAILED))
        assert (reply.status, "sau ít phút" in reply.content.decode()) == (503, True)
