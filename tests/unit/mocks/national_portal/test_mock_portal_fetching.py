"""The mock portal downloads what a dossier points at (sections 3.4, 6.2), and says so when there is nothing."""

from __future__ import annotations

import hashlib
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks.national_portal.app import create_app
from mocks.national_portal.fetching import links

CODE = "000.00.05.H99-260102-0007"
URL = "http://province/downloadfile/"
DOSSIER = {
    "MaHoSo": CODE,
    "TrangThaiHoSo": "2",
    "TaiLieuNop": [{"DuongDanTaiTepTin": URL + "1"}],
    "DanhSachHoSoBoSung": [{"DanhSachGiayToBoSung": [{"DuongDanTaiTepTin": URL + "2"}]}],
    "DanhSachGiayToKetQua": [{"DuongDanTepTinKetQua": URL + "gone"}, {"DuongDanTepTinKetQua": ""}],
}


async def serve(request: Request) -> Response:
    if request.path_params["name"] == "gone":
        return Response(status_code=204)
    return Response(b"scanned", media_type="application/pdf")


@pytest.fixture
def portal() -> Any:
    province = Starlette(routes=[Route("/downloadfile/{name}", serve)])
    app = create_app(transport=httpx.ASGITransport(province))
    app.state.portal.book.put([DOSSIER], updating=False, at="2026-01-02T08:30:00+07:00")
    return app


async def test_every_link_is_fetched_and_what_came_is_told(before: Any, portal: Any) -> None:
    files = (await before(portal).post(f"/_mock/dossiers/{CODE}/fetch")).json()["files"]
    assert [(file["url"], file["status"]) for file in files] == [
        (URL + "1", 200),
        (URL + "2", 200),
        (URL + "gone", 204),
    ]
    assert (files[0]["media_type"], files[0]["sha256"]) == ("application/pdf", hashlib.sha256(b"scanned").hexdigest())
    sent = [entry for entry in portal.state.journal.entries if entry.direction == "sent"]
    assert [entry.status for entry in sent] == [200, 200, 204]
    assert "scanned" not in repr(sent)


async def test_a_province_that_does_not_answer_is_told_as_such(before: Any) -> None:
    app = create_app()
    dossier = {"MaHoSo": CODE, "TrangThaiHoSo": "2", "TaiLieuNop": [{"DuongDanTaiTepTin": "http://127.0.0.1:9/x"}]}
    app.state.portal.book.put([dossier], updating=False, at="")
    [file] = (await before(app).post(f"/_mock/dossiers/{CODE}/fetch")).json()["files"]
    assert (file["status"], file["error"]) == (None, "ConnectError")


async def test_an_unknown_dossier_has_no_files(before: Any, portal: Any) -> None:
    assert (await before(portal).post("/_mock/dossiers/H99-1/fetch")).status_code == 404


def test_links_are_found_wherever_they_stand() -> None:
    assert list(links(DOSSIER)) == [URL + "1", URL + "2", URL + "gone"]
