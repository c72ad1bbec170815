"""The SOAP codec: what it reads of a hostile answer, and what it refuses to write."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.registry import discover
from gateway.sdk import ConfigurationError, ProtocolViolation
from gateway.sdk.soap import ENVELOPE, SoapBody, SoapContract, SoapFault, read_soap


def envelope(body: str, *, head: str = "", prolog: str = '<?xml version="1.0"?>') -> bytes:
    return f'{prolog}<s:Envelope xmlns:s="{ENVELOPE}">{head}<s:Body>{body}</s:Body></s:Envelope>'.encode()


def read(body: str) -> Any:
    found = read_soap(envelope(body))
    assert isinstance(found, SoapBody)
    return found.value


class TestReading:
    def test_elements_become_texts_objects_and_lists_by_local_name(self) -> None:
        body = read('<x:r xmlns:x="urn:x"><x:a> 1 </x:a><b/><l>1</l><l>2</l><l>3</l><o><p>q</p></o></x:r>')
        assert body == {"a": "1", "b": "", "l": ["1", "2", "3"], "o": {"p": "q"}}

    def test_name_and_namespace_are_told(self) -> None:
        found = read_soap(envelope('<x:r xmlns:x="urn:x"/>'))
        assert found == SoapBody("urn:x", "r", "")

    def test_a_fault_is_told_without_its_prefix(self) -> None:
        fault = "<s:Fault><faultcode> s:Server.Down </faultcode><faultstring>x</faultstring></s:Fault>"
        assert read_soap(envelope(fault)) == SoapFault("Server.Down", "x")
        assert read_soap(envelope("<s:Fault/>")) == SoapFault("", "")

    def test_comments_and_processing_instructions_say_nothing(self) -> None:
        assert read("<r><!-- no --><?php x?><a>1<!-- 2 -->3</a></r>") == {"a": "13"}

    def test_vietnamese_in_any_declared_encoding(self) -> None:
        text = (
            envelope("<r><t>Trần</t></r>", prolog="<?xml version='1.0' encoding='UTF-16'?>").decode().encode("utf-16")
        )
        found = read_soap(text)
        assert isinstance(found, SoapBody)
        assert found.value == {"t": "Trần"}

    @pytest.mark.parametrize(
        "content",
        [
            b"",
            b"<html><body>502</body></html>",
            b"\x00\xff",
            b"{}",
            envelope(""),
            envelope("<a/><b/>"),
            envelope("<a/>", head="<s:Body/>"),
            b"<Envelope><Body><a/></Body></Envelope>",
            envelope("<a/>").replace(b"/soap/envelope/", b"/x/"),
            b'<e:Envelope xmlns:e="http://www.w3.org/2003/05/soap-envelope"><e:Body><a/></e:Body></e:Envelope>',
            envelope("<a>&b;</a>"),
            envelope("<a/>")[:-5],
        ],
    )
    def test_what_is_no_soap_1_1_answer_is_a_violation(self, content: bytes) -> None:
        with pytest.raises(ProtocolViolation):
            read_soap(content)

    @pytest.mark.parametrize(
        "dtd",
        [
            '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
            '<!DOCTYPE r [<!ENTITY a "1"><!ENTITY b "&a;&a;"><!ENTITY x "&b;&b;">]>',
            '<!DOCTYPE r SYSTEM "http://127.0.0.1:1/x.dtd" [<!ENTITY % p SYSTEM "http://127.0.0.1:1/"> %p;]>',
        ],
    )
    def test_a_document_type_is_refused_unread(self, dtd: str) -> None:
        with pytest.raises(ProtocolViolation):
            read_soap(envelope("<r>&x;</r>", prolog=f'<?xml version="1.0"?>{dtd}'))

    def test_depth_has_an_end(self) -> None:
        assert read("<a>" * 20 + "x" + "</a>" * 20)
        for deep in (22, 5_000):
            with pytest.raises(ProtocolViolation):
                read("<a>" * deep + "</a>" * deep)

    @given(st.binary(max_size=200))
    def test_no_bytes_raise_anything_else(self, content: bytes) -> None:
        with pytest.raises(ProtocolViolation):
            read_soap(content)


@pytest.fixture(scope="module")
def contract() -> SoapContract:
    folder = Path(inspect.getfile(discover()["population"])).parent / "contract"
    return SoapContract(next(folder.glob("*.wsdl")))


class TestWriting:
    def test_values_that_do_not_fit_are_not_sent(self, contract: SoapContract) -> None:
        for values in ({}, {"Unknown": "1"}, {"SoGiayTo": {"a": 1}}):
            with pytest.raises(ProtocolViolation):
                contract.write("XacThucThongTinCongDan", values)
        with pytest.raises(ProtocolViolation):
            contract.write("XacThucThongTinCongDan", {"SoGiayTo": "\x00"})

    def test_a_wsdl_that_reaches_outside_its_folder_fails_at_start(self, tmp_path: Path) -> None:
        wsdl = tmp_path / "x.wsdl"
        for location in ("http://127.0.0.1:1/a.xsd", "../a.xsd", "/etc/passwd"):
            wsdl.write_text(
                '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:x="http://www.w3.org/2001/XMLSchema">'
                f'<types><x:schema><x:import namespace="urn:a" schemaLocation="{location}"/></x:schema></types>'
                "</definitions>"
            )
            with pytest.raises(ConfigurationError):
                SoapContract(wsdl)

    @pytest.mark.parametrize("text", ["", "<a/>", "nonsense", "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"])
    def test_what_is_no_wsdl_fails_at_start(self, tmp_path: Path, text: str) -> None:
        (tmp_path / "x.wsdl").write_text(text)
        with pytest.raises(ConfigurationError):
            SoapContract(tmp_path / "x.wsdl")
        with pytest.raises(ConfigurationError):
            SoapContract(tmp_path / "missing.wsdl")
