"""The stories of the operators' console, told in Chromium over the running demo; and at the end every page of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import journey
import psycopg
import pytest
from console_tour import NEVER_LINKED, Tour, pages
from console_town import House, press, said, told
from playwright.sync_api import expect
from screen import Screen, screen
from story import dossier_document, payment_document

pytestmark = [
    pytest.mark.timeout(900),
    pytest.mark.plants_personal_data("output", "log"),  # the demo tells whom it asked about, and httpcore its cookies
]
REFUSED, LEFT = "000.00.05.H99-261129-0001", "000.00.05.H99-261129-0003"
SENT = "000.00.05.H99-261129-1{:03d}"
LOAD = 25
WITH_CODES = "/console/mappings/population/lookup_citizen"
"""Not every mapping leads to a list of codes."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, database_url: str) -> Iterator[House]:
    with told(Path(tmp_path_factory.mktemp("console")), database_url) as opened:
        yield opened


@pytest.fixture
def opened() -> Iterator[Screen]:
    with screen() as made:
        yield made


def test_a_failed_dossier_is_found_understood_mended_released_and_arrives(house: House, opened: Screen) -> None:
    """KPI-10 (part): what fails is on the board within a minute."""
    town = house.town
    page = house.page(opened, "lam")
    house.open(page, "/console")
    journey.plan(town, "national_portal", "refuse", times=None, contains="DongBoHoSoMC")
    began = time.monotonic()
    assert house.caller.send("PUT", f"/v1/dossiers/{REFUSED}", dossier_document(journey.BEGAN)).status_code == 202
    # Nobody loads the page again: it says so by itself.
    link = page.locator("a[href^='/console/delivery/held?target=national_portal']").first
    expect(link).to_be_visible(timeout=60_000)
    assert time.monotonic() - began < 60
    link.press("Enter")
    page.get_by_role("link", name=REFUSED).first.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(REFUSED)
    expect(page.locator("main")).to_contain_text("partner.refused")
    page.get_by_role("link", name="Mọi giao dịch về").press("Enter")
    verdict = page.locator("main .said[role=status]").first
    expect(verdict).to_contain_text("nghiệp vụ")
    expect(page.locator("main")).to_contain_text("một người phải quyết định")
    journey.forget_faults(town, "national_portal")  # the cause is mended over there
    page.get_by_role("link", name=f"hàng gửi national_portal: {REFUSED}").press("Enter")
    press(page, "Cho gửi tiếp")
    assert said(page)
    view = journey.arrive(house.caller, REFUSED)
    assert view["complete"], view
    assert journey.held(town, REFUSED)[0] == [1]
    house.open(page, f"/console/delivery/streams/national_portal/{REFUSED}")
    expect(page.locator("main")).to_contain_text("đã gửi")


def test_a_target_is_paused_under_load_and_drained_at_a_rate(house: House, opened: Screen) -> None:
    page = house.page(opened, "lam", scripts=False)  # without the live stream
    house.open(page, "/console/delivery")
    card = page.locator("section.card").filter(has_text="national_portal").first
    card.get_by_role("button", name="Tạm ngừng").press("Enter")
    assert "đã tạm ngừng" in said(page)
    codes = [SENT.format(number) for number in range(LOAD)]
    for code in codes:
        assert house.caller.send("PUT", f"/v1/dossiers/{code}", dossier_document(journey.BEGAN)).status_code == 202
    house.open(page, "/console/delivery")
    card = page.locator("section.card").filter(has_text="national_portal").first
    expect(card).to_contain_text("Đang tạm ngừng")
    expect(card).to_contain_text(f"{LOAD} hồ sơ")
    stored = house.mock("national_portal", "dossiers")
    assert not set(codes) & {dossier["MaHoSo"] for dossier in stored["dossiers"]}
    house.open(page, "/console")
    expect(page.locator("section.card").filter(has_text="national_portal").first).to_contain_text("ạm ngừng")
    house.open(page, "/console/delivery")
    card = page.locator("section.card").filter(has_text="national_portal").first
    card.get_by_label("Tốc độ gửi (bản tin/giây)").fill("20")
    began = time.monotonic()
    card.get_by_role("button", name="Gửi trở lại").press("Enter")
    assert "20 bản tin/giây" in said(page)
    for code in codes:
        assert journey.arrive(house.caller, code)["complete"], code
    assert time.monotonic() - began >= LOAD / 20 - 1.5  # at most a second's worth is saved up
    house.open(page, "/console/delivery")
    card = page.locator("section.card").filter(has_text="national_portal").first
    expect(card).to_contain_text("Đã gửi hết")


def test_a_case_about_money_is_understood_and_closed(house: House, opened: Screen) -> None:
    """PAY-06 (part)."""
    document = {**payment_document(), "dossier_code": "000.00.05.H99-261129-0002"}
    payment = house.caller.json("POST", "/v1/payments", document)
    house.mock("payment", f"transactions/{payment['id']}", {"action": "pay", "copies": 0})
    house.mock("payment", "ipn", {"MaThamChieu": payment["id"], "set": {"SoTien": 15_000}})
    page = house.page(opened, "lam")
    house.open(page, "/console/payments/cases")
    row = page.locator("tr").filter(has_text="15.000 ₫").first
    row.get_by_role("link").first.press("Enter")
    expect(page.locator("main")).to_contain_text("15.000 ₫")
    expect(page.get_by_role("heading", name="Phải làm gì")).to_be_visible()
    page.get_by_label("Đã tìm ra gì, đã làm gì").fill("Kênh thu gửi sai số tiền; đã báo lại đúng.")
    press(page, "Ghi là đã xử lý")
    assert said(page)
    expect(page.locator("main")).to_contain_text("Kết quả xử lý")
    house.open(page, "/console/payments/cases")
    assert page.locator("tr").filter(has_text="15.000 ₫").count() == 0


def test_whoever_only_looks_changes_nothing(house: House, opened: Screen) -> None:
    """SEC-17 (part): no button is shown, and a form that is sent all the same is refused."""
    page = house.page(opened, "xem", scripts=False)
    for path, button in (("/console/delivery", "Tạm ngừng"), ("/console/maintenance", "Công bố")):
        house.open(page, path)
        assert page.get_by_role("button", name=button).count() == 0
    token = page.locator("input[name=csrf]").first.get_attribute("value")
    for path, form in (
        ("/console/delivery/pause", {"target": "population"}),
        ("/console/delivery/release", {"target": "a", "key": "b", "seq": "1", "verdict": "missing"}),
        ("/console/payments/cases/1/resolve", {"words": "x"}),
        ("/console/operators/lam/disable", {}),
    ):
        answer = page.request.post(house.town.api + path, form={"csrf": str(token), **form})
        assert answer.status == 403, path
        assert "quyền" in answer.text()
    for path in ("/console/evidence", "/console/privacy/looks", "/console/operators"):
        assert page.request.get(house.town.api + path).status == 403, path


def test_every_page_is_reached_holds_at_each_width_and_passes_axe(house: House, opened: Screen) -> None:
    """PER-09 (AA, own choice)."""
    furnish(house, opened)
    tour = Tour(pages())
    for login in ("lam", "soat"):
        tour.walk(house.page(opened, login), house.town.api, begin=("/console", WITH_CODES))
    for path in ("/trang-thai", "/tra-cuu", "/console/login"):
        tour.seen[path] = [path]
        tour.look(opened.profile().new_page(), house.town.api + path, path)
    never = tour.kinds.keys() - NEVER_LINKED - {kind for kind, seen in tour.seen.items() if seen}
    assert (tour.wrong, never) == ([], set())


FORMS: dict[str, list[tuple[str, dict[str, str]]]] = {
    "lam": [
        ("/console/diagnostics/population/runs", {}),
        ("/console/discrepancies", {"target": "portal_adapter"}),
        (
            "/console/agreements",
            {
                "number": "01/TT-MAU",
                "system": "business_registry",
                "parties": "UBND tỉnh Mẫu\nCơ quan Mẫu",
                "purpose": "Giải quyết thủ tục hành chính",
                "basis": "NĐ 278/2025/NĐ-CP",
                "since": "2026-01-01",
                "until": "2027-12-31",
            },
        ),
        (
            "/console/access-requests",
            {
                "agency_id": "H99",
                "application": "mot-cua-xa",
                "purpose": "Giải quyết thủ tục hành chính",
                "items": "full_name\nbirth_date",
                "service": "verify_citizen",
                "frequency": "100 lượt mỗi ngày",
            },
        ),
    ],
    "soat": [
        (
            "/console/privacy/breaches",
            {
                "since": "2026-11-28T08:00",
                "until": "2026-11-28T09:00",
                "discovered": "2026-11-28T10:00",
                "counts_from": "discovered",
                "words": "Máy trạm để mở không người trông.",
            },
        ),
        (
            "/console/privacy/requests",
            {"kind": "access", "personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "words": "Ai đã xem?"},
        ),
    ],
}
"""What the demo's story has none of, so that there is something to see on each page."""


MANY = """
INSERT INTO stream (tenant, target, key, head, tail, held, trouble_code, trouble, trouble_vi, created_at)
SELECT 'H99', 'national_portal', format('seed:%s', n), 0, 1, true, 'partner.refused', 'Refused.', 'Bị từ chối.', now()
FROM generate_series(1, 10000) AS n;
INSERT INTO transaction (tenant, index, recorded_at, kind, actor, operation, system, outcome, fault, reference,
    trace_id, call_id, duration_ms)
SELECT 'H99', -n, now() - interval '2 days' - n * interval '1 second', 'exchange', 'worker', 'sync_dossier',
    'national_portal', 'partner.unavailable', 'partner_technical', format('seed:%s', n), md5(n::text), '', n
FROM generate_series(1, 10000) AS n;
INSERT INTO alarm (tenant, kind, about, facts, raised_at, last_at, count)
SELECT 'H99', 'lookup_misses', format('officer:H99/seed.%s', n), '{}', now() - interval '2 days', now(), 1
FROM generate_series(1, 10000) AS n;
"""
"""Ten thousand of each, older than what the demo did."""


def furnish(house: House, opened: Screen) -> None:
    with psycopg.connect(house.dsn) as connection:
        connection.execute("SET search_path TO lienthong")
        connection.execute(MANY)
    journey.plan(house.town, "national_portal", "refuse", times=1, contains="DongBoHoSoMC")
    assert house.caller.send("PUT", f"/v1/dossiers/{LEFT}", dossier_document(journey.BEGAN)).status_code == 202
    for login, forms in FORMS.items():
        page = house.page(opened, login)
        house.open(page, "/console")
        token = page.locator("input[name=csrf]").first.get_attribute("value")
        for path, form in forms:
            answer = page.request.post(house.town.api + path, form={"csrf": str(token), **form})
            assert answer.ok, (path, answer.status, answer.text()[-1500:])


def test_an_altered_log_is_noticed(house: House, opened: Screen) -> None:
    """SEC-09 (part): the last of all, for the log is broken afterwards."""
    page = house.page(opened, "soat")
    house.open(page, "/console/evidence/verify")
    press(page, "Kiểm các dòng mới nhất")
    expect(page.locator("#running .badge").first).to_have_text("nguyên vẹn", timeout=60_000)
    altered = alter(house.dsn)
    house.open(page, "/console/evidence/verify")
    press(page, "Kiểm các dòng mới nhất")
    expect(page.locator("#running .badge").first).to_have_text("có dòng bị sửa", timeout=60_000)
    expect(page.locator("#running tbody tr").first).to_contain_text(str(altered))
    house.open(page, "/console/alarms")
    expect(page.locator("main")).to_contain_text("ật ký")


def alter(dsn: str) -> int:
    """Somebody with the whole database in their hands makes a refusal a success; which row."""
    with psycopg.connect(dsn) as connection:
        connection.execute("SET search_path TO lienthong")
        connection.execute("ALTER TABLE audit_leaf DISABLE TRIGGER USER")
        found = connection.execute("SELECT max(index) - 5 FROM audit_leaf").fetchone()
        assert found is not None
        connection.execute(
            "UPDATE audit_leaf SET leaf = replace(convert_from(leaf, 'UTF8'), 'console_', 'konsole_')::bytea "
            "WHERE index = %s",
            found,
        )
        connection.execute("ALTER TABLE audit_leaf ENABLE TRIGGER USER")
        return int(found[0])
