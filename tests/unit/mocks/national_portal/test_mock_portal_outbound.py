"""The mock portal as the one who calls: what it sends has the shape of section 6, and it reports what it was told."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator, Callable
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from mocks.national_portal.app import create_app
from mocks.national_portal.outbound import KINDS

PATHS = {
    "search": "search/call",
    "promotion": "addtthcKhuyenMai",
    "amendment": "nhanhsdvcqg",
    "voucher": "nhanhsdvcqg",
    "tax_notice": "nhantbthuedvcqg",
    "fees": "dptracuuthanhtoanhs",
    "payment": "dpnhankqthanhtoanhs",
}
Connect = Callable[..., httpx.AsyncClient]


class Province:
    """Takes everything down, and answers from a script."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, bytes]] = []
        self.reply = httpx.Response(200, json={"error_code": 0, "message": "Thành công"})

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.calls.append((str(request.url), request.content))
        if request.url.host == "nobody":
            raise httpx.ConnectError("refused")
        return httpx.Response(self.reply.status_code, content=self.reply.content)


@pytest.fixture
def province() -> Province:
    return Province()


@pytest.fixture
async def portal(province: Province) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app({"province_url": "http://tinh/inbound"}, transport=httpx.MockTransport(province))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
        yield client


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_goes_to_its_path_and_the_answer_comes_back(
    portal: httpx.AsyncClient, province: Province, kind: str
) -> None:
    said = (await portal.post("/_mock/send", json={"kind": kind})).json()
    [(url, content)] = province.calls
    assert url == f"http://tinh/inbound/{PATHS[kind]}"
    assert json.loads(content) == said["sent"]
    assert said["answers"] == [{"status": 200, "body": {"error_code": 0, "message": "Thành công"}}]
    [entry] = (await portal.get("/_mock/journal", params={"path": PATHS[kind]})).json()["entries"]
    assert (entry["direction"], entry["status"]) == ("sent", 200)


async def test_a_message_is_changed_as_ordered(portal: httpx.AsyncClient, province: Province) -> None:
    order = {"kind": "voucher", "set": {"isUpdating": True}, "data": {"MaHoSo": "X-1"}, "unset": ["service"]}
    sent = (await portal.post("/_mock/send", json=order)).json()["sent"]
    assert (sent["isUpdating"], sent["data"]["MaHoSo"], "service" in sent) == (True, "X-1", False)
    await portal.post("/_mock/send", json={"kind": "voucher", "raw": "{"})
    assert province.calls[-1][1] == b"{"
    assert len((await portal.post("/_mock/send", json={"kind": "fees", "times": 3})).json()["answers"]) == 3


async def test_the_adapters_prefix_and_the_agreed_key_are_settings(
    portal: httpx.AsyncClient, province: Province
) -> None:
    changes = {"province_prefix": "VXPAdapter/RestService/forward/", "security_key": "k"}
    await portal.post("/_mock/settings", json=changes)
    await portal.post("/_mock/send", json={"kind": "promotion"})
    [(url, content)] = province.calls
    assert url == "http://tinh/inbound/VXPAdapter/RestService/forward/addtthcKhuyenMai"
    assert json.loads(content)["SecurityKey"] == "k"


async def test_no_answer_is_told_as_none(portal: httpx.AsyncClient) -> None:
    await portal.post("/_mock/settings", json={"province_url": "http://nobody"})
    [answer] = (await portal.post("/_mock/send", json={"kind": "search"})).json()["answers"]
    assert (answer["status"], answer["body"]) == (None, "no answer: ConnectError")


@pytest.mark.parametrize("order", [{}, {"kind": "x"}, {"kind": "fees", "times": 0}, {"kind": "fees", "times": "9"}])
async def test_an_order_that_makes_no_sense_is_422(portal: httpx.AsyncClient, order: dict[str, object]) -> None:
    assert (await portal.post("/_mock/send", json=order)).status_code == 422


async def test_a_tax_notice_is_base64_of_the_contracts_xml(portal: httpx.AsyncClient) -> None:
    sent = (await portal.post("/_mock/send", json={"kind": "tax_notice"})).json()["sent"]
    root = ElementTree.fromstring(base64.b64decode(sent["data"]["FileThongBaoThue"]))
    rows = root.findall("./BODY/ROW_LIST/LIST")
    assert (root.tag, root.findtext("./BODY/ROW_LIST/MA_HSO")) == ("DATA", "000.00.05.H99-261123-0007")
    assert [row.findtext("NGAY_QUYET_DINH") for row in rows] == ["20-11-2026"]


async def test_a_link_has_the_contracts_parameters(portal: httpx.AsyncClient) -> None:
    order = {"set": {"vnconnect": "0"}, "unset": ["MaDVC"], "uuid": "u"}
    link = urlsplit((await portal.post("/_mock/deep-link", json=order)).json()["url"])
    assert link.path == "/inbound/nop-ho-so"
    assert parse_qs(link.query) == {
        "MaTTHCDP": ["1.009999.000.00.00.H99"],
        "MaCoQuanThucHien": ["H99.242"],
        "vnconnect": ["0"],
        "MDT": [base64.b64encode(b"u").decode()],
    }
