"""The log on pages: read, proven, verified, handed out, reviewed; and what whoever has no right is refused."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest
from console_house import BASE, Browser, House

from gateway.audit.checks import Begun
from gateway.audit.model import Entry, EntryKind
from gateway.audit.reviews import Pace, period_of
from gateway.bootstrap import utc_now
from gateway.console.app import Console
from gateway.domain import local_day
from gateway.observability import own_context
from gateway.operators.model import Role

PAGES = ("", "/verify", "/packages", "/reviews", "/0", "/0/proof")


async def leaf(house: House, **said: object) -> int:
    """Of somebody else's exchange."""
    fields = {
        "kind": EntryKind.EXCHANGE,
        "tenant": house.gateway.tenant,
        "actor": "motcua",
        "operation": "verify_citizen",
        "outcome": "answered",
        "occurred_at": utc_now(),
        "trace_id": "c" * 32,
        "system": "population",
        **said,
    }
    recorded = await house.gateway.ground.recorder.record(Entry(**fields))  # type: ignore[arg-type]  # as given
    assert recorded.index is not None
    return recorded.index


async def signed(house: House) -> None:
    await house.gateway.ground.recorder.sign()


async def files(browser: Browser, path: str, content: bytes, **fields: str) -> str:
    """Send a form with a file; the page that answers."""
    sent = {"csrf": browser.token, **fields}
    response = await browser.client.post(path, data=sent, files={"file": ("f", content)})
    assert response.status_code == 200, response.text[-1500:]
    return response.text


@pytest.mark.parametrize("role", [Role.VIEWER, Role.OPERATOR, Role.ADMINISTRATOR])
@pytest.mark.parametrize("page", PAGES)
async def test_whoever_may_not_audit_reads_no_page_of_the_log(house: House, role: Role, page: str) -> None:
    browser = await house.enter(role)
    assert "/console/evidence" not in await browser.get("/console")
    assert "caller.right" in await browser.get(f"/console/evidence{page}", status=403)


@pytest.mark.parametrize(
    "path",
    ["/verify", "/packages", "/packages/check", "/0/check", "/reviews/week/2026-W01"],
)
async def test_whoever_may_not_audit_is_refused_each_form_of_the_log(house: House, path: str) -> None:
    browser = await house.enter(Role.OPERATOR)
    await browser.get("/console")
    response = await browser.post(
        f"/console/evidence{path}", {"whole": "all", "act": "leaves", "rows": "0"}, status=403
    )
    assert "caller.right" in response.text


async def test_the_log_is_found_by_reference_and_by_actor_and_read_page_by_page(house: House) -> None:
    for number in range(51):
        await leaf(house, reference="HS-TRANG", actor=f"client{number % 2}")
    browser = await house.enter(Role.AUDITOR)
    page = await browser.get("/console/evidence?reference=HS-TRANG")
    assert page.count("<code>HS-TRANG</code>") == 50
    onward = re.search(r'href="(/console/evidence\?reference=HS-TRANG&amp;before=\d+)"', page)
    assert onward
    assert (await browser.get(onward[1].replace("&amp;", "&"))).count("<code>HS-TRANG</code>") == 1
    only = await browser.get("/console/evidence?reference=HS-TRANG&actor=client1")
    assert only.count("<td>client1</td>") == 25
    assert "<td>client0</td>" not in only


async def test_a_personal_number_is_not_searched_for_in_the_log(house: House) -> None:
    browser = await house.enter(Role.AUDITOR)
    page = await browser.get("/console/evidence?reference=123456789", status=422)
    assert "123456789" not in page.split("<main")[1]


async def test_a_row_is_shown_in_words_with_its_contents_by_name_alone(house: House) -> None:
    """DOS-16 (part)."""
    index = await leaf(house, reference="HS-DONG", bodies={"request_sent": b"secret 1", "reply_received": b"secret 2"})
    browser = await house.enter(Role.AUDITOR)
    await house.gateway.stores.audit.erase_bodies(house.gateway.tenant, index)
    kept = await leaf(house, reference="HS-DONG", bodies={"request_sent": b"secret 3"})
    gone, page = await browser.get(f"/console/evidence/{index}"), await browser.get(f"/console/evidence/{kept}")
    assert gone.count("đã xoá") == 2
    assert "còn lưu, niêm phong" in page
    assert "secret" not in gone + page
    assert "Xác thực công dân" in page
    assert f'href="/console/transactions/{"c" * 32}"' in page


async def test_a_proof_is_walked_step_by_step_to_the_signed_root(house: House) -> None:
    """POP-12 (part)."""
    index = await leaf(house)
    await signed(house)
    browser = await house.enter(Role.AUDITOR)
    page = await browser.get(f"/console/evidence/{index}/proof")
    assert "Đúng: dòng này nằm trong nhật ký" in page
    steps = re.findall(r"<tr><th scope=\"row\">(\d+)</th>", page)
    assert steps == [str(number) for number in range(1, len(steps) + 1)]
    root = re.search(r"Gốc tính được</dt><dd><code>([0-9a-f]{64})", page)
    assert root
    assert page.count(root[1]) >= 2


async def test_a_row_that_no_checkpoint_covers_yet_is_not_called_proven_or_wrong(house: House) -> None:
    await signed(house)
    browser = await house.enter(Role.AUDITOR)
    index = await leaf(house)
    page = await browser.get(f"/console/evidence/{index}/proof")
    assert "Chưa kết luận được" in page


async def test_bytes_are_compared_with_what_was_recorded(house: House) -> None:
    """CON-28 (part)."""
    index = await leaf(house, bodies={"reply_received": b"<a>1</a>\n"})
    browser = await house.enter(Role.AUDITOR)
    await browser.get(f"/console/evidence/{index}")
    path = f"/console/evidence/{index}/check"
    assert "đây chính là nội dung đã ghi" in await files(browser, path, b"<a>1</a>\n")
    assert "khác với nội dung đã ghi" in await files(browser, path, b"<a>2</a>\n")
    assert "đây chính là nội dung đã ghi" in await files(browser, path, b"", text="<a>1</a>\r\n")
    await house.gateway.stores.audit.erase_bodies(house.gateway.tenant, index)
    assert "Không kết luận được" in await files(browser, path, b"<a>1</a>\n")


async def test_more_than_a_megabyte_is_not_compared(house: House) -> None:
    browser = await house.enter(Role.AUDITOR)
    await browser.get("/console/evidence/0")
    response = await browser.client.post(
        "/console/evidence/0/check", data={"csrf": browser.token}, files={"file": ("f", b"x" * 1_048_577)}
    )
    assert response.status_code == 413


async def test_a_sound_log_is_called_sound(house: House) -> None:
    await leaf(house, bodies={"request_sent": b"x"})
    await signed(house)
    browser = await house.enter(Role.AUDITOR)
    for whole in ("newest", "all"):
        await browser.get("/console/evidence/verify")
        await browser.post("/console/evidence/verify", {"whole": whole})
        await house.gateway.desk.checks.finished()
        row = (await browser.get("/console/evidence/verify")).split("<tbody>")[1].split("</tr>")[0]
        assert "nguyên vẹn" in row
        assert ("nội dung khớp" in row) == (whole == "all")


async def test_the_progress_is_asked_for_by_the_page_and_is_no_leaf(house: House) -> None:
    browser = await house.enter(Role.AUDITOR)
    await browser.get("/console/evidence/verify")
    await browser.post("/console/evidence/verify", {"whole": "all"})
    running = await browser.client.get("/console/evidence/verify/progress", headers={"X-Quiet": "1"})
    await house.gateway.desk.checks.finished()
    ended = await browser.client.get("/console/evidence/verify/progress", headers={"X-Quiet": "1"})
    assert "<html" not in running.text
    assert 'hx-trigger="every 2s"' in running.text
    assert "<progress" in running.text
    assert "hx-trigger" not in ended.text
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=20)
    assert not [row for row in rows if b"check_progress" in row.leaf]


async def test_a_second_verification_waits_for_the_first(house: House) -> None:
    browser = await house.enter(Role.AUDITOR)
    await browser.get("/console/evidence/verify")
    await browser.post("/console/evidence/verify", {"whole": "all"})
    assert "caller.check_running" in (await browser.post("/console/evidence/verify", {"whole": "all"}, status=409)).text
    await house.gateway.desk.checks.finished()


async def test_a_verification_whose_process_is_gone_is_not_called_sound(house: House) -> None:
    begun = Begun(whole=True, size=9, at=utc_now() - timedelta(minutes=10), by="operator:ai.do")
    assert await house.gateway.stores.office.log_checks.begin(house.gateway.tenant, begun)
    browser = await house.enter(Role.AUDITOR)
    row = (await browser.get("/console/evidence/verify")).split("<tbody>")[1].split("</tr>")[0]
    assert "bị ngắt" in row
    assert "nguyên vẹn" not in row


async def test_evidence_that_waits_on_this_machine_is_told(house: House) -> None:
    browser = await house.enter(Role.AUDITOR)
    assert "ghi được" in await browser.get("/console/evidence")
    console = Console(replace(house.gateway.desk, spooled=lambda: 1234), house.app)
    transport = httpx.ASGITransport(console, client=("127.0.0.1", 1))
    async with httpx.AsyncClient(transport=transport, base_url=BASE, cookies=browser.client.cookies) as client:
        page = (await client.get("/console/evidence")).text
    assert "Nhật ký đang chưa ghi được" in page
    assert "1.234" in page


async def test_a_package_without_contents_is_made_and_checked(house: House) -> None:
    index = await leaf(house, reference="HS-GOI", bodies={"request_sent": b"hidden"})
    browser = await house.enter(Role.AUDITOR)
    page = await browser.get("/console/evidence/packages?reference=HS-GOI")
    assert f"Dòng: {index}" in page
    made = await browser.post("/console/evidence/packages", {"rows": str(index), "act": "leaves"}, status=200)
    assert made.headers["content-disposition"] == f'attachment; filename="chung-cu-{index}-{index}.zip"'
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert f"leaves/{index}.json" in archive.namelist()
        assert not [name for name in archive.namelist() if name.startswith("bodies/")]
    verdict = await files(browser, "/console/evidence/packages/check", made.content)
    assert "Gói đưa vào: đúng" in verdict
    assert f"Dòng {index} nằm trong nhật ký" in verdict


async def test_a_package_that_was_changed_is_called_wrong(house: House) -> None:
    index = await leaf(house)
    browser = await house.enter(Role.AUDITOR)
    await browser.get("/console/evidence/packages")
    made = await browser.post("/console/evidence/packages", {"rows": str(index), "act": "leaves"}, status=200)
    changed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(made.content)) as old, zipfile.ZipFile(changed, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"motcua", b"ke-khac"))
    page = await files(browser, "/console/evidence/packages/check", changed.getvalue())
    assert "Gói đưa vào: sai" in page
    assert "Gói đưa vào: đúng" not in page


async def test_contents_leave_with_four_eyes_alone(house: House) -> None:
    """PDP-13 (part), PDP-03 (part): whose data they are finds that they left."""
    index = await leaf(house, bodies={"request_sent": b"what was sent of 099203001777"})
    browser, path = await house.enter(Role.AUDITOR), "/console/evidence/packages"
    fields = {"rows": str(index), "act": "bodies"}
    await browser.get(path)
    assert "caller.needs_approval" in (await browser.post(path, fields, status=403)).text
    page = await browser.send(path, {**fields, "act": "ask", "reason": "theo yêu cầu của thanh tra"})
    assert "chờ người khác phê duyệt" in page
    assert "Tải gói kèm nội dung" not in page
    await _allow(house)
    assert "Tải gói kèm nội dung" in await browser.get(f"{path}?rows={index}")
    made = await browser.post(path, fields, status=200)
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert archive.read(f"bodies/{index}/request_sent") == b"what was sent of 099203001777"
    reports, context = house.gateway.services.late().privacy.reports, own_context(house.gateway.tenant)
    report = await reports.make("099203001777", reference="CV-12", context=context)
    assert "export_evidence" in {each.operation for look in report.looks for each in look.leaves}
    assert "caller.needs_approval" in (await browser.post(path, fields, status=403)).text


async def test_a_review_is_signed_once_and_is_a_row_of_the_log(house: House) -> None:
    """SEC-07."""
    gateway = house.gateway
    last = period_of(Pace.WEEK, local_day(utc_now()) - timedelta(days=7))
    browser, path = await house.enter(Role.PROTECTION_OFFICER), f"/console/evidence/reviews/week/{last.name}"
    assert "Ký rà soát" in await browser.get(path)
    await browser.post(path, {"verdict": "usual", "words": " "}, status=422)
    page = await browser.send(path, {"verdict": "follow_up", "words": "Có nhiều lần đăng nhập sai."})
    assert f"Đã ký rà soát kỳ {last.name}" in page
    signed_page = await browser.get(path)
    assert "Có nhiều lần đăng nhập sai." in signed_page
    assert "Ký một lần" not in signed_page
    await browser.post(path, {"verdict": "usual", "words": "lại"}, status=409)
    rows = await gateway.stores.audit.find(gateway.tenant, reference=f"log_review:{last.name}", limit=20)
    (row,) = [row for row in rows if b'"operation":"review_log"' in row.leaf]
    assert b'"outcome":"follow_up"' in row.leaf
    assert b"sai" not in row.leaf


@pytest.mark.usefixtures("one_day")
async def test_a_reviewer_is_shown_what_the_log_says_of_the_period(house: House) -> None:
    """SEC-07 (part)."""
    await leaf(house, kind=EntryKind.REQUEST, operation="lookup_citizen", outcome="http_403", actor="nguoi-la")
    now = period_of(Pace.MONTH, local_day(utc_now()))
    browser = await house.enter(Role.AUDITOR)
    page = await browser.get(f"/console/evidence/reviews/month/{now.name}")
    refused = page.split('id="s-refused"')[1].split("</section>")[0]
    assert "nguoi-la" in refused
    assert "mới tạo" in page
    path = f"/console/evidence/reviews/month/{now.name}"
    assert "caller.review_early" in (await browser.post(path, {"verdict": "usual", "words": "x"}, status=422)).text


@pytest.mark.parametrize("name", ["week/2026-99", "week/2026-W54", "month/2026-13", "month/2026-W02", "week/x"])
async def test_a_period_that_there_is_not_is_not_found(house: House, name: str) -> None:
    browser = await house.enter(Role.AUDITOR)
    await browser.get(f"/console/evidence/reviews/{name}", status=404)


async def test_an_altered_row_is_named_where_it_is_looked_for(house: House) -> None:
    """SEC-09, DOS-16 (part). The last test of this file: the log is altered from here on."""
    index = await leaf(house, reference="HS-SUA", outcome="answered")
    await leaf(house)
    await signed(house)
    async with house.gateway.ground.database.own_transaction() as connection:
        await connection.execute("ALTER TABLE audit_leaf DISABLE TRIGGER USER")
        await connection.execute(
            "UPDATE audit_leaf SET leaf = "
            "convert_to(replace(convert_from(leaf, 'UTF8'), 'answered', 'refused'), 'UTF8') "
            "WHERE tenant = %s AND index = %s",
            (house.gateway.tenant, index),
        )
        await connection.execute("ALTER TABLE audit_leaf ENABLE TRIGGER USER")
    browser = await house.enter(Role.AUDITOR)
    assert "đã bị sửa" in await browser.get("/console/evidence?reference=HS-SUA")
    assert "không còn đúng như khi ghi" in await browser.get(f"/console/evidence/{index}")
    assert "Sai: dòng này dẫn tới một gốc khác" in await browser.get(f"/console/evidence/{index}/proof")
    for whole in ("newest", "all"):
        await browser.get("/console/evidence/verify")
        await browser.post("/console/evidence/verify", {"whole": whole})
        await house.gateway.desk.checks.finished()
        row = (await browser.get("/console/evidence/verify")).split("<tbody>")[1].split("</tr>")[0]
        assert f"Dòng {index} đã bị sửa." in row
    assert f"Dòng {index} đã bị sửa." in await browser.get("/console/evidence")
    alarms = await house.gateway.able.alarms.listed(house.gateway.tenant, everything=False, limit=50)
    assert ("log_altered", f"row:{index}") in {(each.occasion.kind, each.occasion.about) for each in alarms}


async def _allow(house: House) -> None:
    """Another operator allows whatever waits."""
    gateway = house.gateway
    await house.enter(Role.OPERATOR)
    accounts = await gateway.stores.office.accounts.all(gateway.tenant)
    other = next(each.operator for each in accounts if Role.OPERATOR in each.roles)
    for waiting in await gateway.services.late().approvals.waiting(gateway.tenant):
        await gateway.services.late().approvals.decide(waiting.id, allow=True, by=other)
