"""Data of persons on pages: who looked, requests, breaches, holds, erasure; the number by POST alone, four eyes where
they are due."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import timedelta

import pytest
from console_house import Browser, House

from gateway.audit.model import Entry, EntryKind
from gateway.bootstrap import utc_now
from gateway.domain import VIETNAM
from gateway.operators.model import Role

PERSON = "099000000013"
PAGES = ("looks", "requests", "breaches", "holds")
STEPS = ("requests/1/person", "requests/1/step", "requests/1/approval", "breaches/1/notice", "breaches/1/closure")
FORMS = (*PAGES, *STEPS, "breaches/1/pack", "holds/1/lift", "holds/erasure")


async def leaf(house: House, **said: object) -> int:
    fields = {
        "kind": EntryKind.EXCHANGE,
        "tenant": house.gateway.tenant,
        "actor": "motcua",
        "operation": "lookup_citizen",
        "outcome": "answered",
        "occurred_at": utc_now(),
        "trace_id": "d" * 32,
        "system": "population",
        **said,
    }
    recorded = await house.gateway.ground.recorder.record(Entry(**fields))  # type: ignore[arg-type]  # as given
    assert recorded.index is not None
    return recorded.index


async def allow(house: House) -> None:
    """Another operator allows whatever waits."""
    gateway = house.gateway
    await house.enter(Role.OPERATOR)
    accounts = await gateway.stores.office.accounts.all(gateway.tenant)
    other = next(each.operator for each in accounts if Role.OPERATOR in each.roles)
    for waiting in await gateway.services.late().approvals.waiting(gateway.tenant):
        await gateway.services.late().approvals.decide(waiting.id, allow=True, by=other)


async def told(house: House, operation: str) -> list[str]:
    """Leaves of that operation, newest first."""
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=100)
    return [row.leaf.decode() for row in rows if f'"operation":"{operation}"'.encode() in row.leaf]


async def received(browser: Browser, kind: str = "access") -> int:
    """The number of a request that is taken in now."""
    await browser.get("/console/privacy/requests")
    fields = {
        "kind": kind,
        "personal_id": PERSON,
        "full_name": "Nguyễn Văn Mẫu",
        "contact": "mau@example.vn",
        "words": "Xin được biết.",
    }
    response = await browser.post("/console/privacy/requests", fields)
    return int(response.headers["location"].rsplit("/", 1)[1])


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR, Role.AUDITOR])
async def test_whoever_does_not_protect_data_sees_and_may_nothing_of_it(house: House, role: Role) -> None:
    """SEC-17 (part)."""
    browser = await house.enter(role)
    assert "/console/privacy" not in await browser.get("/console")
    for page in PAGES:
        assert "caller.right" in await browser.get(f"/console/privacy/{page}", status=403)
    await browser.get("/console")
    for form in FORMS:
        assert "caller.right" in (await browser.post(f"/console/privacy/{form}", {"reason": "x"}, status=403)).text


async def test_who_looked_a_person_up_is_told_with_the_rows_that_prove_it(house: House) -> None:
    """PDP-03 (part)."""
    purpose = {"officer_id": "canbo.mau", "agency_id": "000.00.05.H99", "dossier_code": "HS-XEM"}
    index = await leaf(house, subjects=(PERSON,), purpose=purpose, reference="HS-XEM")
    browser = await house.enter(Role.PROTECTION_OFFICER)
    await browser.get("/console/privacy/looks")
    fields = {"personal_id": PERSON, "reference": "data_request:7"}
    page = (await browser.post("/console/privacy/looks", fields, status=200)).text
    assert "canbo.mau" in page
    assert f'href="/console/evidence/{index}"' in page
    assert "đều nguyên vẹn" in page
    assert PERSON not in page
    (report, *_) = await told(house, "who_looked")
    assert '"reference":"data_request:7"' in report


async def test_the_report_is_a_document_to_print_or_for_programs(house: House) -> None:
    browser = await house.enter(Role.PROTECTION_OFFICER)
    await browser.get("/console/privacy/looks")
    fields = {"personal_id": PERSON, "reference": "data_request:7"}
    printed = await browser.post("/console/privacy/looks", {**fields, "form": "print"}, status=200)
    assert "AI ĐÃ TRA CỨU DỮ LIỆU CỦA TÔI" in printed.text
    assert printed.headers["content-disposition"] == 'attachment; filename="ai-da-tra-cuu.html"'
    document = await browser.post("/console/privacy/looks", {**fields, "form": "json"}, status=200)
    assert document.json()["schema"] == "lienthong.who-looked/1"


@pytest.mark.parametrize(("number", "reference"), [(PERSON, ""), (PERSON, "x"), ("12345", "data_request:7")])
async def test_without_a_request_or_a_number_nothing_is_told(house: House, number: str, reference: str) -> None:
    browser = await house.enter(Role.PROTECTION_OFFICER)
    await browser.get("/console/privacy/looks")
    fields = {"personal_id": number, "reference": reference}
    page = await browser.post("/console/privacy/looks", fields, status=422)
    assert "dữ liệu của" not in page.text.split("<main")[1]
    assert number not in page.text


async def test_a_request_goes_from_door_to_end_within_its_clocks(house: House) -> None:
    """PDP-08 (part)."""
    browser = await house.enter(Role.PROTECTION_OFFICER)
    number = await received(browser)
    page = await browser.get(f"/console/privacy/requests/{number}")
    assert "đã tiếp nhận" in page
    assert "Nguyễn Văn Mẫu" not in page
    assert PERSON not in page
    path = f"/console/privacy/requests/{number}/step"
    page = await browser.send(path, {"step": "answer_data_request", "reason": "Đã gọi lại."})
    assert "đã trả lời, đang thực hiện" in page
    page = await browser.send(path, {"step": "extend_data_request", "reason": "Cần thêm hồ sơ giấy."})
    assert "Gia hạn một lần" not in page
    page = await browser.send(path, {"step": "finish_data_request", "reason": "Đã gửi báo cáo."})
    assert "Việc tiếp theo" not in page
    await browser.post(path, {"step": "refuse_data_request", "reason": "x"}, status=409)
    assert f'"reference":"data_request:{number}"' in (await told(house, "finish_data_request"))[0]
    assert f'/{number}"' not in await browser.get("/console/privacy/requests")
    assert f'/{number}"' in await browser.get("/console/privacy/requests?show=all")


async def test_who_asks_is_shown_on_demand_and_that_is_evidence_about_them(house: House) -> None:
    """PDP-03 (part)."""
    browser = await house.enter(Role.PROTECTION_OFFICER)
    number = await received(browser)
    await browser.get(f"/console/privacy/requests/{number}")
    shown = (await browser.post(f"/console/privacy/requests/{number}/person", status=200)).text
    assert "Nguyễn Văn Mẫu" in shown
    assert PERSON in shown.split("<main")[1]
    assert PERSON not in shown.split("<main")[0]
    assert f'"reference":"data_request:{number}"' in (await told(house, "get_data_subject"))[0]


async def test_erasing_where_the_law_keeps_everything_is_a_refusal_with_its_reason(house: House) -> None:
    """PDP-11 (part)."""
    await leaf(house, subjects=(PERSON,), bodies={"reply_received": b"x"})
    browser = await house.enter(Role.PROTECTION_OFFICER)
    number = await received(browser, "erase")
    page = await browser.send(f"/console/privacy/requests/{number}/approval", {"reason": "yêu cầu chính đáng"})
    assert "chờ người khác phê duyệt" in page
    page = await browser.send(
        f"/console/privacy/requests/{number}/step", {"step": "finish_data_request", "reason": "Đã xét."}
    )
    assert "từ chối có lý do" in page
    assert "phải lưu theo thời hạn của luật" in page


async def test_requests_are_read_page_by_page(house: House) -> None:
    browser = await house.enter(Role.PROTECTION_OFFICER)
    numbers = [await received(browser, "correct") for _ in range(101)]
    page, seen = "/console/privacy/requests", set[str]()
    while page:
        text = await browser.get(page)
        rows = re.findall(r'href="/console/privacy/requests/(\d+)"', text)
        assert len(rows) <= 100
        assert not seen & {*rows}
        seen |= {*rows}
        onward = re.search(r'class="onward"><a href="([^"]+)"', text)
        page = onward[1].replace("&amp;", "&") if onward else ""
    assert {str(number) for number in numbers} <= seen


async def test_a_breach_is_entered_notified_and_closed(house: House) -> None:
    """PDP-04 (part)."""
    browser = await house.enter(Role.PROTECTION_OFFICER)
    path = await opened(browser)
    page = await browser.get(path)
    assert "Hạn thông báo" in page
    assert "còn 2 ngày" in page
    page = await browser.send(f"{path}/notice")
    assert "Ghi: đã thông báo" not in page
    await browser.post(f"{path}/closure", {"measures": " "}, status=422)
    await browser.send(f"{path}/closure", {"measures": "Đã thu hồi khoá."})
    assert "Đã thu hồi khoá." in await browser.get(path)
    assert f'"{path}"' not in await browser.get("/console/privacy/breaches")
    assert f'"{path}"' in await browser.get("/console/privacy/breaches?show=all")
    assert await told(house, "open_breach")
    assert "thu hồi" not in (await told(house, "close_breach"))[0]


async def test_a_breach_pack_takes_another_operator_for_exactly_its_scope(house: House) -> None:
    """PDP-04, PDP-13 (part)."""
    await leaf(house, subjects=(PERSON,), actor="motcua-lo", occurred_at=utc_now() - timedelta(hours=1))
    browser = await house.enter(Role.PROTECTION_OFFICER)
    path = await opened(browser)
    page = await browser.get(path)
    since, until = re.findall(r'name="(?:since|until)" type="datetime-local" value="([^"]+)"', page)
    scope = {"since": since, "until": until, "client": "motcua-lo"}
    denied = await browser.post(f"{path}/pack", {**scope, "act": "make"}, status=403)
    assert "Đề nghị phê duyệt" in denied.text
    page = await browser.send(f"{path}/pack", {**scope, "act": "ask", "reason": "gửi A05"})
    assert "Tải hồ sơ" not in page
    await allow(house)
    page = await browser.get(path)
    assert "Tải hồ sơ" in page
    form = page.split("Tải hồ sơ")[0].rsplit("<form", 1)[1]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    await browser.post(f"{path}/pack", {**fields, "client": "khac"}, status=403)
    made = await browser.post(f"{path}/pack", fields, status=200)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert "motcua-lo" in archive.read("nhat-ky.csv").decode()
    assert '"client":"motcua-lo"' in (await told(house, "breach_pack"))[0]
    await browser.get(path)
    await browser.post(f"{path}/pack", fields, status=403)


async def test_a_hold_keeps_from_erasure_until_another_operator_lets_it_go(house: House) -> None:
    """PDP-12, PDP-13 (part)."""
    browser, holds = await house.enter(Role.PROTECTION_OFFICER), "/console/privacy/holds"
    index = await leaf(house, reference="HS-GIU", bodies={"reply_received": b"x"})
    await browser.get(holds)
    await browser.post(holds, {"reference": "HS-GIU", "first": "1", "last": "2", "reason": "x"}, status=422)
    page = await browser.send(holds, {"reference": "HS-GIU", "reason": "đang thanh tra"})
    assert "đang thanh tra" in page
    (number,) = re.findall(r"Đã đặt lệnh giữ số (\d+)", page)
    erasure = {"reference": "HS-GIU", "reason": "hết hạn lưu"}
    await browser.post(f"{holds}/erasure", {**erasure, "act": "do"}, status=403)
    await browser.send(f"{holds}/erasure", {**erasure, "act": "ask"})
    await allow(house)
    assert "Xoá vĩnh viễn" in await browser.get(holds)
    assert "Đã xoá 0 nội dung" in await browser.send(f"{holds}/erasure", {**erasure, "act": "do"})
    lift = f"{holds}/{number}/lift"
    await browser.post(lift, {"act": "do", "reason": "xong"}, status=403)
    await browser.send(lift, {"act": "ask", "reason": "xong"})
    await browser.send(f"{holds}/erasure", {**erasure, "act": "ask"})
    await allow(house)
    assert f"Đã gỡ lệnh giữ số {number}" in await browser.send(lift, {"act": "do", "reason": "xong"})
    assert re.search(r"Đã xoá [1-9]\d* nội dung", await browser.send(f"{holds}/erasure", {**erasure, "act": "do"}))
    assert not await house.gateway.stores.audit.bodies(house.gateway.tenant, first=index, last=index)


async def test_a_person_is_held_by_digest_alone(house: House) -> None:
    browser = await house.enter(Role.PROTECTION_OFFICER)
    await browser.get("/console/privacy/holds")
    page = await browser.send("/console/privacy/holds", {"personal_id": PERSON, "reason": "tranh chấp"})
    assert "một người" in page
    assert PERSON not in page
    assert PERSON not in (await told(house, "place_hold"))[0]


async def opened(browser: Browser) -> str:
    """The page of a breach of the last hours that is entered now."""
    now = utc_now().astimezone(VIETNAM).replace(tzinfo=None, microsecond=0)
    fields = {
        "since": (now - timedelta(hours=3)).isoformat(timespec="minutes"),
        "until": now.isoformat(timespec="seconds"),
        "discovered": (now - timedelta(minutes=5)).isoformat(timespec="minutes"),
        "counts_from": "happened",
        "words": "Khoá của một hệ thống bị lộ.",
    }
    await browser.get("/console/privacy/breaches")
    response = await browser.post("/console/privacy/breaches", fields)
    return str(response.headers["location"])
