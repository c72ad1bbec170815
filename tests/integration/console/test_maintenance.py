"""Planned suspensions on the console and on the public page, and how far a dossier has come."""

from __future__ import annotations

from datetime import timedelta

import pytest
from console_house import House

from gateway.bootstrap import utc_now
from gateway.domain import VIETNAM, DossierStatus
from gateway.dossiers.model import DossierRecord
from gateway.operators.model import Role

FORM = "%Y-%m-%dT%H:%M"


def plan(*, hours: float, **more: str) -> dict[str, str]:
    begins = utc_now().astimezone(VIETNAM) + timedelta(hours=hours)
    said = {"subject": "population", "text": "Nâng cấp <máy chủ>", "rate": ""}
    return {**said, "begins": begins.strftime(FORM), "ends": (begins + timedelta(hours=3)).strftime(FORM), **more}


async def test_an_announcement_is_public_at_once_and_lists_recovery_and_contact(house: House) -> None:
    """CON-15, CON-19."""
    administrator = await house.enter(Role.ADMINISTRATOR)
    await administrator.get("/console/maintenance")
    assert "Đã công bố" in await administrator.send("/console/maintenance", plan(hours=24 * 20))
    page = await house.stranger(address="203.0.113.9").get("/trang-thai")
    assert "Nâng cấp &lt;máy chủ&gt;" in page
    assert "dự kiến khôi phục" in page
    assert "Sở mẫu" in page
    document = (await house.stranger().client.get("/trang-thai.json")).json()
    assert [line["text"] for line in document["suspensions"]] == ["Nâng cấp <máy chủ>"]
    assert document["contact"]["office"] == "Sở mẫu"


async def test_a_short_notice_is_refused_unless_it_is_force_majeure(house: House) -> None:
    """CON-15."""
    administrator = await house.enter(Role.ADMINISTRATOR)
    await administrator.get("/console/maintenance")
    refused = await administrator.post("/console/maintenance", plan(hours=24), status=422)
    assert "07 ngày làm việc" in refused.text
    assert "/begins" in refused.text
    await administrator.get("/console/maintenance")
    await administrator.send("/console/maintenance", plan(hours=1, force_majeure="Đứt cáp quang"))
    assert "Đứt cáp quang" in await house.stranger().get("/trang-thai?lang=en")


async def test_whoever_only_looks_sees_no_form_and_sends_none(house: House) -> None:
    viewer = await house.enter(Role.VIEWER)
    assert 'name="begins"' not in await viewer.get("/console/maintenance")
    await viewer.post("/console/maintenance", plan(hours=24 * 20), status=403)


async def test_what_staff_paused_is_not_told_as_planned(house: House) -> None:
    outbox, tenant, status = house.gateway.stores.outbox, house.gateway.tenant, house.gateway.desk.status
    await outbox.pause(tenant, "national_portal", now=utc_now())
    status.forget()
    try:
        page = await house.stranger().get("/trang-thai")
    finally:
        await outbox.resume(tenant, "national_portal", now=utc_now())
        status.forget()
    assert "Đang tạm dừng gửi" in page
    assert "Tạm ngừng theo kế hoạch" not in page


async def test_the_status_page_sets_no_cookie_and_leaves_no_leaf(house: House) -> None:
    before = (await house.gateway.stores.audit.head(house.gateway.tenant)).size
    response = await house.stranger("http://lienthong.example.vn", address="203.0.113.9").client.get("/trang-thai")
    assert response.status_code == 200
    assert "set-cookie" not in response.headers
    assert 'href="/console"' not in response.text
    assert (await house.gateway.stores.audit.head(house.gateway.tenant)).size == before


async def test_many_who_open_it_cause_one_reading_in_ten_seconds(house: House) -> None:
    first = await house.gateway.desk.status.read()
    assert await house.gateway.desk.status.read() is first


@pytest.mark.parametrize("asked", ["000.00.05.H99-261123-9999", "xyzzy", "099185000001", "' OR 1=1"])
async def test_a_code_that_nobody_has_reads_like_what_is_no_code(house: House, asked: str) -> None:
    stranger = house.stranger()
    response = await stranger.client.post("/tra-cuu", data={"code": asked})
    assert response.status_code == 404
    assert "Không có hồ sơ nào mang mã này." in response.text
    assert asked not in response.text


@pytest.mark.parametrize(
    ("status", "level", "told"),
    [(1, "filed", "Đã nộp"), (5, "in_progress", "Đang giải quyết"), (3, "finished", "Đã kết thúc")],
)
async def test_an_anonymous_look_tells_the_code_and_the_level_and_nothing_else(
    house: House, status: int, level: str, told: str
) -> None:
    """DOS-22."""
    code = f"000.00.05.H99-261123-{status:04}"
    record = DossierRecord(
        tenant=house.gateway.tenant,
        code=code,
        version=1,
        status=DossierStatus(status),
        document={"applicant": {"full_name": "Trần Thị Mẫu"}},
        last_event_at=None,
        updated_at=utc_now(),
    )
    await house.gateway.stores.dossiers.save(record)
    stranger = house.stranger()
    assert (await stranger.client.get(f"/tra-cuu/{code}")).json() == {"code": code, "level": level}
    page = (await stranger.client.post("/tra-cuu", data={"code": code})).text
    assert told in page
    assert "Mẫu" not in page


async def test_a_public_page_sets_no_cookie_even_for_whoever_is_logged_in(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console/account")
    await browser.post("/console/account/sessions/end-others")
    for path in ("/trang-thai", "/tra-cuu", "/trang-thai.json", "/tra-cuu/x"):
        assert "set-cookie" not in (await browser.client.get(path)).headers, path
    assert "phiên khác" in await browser.get("/console/account")
