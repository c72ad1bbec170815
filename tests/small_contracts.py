"""Contracts of one operation, `Ask`, that tests write for themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from gateway.sdk import ProtocolViolation
from gateway.sdk.soap import SoapContract

SPACE = "urn:example"
FACETS = (
    '<xs:simpleType name="Code"><xs:restriction base="xs:string"><xs:pattern value="[A-Z]{1,3}"/>'
    '</xs:restriction></xs:simpleType><xs:simpleType name="Short"><xs:restriction base="xs:string">'
    '<xs:maxLength value="2000"/></xs:restriction></xs:simpleType>'
)
ASK = (
    '<xs:element name="Ask"><xs:complexType><xs:sequence><xs:element name="code" type="{code}"/>'
    '<xs:element name="note" type="{note}" minOccurs="0"/></xs:sequence></xs:complexType></xs:element>'
)
ANSWER = (
    '<xs:element name="Answer"><xs:complexType><xs:sequence><xs:element name="yes" type="xs:boolean"/>'
    "</xs:sequence></xs:complexType></xs:element>"
)


def schema(inside: str, *, space: str = SPACE) -> str:
    return f'<xs:schema targetNamespace="{space}" elementFormDefault="qualified">{inside}</xs:schema>'


def at_once(work: Any) -> None:
    """Nobody has to wait for what is done beside the caller."""
    work()


def contract(folder: Path, *schemas: str, beside: Any = at_once) -> SoapContract:
    (folder / "x.wsdl").write_text(
        '<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" '
        f'xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:e="{SPACE}" targetNamespace="{SPACE}">'
        f'<types>{"".join(schemas)}</types><message name="In"><part name="p" element="e:Ask"/></message>'
        '<message name="Out"><part name="p" element="e:Answer"/></message><portType name="P"><operation name="Ask">'
        '<input message="e:In"/><output message="e:Out"/></operation></portType><binding name="B" type="e:P">'
        '<soap:binding style="document" transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Ask">'
        '<soap:operation soapAction=""/><input><soap:body use="literal"/></input><output><soap:body use="literal"/>'
        '</output></operation></binding><service name="S"><port name="P" binding="e:B">'
        '<soap:address location="http://127.0.0.1:9/"/></port></service></definitions>',
        encoding="utf-8",
    )
    return SoapContract(folder / "x.wsdl", beside=beside)


def refuses(made: SoapContract, **values: Any) -> bool:
    try:
        made.write("Ask", values)
    except ProtocolViolation:
        return True
    return False
