"""The WSDL and XSD that provinces build their clients from (CON-04, CON-05, CON-06)."""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace

import httpx
import pytest
from envelopes import Soap
from lxml import etree
from operations import DOCUMENT, SCHEMAS
from province import NAMESPACE, Province, contract
from typer.testing import CliRunner

from gateway.cli.application import application
from gateway.cli.main import app
from gateway.facade.app import Facade
from gateway.facade.contract import Contract
from gateway.facade.shapes import Choice, Place
from gateway.settings import Settings

WSDL = "{http://schemas.xmlsoap.org/wsdl/}"
SOAP = "{http://schemas.xmlsoap.org/wsdl/soap/}"
XS = "{http://www.w3.org/2001/XMLSchema}"
NAMES = [
    said["operationId"]
    for path, methods in DOCUMENT["paths"].items()
    for said in methods.values()
    if not path.startswith("/v1/admin/")
]
"""Of clients; staff speak no SOAP."""


@pytest.fixture
def http(soap: Soap) -> httpx.AsyncClient:
    return soap.http


@pytest.fixture(scope="module")
def wsdl() -> etree._Element:
    return etree.fromstring(contract().wsdl("http://gateway/soap"))


class TestWsdl:
    def test_every_operation_of_the_api_is_an_operation_here(self, wsdl: etree._Element) -> None:
        """CON-10: one document describes both."""
        assert [one.get("name") for one in wsdl.findall(f"{WSDL}portType/{WSDL}operation")] == NAMES
        assert [one.get("name") for one in wsdl.findall(f"{WSDL}binding/{WSDL}operation")] == NAMES
        assert len(NAMES) == len(set(NAMES)) > 30

    def test_it_is_document_literal_as_the_basic_profile_wants(self, wsdl: etree._Element) -> None:
        """CON-05: WS-I Basic Profile 1.1, sections 4.4 to 4.7."""
        (binding,) = wsdl.findall(f"{WSDL}binding/{SOAP}binding")
        assert dict(binding.attrib) == {"style": "document", "transport": "http://schemas.xmlsoap.org/soap/http"}
        assert {one.get("use") for one in wsdl.iter(f"{SOAP}body", f"{SOAP}fault")} == {"literal"}
        assert all(len(message.findall(f"{WSDL}part")) == 1 for message in wsdl.findall(f"{WSDL}message"))
        assert all(part.get("element") for part in wsdl.iter(f"{WSDL}part"))
        for operation in wsdl.findall(f"{WSDL}binding/{WSDL}operation"):
            soap = operation.find(f"{SOAP}operation")
            assert soap is not None
            assert soap.get("soapAction") == f"{NAMESPACE}/{operation.get('name')}"
        (port,) = wsdl.findall(f"{WSDL}service/{WSDL}port")
        assert [dict(address.attrib) for address in port] == [{"location": "http://gateway/soap"}]

    def test_wrappers_are_named_as_their_operations(self, wsdl: etree._Element) -> None:
        elements = {one.get("name") for one in etree.fromstring(contract().xsd).findall(f"{XS}element")}
        assert elements == {*NAMES, *(f"{name}Response" for name in NAMES), "problem"}

    def test_the_schema_leaves_nothing_open(self) -> None:
        """CON-04: no xs:any, every element of the namespace, texts in both languages, free form marked as such."""
        schema = etree.fromstring(contract().xsd)
        assert schema.get("targetNamespace") == NAMESPACE
        assert schema.get("elementFormDefault") == "qualified"
        assert not [*schema.iter(f"{XS}any", f"{XS}anyType", f"{XS}anyAttribute")]
        assert {one.get("{http://www.w3.org/XML/1998/namespace}lang") for one in schema.iter(f"{XS}documentation")} == {
            "vi", "en",
        }  # fmt: skip

    def test_shapes_that_look_alike_are_never_offered_untold(self) -> None:
        """CON-18: what an element is called says what it means, so no name may be a guess."""
        shapes = contract().catalogue.shapes
        for name, schema in SCHEMAS.items():
            for part in schema.get("properties", {}).values():
                choice = shapes.place(part).shape
                for branch in choice.branches if isinstance(choice, Choice) and not choice.told_by else ():
                    (example, *_) = SCHEMAS[branch.name]["examples"]
                    assert [one for one in choice.branches if shapes.fits(Place(one), example)] == [branch], name

    def test_limits_are_said_where_xsd_can(self) -> None:
        """CON-04: lengths, bounds, patterns, enumerations, and how many entries."""
        schema = etree.fromstring(contract().xsd)
        facets = {etree.QName(one).localname for one in schema.iter() if one.get("value") is not None}
        assert facets >= {"minLength", "maxLength", "minInclusive", "maxInclusive", "pattern", "enumeration"}
        lines = schema.find(f".//{XS}complexType[@name='PaymentIn']//{XS}element[@name='lines']//{XS}element")
        assert lines is not None
        assert (lines.get("minOccurs"), lines.get("maxOccurs")) == ("1", "50")

    def test_the_same_document_gives_the_same_bytes(self) -> None:
        """CON-06: a checksum is worth something only then."""
        again = Contract(DOCUMENT, namespace=NAMESPACE)
        assert again.xsd == contract().xsd
        assert again.wsdl("http://a/soap") == contract().wsdl("http://a/soap")


class TestServed:
    @pytest.mark.parametrize("query", ["wsdl", "WSDL", "wsdl=", "xsd=types"])
    async def test_anyone_may_read_it_with_its_checksum(self, query: str) -> None:
        """CON-06."""
        async with Province().client() as http:
            answer = await http.get(f"/soap?{query}")
            digest = hashlib.sha256(answer.content).digest()
            assert answer.status_code == 200
            assert answer.headers["content-type"] == "text/xml; charset=utf-8"
            assert answer.headers["etag"] == f'"{digest.hex()}"'
            assert answer.headers["content-digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
            assert (await http.get(f"/soap?{query}&sha256")).text == f"{digest.hex()}\n"
            assert (await http.head(f"/soap?{query}")).status_code == 200
            unchanged = await http.get(f"/soap?{query}", headers={"If-None-Match": answer.headers["etag"]})
            assert (unchanged.status_code, unchanged.content) == (304, b"")

    async def test_the_wsdl_leads_to_its_schema(self, http: httpx.AsyncClient) -> None:
        wsdl = etree.fromstring((await http.get("/soap?wsdl")).content)
        where = wsdl.find(f"{WSDL}types/{XS}schema/{XS}import")
        assert where is not None
        assert where.get("namespace") == NAMESPACE
        assert (await http.get(where.get("schemaLocation", ""))).content == contract().xsd

    @pytest.mark.parametrize("host", ['a"><x', "a b", "ví.vn", "x/y", ""])
    async def test_a_host_that_is_none_is_not_repeated(self, host: str) -> None:
        province = Province()
        transport = httpx.ASGITransport(province.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
            answer = await http.get("/soap?wsdl", headers=[(b"host", host.encode())])
        address = etree.fromstring(answer.content).find(f".//{SOAP}address")
        assert address is not None
        assert address.get("location") == "http://gateway/soap"

    async def test_behind_a_proxy_the_address_is_the_one_that_is_set(self) -> None:
        province = Province()
        url = "https://lienthong.example.vn/soap"
        facade = Facade(province.app, contract(), max_body_bytes=1000, url=url)
        async with httpx.AsyncClient(transport=httpx.ASGITransport(facade), base_url="http://gateway") as http:
            assert f'location="{url}"' in (await http.get("/soap?wsdl")).text

    @pytest.mark.parametrize(("method", "path"), [("GET", "/soap"), ("GET", "/soap?xsd=other"), ("PUT", "/soap")])
    async def test_nothing_else_is_there(self, http: httpx.AsyncClient, method: str, path: str) -> None:
        answer = await http.request(method, path)
        assert answer.status_code == 404
        assert answer.json()["code"] == "caller.not_found"


class TestCommand:
    def test_it_prints_what_is_served_and_its_checksum(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """CON-06: for the province's own site, without a running gateway."""
        for name in ("LIENTHONG_CONFIG", "LIENTHONG_API__SOAP_NAMESPACE"):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("LIENTHONG_API__SOAP_URL", "http://gateway/soap")
        run = CliRunner().invoke
        assert run(app, ["soap", "xsd"]).stdout_bytes == contract().xsd
        assert run(app, ["soap", "wsdl"]).stdout_bytes == contract().wsdl("http://gateway/soap")
        assert run(app, ["soap", "xsd", "--sha256"]).stdout == f"{hashlib.sha256(contract().xsd).hexdigest()}\n"

    def test_the_namespace_is_the_provinces_own(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """CON-06: TT 13/2017 Art 20.1."""
        monkeypatch.setenv("LIENTHONG_API__SOAP_NAMESPACE", "https://motcua.example.gov.vn/soap/v1")
        printed = CliRunner().invoke(app, ["soap", "xsd"]).stdout_bytes
        assert b'targetNamespace="https://motcua.example.gov.vn/soap/v1"' in printed


async def test_the_process_serves_it_under_the_settings_of_the_province() -> None:
    """What `lienthong api` runs."""
    namespace, url = "https://motcua.example.gov.vn/soap/v1", "https://motcua.example.gov.vn/soap"
    settings = Settings(api={"soap_namespace": namespace, "soap_url": url})  # type: ignore[arg-type]  # as from a file
    ground = SimpleNamespace(settings=settings, trusting=SimpleNamespace(trust={}), metrics=None)
    gateway = SimpleNamespace(services=Province().services, ground=ground, desk=None)
    transport = httpx.ASGITransport(application(gateway))  # type: ignore[arg-type]  # all that it asks of a gateway
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as http:
        wsdl = etree.fromstring((await http.get("/soap?wsdl")).content)
        assert (await http.get("/openapi.json")).status_code == 200
    assert wsdl.get("targetNamespace") == namespace
    assert [one.get("location") for one in wsdl.iter(f"{SOAP}address")] == [url]
