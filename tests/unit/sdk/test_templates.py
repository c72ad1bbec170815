"""Envelopes by template: the bytes of zeep for every value, zeep itself for what a template does not know."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
import zeep
from hypothesis import example, given, settings
from hypothesis import strategies as st
from lxml import etree
from small_contracts import at_once
from structlog.testing import capture_logs

from gateway.registry import discover
from gateway.sdk import ProtocolViolation
from gateway.sdk.soap import ENVELOPE, SoapContract
from gateway.sdk.templates import LONGEST, compiled, flat

WSDL = next((Path(inspect.getfile(discover()["population"])).parent / "contract").glob("*.wsdl"))
CONTRACT, ZEEP = SoapContract(WSDL, beside=at_once), zeep.Client(str(WSDL))
NEEDED = ("MaYeuCau", "MaDVC", "MaTichHop", "MaCanBo")
MAY_BE = ("MaDonVi", "TaiKhoan", "SoDienThoai", "SoDinhDanh", "SoCMND", "HoVaTen")
AWKWARD = st.sampled_from(["", " ", "&", "<a>", "]]>", "\r\n", "Trần", "Tra\u0302\u0300n", "%s", "\ue0000\ue001"])
TEXTS = st.text(max_size=30) | AWKWARD | st.text(st.characters(codec=None), max_size=4)
BIRTHS = st.dictionaries(st.sampled_from(["NgayThangNam", "Nam"]), TEXTS, min_size=1, max_size=1)
QUESTIONS = st.fixed_dictionaries(
    dict.fromkeys(NEEDED, TEXTS), optional={**dict.fromkeys(MAY_BE, TEXTS), "NgayThangNamSinh": BIRTHS}
)


def by_zeep(operation: str, values: Mapping[str, Any]) -> bytes | None:
    """None: zeep refuses them."""
    try:
        envelope = ZEEP.create_message(ZEEP.service, operation, **values)
    except (zeep.exceptions.Error, TypeError, ValueError):
        return None
    envelope.insert(0, etree.Element(f"{{{ENVELOPE}}}Header"))
    return bytes(etree.tostring(envelope, xml_declaration=True, encoding="UTF-8"))


def ours(contract: SoapContract, operation: str, values: Mapping[str, Any]) -> bytes | None:
    try:
        return contract.write(operation, values)
    except ProtocolViolation:
        return None


def says_no_birth(values: Mapping[str, Any]) -> bool:
    """zeep leaves out what is empty in a choice; the schema wants one of both."""
    return "" in values.get("NgayThangNamSinh", {}).values()


class TestSameBytes:
    @settings(max_examples=400)
    @given(operation=st.sampled_from(["TraCuuThongTinCongDan", "XacThucThongTinCongDan"]), values=QUESTIONS)
    @example(operation="XacThucThongTinCongDan", values={**dict.fromkeys(NEEDED, "a"), "MaDVC": "\ud800"})
    @example(operation="XacThucThongTinCongDan", values={**dict.fromkeys(NEEDED, "a"), "MaDVC": "\x1f"})
    @example(operation="XacThucThongTinCongDan", values={**dict.fromkeys(NEEDED, "a"), "MaDVC": "\uffff"})
    @example(operation="XacThucThongTinCongDan", values={**dict.fromkeys(NEEDED, "a"), "MaDVC": "a" * LONGEST})
    def test_a_question_is_written_and_refused_as_by_zeep(self, operation: str, values: dict[str, Any]) -> None:
        expected = None if says_no_birth(values) else by_zeep(operation, values)
        for _ in range(2):  # by zeep, then by the template that was made of it
            assert ours(CONTRACT, operation, values) == expected

    @given(texts=st.tuples(TEXTS, TEXTS, TEXTS, TEXTS, TEXTS))
    def test_every_message_of_the_contract(self, texts: tuple[str, ...]) -> None:
        variant_b = dict(zip(("MaYeuCau", "MaDichVu", "MaCanBo", "SoCMND", "HoVaTen"), texts, strict=True))
        relatives = {**dict(zip(("MaYeuCau", "MaDVC", "MaTichHop", "MaDonVi", "MaCanBo"), texts, strict=True))}
        relatives |= {"HoVaTen": texts[0], "NgayThangNamSinh": texts[1]}
        for operation, values in (
            ("XacThucThongTinCongDanRequest", variant_b),
            ("XacMinhThongTinNhanThan", relatives),
        ):
            for _ in range(2):
                assert ours(CONTRACT, operation, values) == by_zeep(operation, values)

    def test_the_order_of_the_fields_given_changes_nothing(self) -> None:
        values = {name: name for name in (*NEEDED, *MAY_BE)}
        turned = dict(reversed(values.items()))
        written = {CONTRACT.write("TraCuuThongTinCongDan", each) for each in (values, turned, values, turned)}
        assert written == {by_zeep("TraCuuThongTinCongDan", values)}


class Number(StrEnum):
    VPCP = "VPCP"


class TestWhatNoTemplateKnows:
    @pytest.mark.parametrize("value", [7, True, 1.5, Number.VPCP, b"x", None, ["a"], {"a": "b"}])
    def test_zeep_decides_and_it_is_said_once(self, value: Any) -> None:
        contract = SoapContract(WSDL, beside=at_once)
        values = {**dict.fromkeys(NEEDED, "a"), "MaDVC": value}
        with capture_logs() as logs:
            for _ in range(3):
                assert ours(contract, "TraCuuThongTinCongDan", values) == by_zeep("TraCuuThongTinCongDan", values)
        is_sent = by_zeep("TraCuuThongTinCongDan", values) is not None
        expected = {"event": "envelopes_are_not_prepared", "operation": "TraCuuThongTinCongDan", "log_level": "warning"}
        assert logs == ([expected] if is_sent else [])

    def test_what_is_known_is_said_nothing_about(self) -> None:
        contract = SoapContract(WSDL, beside=at_once)
        with capture_logs() as logs:
            for text in ("a", "&", "", "\x00", "a" * 2 * LONGEST):
                ours(contract, "TraCuuThongTinCongDan", dict.fromkeys(NEEDED, text))
        assert logs == []

    def test_a_message_that_fits_in_no_way_leaves_nothing_behind(self) -> None:
        contract = SoapContract(WSDL, beside=at_once)
        for number in range(100):
            assert ours(contract, "TraCuuThongTinCongDan", {f"Unknown{number}": "a"}) is None
        values = dict.fromkeys(NEEDED, "a")
        assert ours(contract, "TraCuuThongTinCongDan", values) == by_zeep("TraCuuThongTinCongDan", values)


def plain(values: Mapping[str, Any]) -> bytes:
    return "".join(f"<{name}>{value}</{name}>" for name, value in values.items()).encode()


class TestAuthorities:
    """`compiled` believes nothing that it has not seen."""

    def test_one_that_escapes_otherwise_gets_no_template(self) -> None:
        assert compiled(("a", "b"), plain) is None

    @pytest.mark.parametrize("odd", ["0", "true", "1985-06-15", " ", "Trần Thị Mẫu"])
    def test_one_that_writes_a_certain_value_otherwise_gets_none(self, odd: str) -> None:
        def write(values: Mapping[str, Any]) -> bytes:
            is_odd = any(odd in text and odd.strip() == text.strip() for text in values.values())
            return b"<odd/>" if is_odd else plain({name: _escaped(text) for name, text in values.items()})

        assert compiled(("a",), write) is None

    def test_one_that_says_a_value_twice_or_not_at_all_gets_none(self) -> None:
        assert compiled(("a",), lambda values: plain(values) * 2) is None
        assert compiled(("a",), lambda _: b"<a/>") is None

    def test_an_empty_text_that_changes_more_is_left_to_it(self) -> None:
        def write(values: Mapping[str, Any]) -> bytes:
            return plain({name: _escaped(text) for name, text in values.items() if text or name == "b"})

        made = compiled(("a", "b"), write)
        assert made is not None
        assert made[0].fill(["x", ""]) == b"<a>x</a><b></b>"
        assert made[0].fill(["", "x"]) is None

    def test_values_within_values_are_one_set_of_fields(self) -> None:
        names = ("a", ("b", ("c", ("d", ("e",)))))
        assert flat({"a": "1", "b": {"c": "2", "d": {"e": "3"}}}) == (names, ["1", "2", "3"])
        assert flat({"a": "1", "b": {"c": 2}}) is None


def _escaped(text: str) -> str:
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\r", "&#13;")
