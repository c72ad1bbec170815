"""The schema of a contract, both ways: what breaks it is not sent, and is no answer."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from small_contracts import ANSWER, ASK, FACETS, SPACE, contract, refuses, schema

from gateway.sdk import ConfigurationError, ProtocolViolation
from gateway.sdk.soap import ENVELOPE, SoapBody, SoapContract, read_soap


class TestRequests:
    @pytest.fixture
    def made(self, tmp_path: Path) -> SoapContract:
        return contract(tmp_path, schema(FACETS + ASK.format(code="e:Code", note="e:Short") + ANSWER))

    def test_a_value_that_a_facet_forbids_is_not_sent_first_or_later(self, made: SoapContract) -> None:
        for _ in range(3):
            assert not refuses(made, code="ABC", note="a")
            assert refuses(made, code="abc", note="a")
            assert refuses(made, code="", note="a")
            assert refuses(made, code="ABC", note="a" * 2_001)

    def test_a_text_without_facets_is_free(self, tmp_path: Path) -> None:
        made = contract(tmp_path, schema(ASK.format(code="xs:string", note="xs:string") + ANSWER))
        for text in ("", "x", "Trần <&>", "a" * 30_000):
            assert not refuses(made, code=text, note=text)

    def test_a_text_longer_than_any_that_was_tried_is_looked_at(self, tmp_path: Path) -> None:
        facets = FACETS.replace("2000", "15000")
        made = contract(tmp_path, schema(facets + ASK.format(code="xs:string", note="e:Short") + ANSWER))
        for _ in range(3):
            assert not refuses(made, code="a", note="a" * 15_000)
            assert refuses(made, code="a", note="a" * 15_001)

    def test_a_text_that_is_no_date_is_not_sent_as_one(self, tmp_path: Path) -> None:
        made = contract(tmp_path, schema(ASK.format(code="xs:date", note="xs:string") + ANSWER))
        for _ in range(3):
            assert not refuses(made, code="1985-06-15")
            assert refuses(made, code="15/06/1985")

    def test_parts_of_one_namespace_are_one_schema(self, tmp_path: Path) -> None:
        made = contract(tmp_path, schema(FACETS), schema(ASK.format(code="e:Code", note="e:Short")), schema(ANSWER))
        assert not refuses(made, code="A")
        assert refuses(made, code="a")

    def test_a_file_beside_the_wsdl_is_part_of_it(self, tmp_path: Path) -> None:
        (tmp_path / "codes.xsd").write_text(
            f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:codes">{FACETS}</xs:schema>'
        )
        imported = '<xs:import namespace="urn:codes" schemaLocation="codes.xsd"/>'
        asked = ASK.format(code="c:Code", note="c:Short").replace("<xs:element", '<xs:element xmlns:c="urn:codes"', 1)
        made = contract(tmp_path, schema(imported + asked + ANSWER))
        assert not refuses(made, code="A")
        assert refuses(made, code="a")

    def test_a_schema_that_cannot_be_compiled_stops_the_start(self, tmp_path: Path) -> None:
        wrong = FACETS.replace("[A-Z]{1,3}", "[A-Z")
        with pytest.raises(ConfigurationError):
            contract(tmp_path, schema(wrong + ASK.format(code="e:Code", note="e:Short") + ANSWER))


def envelope(body: str) -> bytes:
    return f'<s:Envelope xmlns:s="{ENVELOPE}"><s:Body>{body}</s:Body></s:Envelope>'.encode()


class TestReplies:
    @pytest.fixture
    def made(self, tmp_path: Path) -> SoapContract:
        return contract(tmp_path, schema(FACETS + ASK.format(code="e:Code", note="e:Short") + ANSWER))

    @pytest.mark.parametrize(
        "inside",
        [
            "<yes>perhaps</yes>",
            "",
            "<yes>true</yes><yes>true</yes>",
            "<yes>true</yes><no/>",
            '<yes xmlns="">true</yes>',
            "<a><yes>true</yes></a>",
        ],
    )
    def test_an_answer_that_breaks_the_schema_is_none(self, made: SoapContract, inside: str) -> None:
        content = envelope(f'<Answer xmlns="{SPACE}">{inside}</Answer>')
        assert isinstance(read_soap(content), SoapBody)
        with pytest.raises(ProtocolViolation):
            read_soap(content, made)

    def test_an_answer_of_the_schema_is_read(self, made: SoapContract) -> None:
        found = read_soap(envelope(f'<e:Answer xmlns:e="{SPACE}"><e:yes> 1 </e:yes></e:Answer>'), made)
        assert found == SoapBody(SPACE, "Answer", {"yes": "1"})

    def test_what_the_schema_does_not_declare_is_left_to_the_reader(self, made: SoapContract) -> None:
        assert isinstance(read_soap(envelope("<Answer><yes>perhaps</yes></Answer>"), made), SoapBody)
        assert isinstance(read_soap(envelope('<Other xmlns="urn:example"/>'), made), SoapBody)

    def test_an_answer_cannot_name_a_schema_of_its_own(self, made: SoapContract) -> None:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.setblocking(False)
            place = f"http://127.0.0.1:{listening.getsockname()[1]}/x.xsd"
            instance = 'xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
            hint = f'{instance} i:schemaLocation="{SPACE} {place}" i:noNamespaceSchemaLocation="{place}"'
            with pytest.raises(ProtocolViolation):
                read_soap(envelope(f'<Answer xmlns="{SPACE}" {hint}><yes>perhaps</yes></Answer>'), made)
            with pytest.raises(BlockingIOError):
                listening.accept()


def test_elements_of_files_that_are_imported_or_included_are_checked_too(tmp_path: Path) -> None:
    begin = '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" elementFormDefault="qualified"'
    asked = '<xs:include schemaLocation="answer.xsd"/>' + ASK.format(code="xs:int", note="xs:string")
    (tmp_path / "ask.xsd").write_text(f'{begin} targetNamespace="{SPACE}">{asked}</xs:schema>')
    (tmp_path / "answer.xsd").write_text(f"{begin}>{ANSWER}</xs:schema>")
    told = f'<xs:schema><xs:import namespace="{SPACE}" schemaLocation="ask.xsd"/></xs:schema>'
    made = contract(tmp_path, told)
    assert refuses(made, code="no number")
    assert not refuses(made, code="7")
    content = envelope(f'<Answer xmlns="{SPACE}"><yes>perhaps</yes></Answer>')
    assert isinstance(read_soap(content), SoapBody)
    with pytest.raises(ProtocolViolation):
        read_soap(content, made)
