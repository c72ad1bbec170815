"""Scores in the browser: a synthetic month by hand and by the system, what is behind each number, warnings, closing."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from html import unescape

import pytest_asyncio
from console_house import House
from score_house import ScoreHouse, at, fact

from gateway.bootstrap import utc_now
from gateway.domain import DossierStatus, local_day
from gateway.operators.model import Role
from gateway.scores.model import Fact, Period

ONE, TWO = "000.00.01.H99", "000.00.02.H99"
OPEN = {"status": DossierStatus.IN_PROCESS, "finished_at": None, "results": 0}
SYNTHETIC = [
    fact(1),
    fact(2, finished_at=at(20, 16)),
    fact(3, finished_at=at(21), apologised_at=at(18)),
    fact(4, finished_at=at(22)),
    fact(5, channel="counter", online_payment=False, digitised=1, reused=0, from_store=0, results=0),
    fact(6, agency=TWO, fee=0, online_payment=False, components=0, digitised=0, reused=0, from_store=0, synced="n"),
    fact(7, agency=TWO, **OPEN, synced="x"),
    fact(8, agency=TWO, due_at=None, channel="post"),
    fact(9, agency=TWO, mirrored=True, synced="x"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def month(house: House) -> AsyncIterator[ScoreHouse]:
    """October 2026, in a database of the module's own."""
    written = ScoreHouse(house.gateway.ground.database, house.gateway.tenant, keyring=house.gateway.ground.keyring)
    await written.take(SYNTHETIC)
    await written.message(SYNTHETIC[0], after_s=10)
    await written.message(SYNTHETIC[1], after_s=100)
    await written.message(SYNTHETIC[2], after_s=None)
    await written.rate(ONE, 6, 3, 1)
    yield written


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", page)))


async def test_a_synthetic_month_scores_as_it_does_by_hand(house: House, month: ScoreHouse) -> None:
    """KPI-01: each line is worked out beside it."""
    scores, tenant = house.gateway.able.scores, month.tenant
    card = await scores.card(tenant, Period.parse("2026-10"), await scores.scope(tenant, ""))
    by_hand = {
        "published": None,  # it cannot be seen here
        "synced": "6.86",  # 8 x 6/7: 9 received, two not shown (7, 9), one (6) differs
        "sync_in_time": "1.33",  # 4 x 1/3: within 60 s, after 100 s, never
        "on_time": "10.67",  # 16 x 4/6: 1, 2, 5, 6 of six with a date; 8 has none, 7 is open, 9 is another's
        "apologised": "1.33",  # 4 x 1/3: 3 of 3 (late), 4 (late), 7 (open and overdue)
        "digitised": "6.86",  # 8 x 6/7: 5 has one of two; 6 names no paper
        "e_result": "6.86",  # 8 x 6/7: finished are 1-6 and 8; 5 has none
        "reused": "3.43",  # 4 x 6/7
        "reused_national": "1.71",  # 2 x 6/7
        "services_used": None,
        "online": "6.00",  # 8 x 6/8: 5 at the counter, 8 by post
        "paid_online": "8.57",  # 10 x 6/7: 5 was not, 6 costs nothing
        "satisfied": "8.10",  # 9 x 9/10
        "complaints": None,
    }
    found = {one.indicator.id: one.points and str(one.points) for one in card.scored}
    assert found == by_hand
    assert (str(card.points), str(card.measured)) == ("61.72", "81")
    assert str(card.at_most) == "80.72"
    assert card.band is None, "between 61.72 and 80.72 lie several bands"
    assert [str(group.points) for group in card.groups] == ["8.19", "12.00", "18.86", "14.57", "8.10"]
    page = text_of(await (await house.enter(Role.VIEWER)).get("/console/scores?period=2026-10"))
    assert "61,72 trên 81,00 điểm đo được ở đây" in page
    assert "ít nhất 61,72 , nhiều nhất 80,72" in page
    assert "chưa xếp loại được" in page


async def test_each_agency_has_its_own_card(house: House, month: ScoreHouse) -> None:
    """KPI-01: of an agency, and of whatever stands below a code."""
    viewer = await house.enter(Role.VIEWER)
    page = text_of(await viewer.get(f"/console/scores?period=2026-10&agency={ONE}"))
    assert "5 / 5" in page, "all five are synchronised"
    whole = text_of(await viewer.get("/console/scores?period=2026-10"))
    assert ONE in whole
    assert TWO in whole
    scores = house.gateway.able.scores
    province = await scores.scope(month.tenant, "000.00.00.H99")
    assert set(province.agencies or ()) >= {ONE, TWO}
    await viewer.get("/console/scores?agency=000.00.77.H99", status=404)


async def test_open_and_overdue_is_not_finished_late(house: House, month: ScoreHouse) -> None:
    """KPI-08: and what another system answers for is in neither."""
    page = text_of(await (await house.enter(Role.VIEWER)).get("/console/scores?period=2026-10"))
    assert "Đang mở và đã quá hạn 1 hồ sơ" in page
    assert "Đã xong nhưng trễ hạn 2 hồ sơ" in page
    assert "không tính vào điểm của tỉnh) 1 hồ sơ" in page


async def test_a_number_opens_to_as_many_dossiers_as_it_says(house: House, month: ScoreHouse) -> None:
    """KPI-09: numerator, denominator, exclusions, cut-off, rule version."""
    viewer = await house.enter(Role.VIEWER)
    page = await viewer.get("/console/scores/figures/on_time?period=2026-10")
    assert listed(page) == {SYNTHETIC[place].code for place in range(6)}
    said = text_of(page)
    for told in ("Tử số", "Mẫu số", "Loại ra", "Tính tới", "KPI/1", "766-1", "là diễn giải của phần mềm", "66,67 %"):
        assert told in said, told
    by_mark = {
        mark: listed(await viewer.get(f"/console/scores/figures/on_time?period=2026-10&mark={mark}")) for mark in "ynx"
    }
    assert by_mark == {
        "y": {SYNTHETIC[place].code for place in (0, 1, 4, 5)},
        "n": {SYNTHETIC[place].code for place in (2, 3)},
        "x": {SYNTHETIC[7].code},
    }
    messages = await viewer.get("/console/scores/figures/sync_in_time?period=2026-10&mark=n")
    assert listed(messages) == {SYNTHETIC[1].code, SYNTHETIC[2].code}
    assert "6" in text_of(await viewer.get("/console/scores/figures/satisfied?period=2026-10"))
    for figure in ("total_time", "contacts", "handled", "mirrored"):
        await viewer.get(f"/console/scores/figures/{figure}?period=2026-10")


async def test_what_is_no_figure_and_no_place_is_refused(house: House, month: ScoreHouse) -> None:
    viewer = await house.enter(Role.VIEWER)
    await viewer.get("/console/scores/figures/secret", status=404)
    await viewer.get("/console/scores/figures/on_time?after=nowhere", status=422)
    await viewer.get("/console/scores?period=2026-13", status=422)
    await viewer.get("/console/scores/warnings?after=x|y", status=422)


async def test_the_lost_dossier_of_a_fixture_is_the_one_that_is_shown(house: House, month: ScoreHouse) -> None:
    """KPI-02: known loss; the very dossier is named."""
    viewer = await house.enter(Role.VIEWER)
    page = await viewer.get("/console/scores/figures/synced?period=2026-10&mark=n")
    assert listed(page) == {SYNTHETIC[5].code}
    assert "Thiếu, khác, đang giữ" in text_of(page)


async def test_what_will_cost_points_says_why_who_and_until_when(house: House, month: ScoreHouse) -> None:
    """KPI-13, DOS-11: overdue, apology missing from the day before on, due soon, supplement pending."""
    now = utc_now()
    late = _open(21, due_at=now - timedelta(days=2))
    soon = _open(22, due_at=now + timedelta(days=3))
    waits = _open(23, due_at=now + timedelta(days=90), status=DossierStatus.SUPPLEMENT_REQUESTED)
    far = _open(24, due_at=now + timedelta(days=60))
    excused = _open(25, due_at=now - timedelta(days=2), apologised_at=now - timedelta(days=4))
    await month.take([late, soon, waits, far, excused])
    viewer = await house.enter(Role.VIEWER)
    page = await viewer.get("/console/scores/warnings")
    assert {late.code, soon.code, waits.code, excused.code} <= listed(page)
    assert far.code not in listed(page)
    said = text_of(page)
    for told in ("Đã quá hạn", "Chưa có văn bản xin lỗi", "Sắp đến hạn", "Chờ công dân bổ sung", "ký văn bản xin lỗi"):
        assert told in said, told
    missing = listed(await viewer.get("/console/scores/warnings?kind=apology_missing"))
    assert late.code in missing
    assert excused.code not in missing
    assert soon.code not in missing
    assert "Trần Thị Mẫu" not in page


async def test_the_morning_raises_one_alarm_for_each_agency_and_kind(house: House, month: ScoreHouse) -> None:
    """DOS-11, KPI-13: counted, no flood; a second morning counts on the same."""
    from gateway.scores.nightly import Mornings

    agency = "000.00.44.H99"
    await month.take([_open(number, agency=agency, due_at=utc_now() - timedelta(days=3)) for number in range(31, 34)])
    alarms, tenant = house.gateway.able.alarms, month.tenant
    mornings = Mornings(house.gateway.able.scores, alarms, tenant=tenant)
    await mornings.look()
    await mornings.look()
    own = [a for a in await alarms.listed(tenant, everything=True, limit=100) if a.occasion.about == f"agency:{agency}"]
    assert {(a.occasion.kind, a.count, a.occasion.facts["dossiers"]) for a in own} == {
        ("dossiers_overdue", 2, 3),
        ("dossiers_apology_missing", 2, 3),
    }


async def test_the_other_indicators_say_what_is_known(house: House, month: ScoreHouse) -> None:
    """KPI-03 (part), KPI-06 (part), KPI-14 (part)."""
    page = text_of(await (await house.enter(Role.VIEWER)).get("/console/scores/indicators?period=2026-10"))
    assert "Tổng thời gian giải quyết 1,2" in page, (
        "6 dossiers: 2 2 0 0 ... by day: 1, 5, 6 early; 2 on the day; 3, 4 late"
    )
    assert "chưa đủ thông tin" in page
    for told in ("NĐ 224/2026 Điều 19.2.đ", "QĐ 1565/QĐ-TTg", "95 %", "chưa đo được"):
        assert told in page, told


async def test_files_for_other_systems_hold_the_same_figures(house: House, month: ScoreHouse) -> None:
    """KPI-07 (part)."""
    viewer = await house.enter(Role.VIEWER)
    told = json.loads(await viewer.get("/console/scores/export?period=2026-10&kind=json"))
    assert (told["format"], told["points"], told["measured_points"]) == ("lienthong-scores/1", 61.72, 81.0)
    lines = list(csv.DictReader(io.StringIO((await viewer.get("/console/scores/export?period=2026-10&kind=csv"))[1:])))
    (on_time,) = [line for line in lines if line["indicator"] == "on_time" and line["group"] == "progress"]
    assert (on_time["numerator"], on_time["denominator"], on_time["excluded"]) == ("4", "6", "1")


async def test_whoever_may_not_operate_cannot_close_a_period(house: House, month: ScoreHouse) -> None:
    viewer = await house.enter(Role.VIEWER)
    assert "Đóng kỳ 2026-10" not in text_of(await viewer.get("/console/scores?period=2026-10"))
    await viewer.post("/console/scores/close", {"period": "2026-10"}, status=403)


async def test_a_closed_period_keeps_its_numbers(house: House, month: ScoreHouse) -> None:
    """KPI-05: closing is an act with a leaf; later changes move the dossiers, not the figures."""
    early = fact(51, received_at=at(3, month=8), finished_at=at(4, month=8), due_at=at(9, month=8))
    await month.take([early])
    operator = await house.enter(Role.OPERATOR)
    await operator.get("/console/scores?period=2026-08")
    page = text_of(await operator.send("/console/scores/close", {"period": "2026-08"}))
    assert "Đã đóng kỳ 2026-08" in page
    rows = await house.gateway.stores.audit.find(month.tenant, limit=5)
    assert any('"operation":"close_scores"' in row.leaf.decode() for row in rows)
    await month.dossiers.save(replace(month.record(replace(early, finished_at=at(12, month=8))), version=2))
    assert "1 / 1" in text_of(await operator.get("/console/scores?period=2026-08"))
    opened = text_of(await operator.get("/console/scores/figures/on_time?period=2026-08"))
    assert "Kỳ đã đóng: số ở trên giữ nguyên" in opened
    assert "lúc này là 0 / 1" in opened
    assert (
        "caller.period_closed" in (await operator.post("/console/scores/close", {"period": "2026-08"}, status=409)).text
    )
    running = f"{local_day(utc_now()):%Y-%m}"
    assert "caller.period_runs" in (await operator.post("/console/scores/close", {"period": running}, status=422)).text


async def test_facts_of_dossiers_from_before_are_read_in_batches(house: House, month: ScoreHouse) -> None:
    """KPI-01 (part): what was stored before is counted once it is read; until then the page says so."""
    old = [
        fact(number, received_at=at(3, month=6), finished_at=at(4, month=6), due_at=None) for number in range(61, 66)
    ]
    await month.take(old)
    await month.database.run(
        "UPDATE dossier SET facts = 0, agency = '', finished_at = NULL "
        "WHERE tenant = %(tenant)s AND code = ANY(%(codes)s)",
        {"tenant": month.tenant, "codes": [one.code for one in old]},
    )
    viewer = await house.enter(Role.VIEWER)
    assert "còn ít nhất 5 hồ sơ chưa được tính" in text_of(await viewer.get("/console/scores?period=2026-06"))
    read = house.gateway.stores.dossiers.read_facts
    assert [await read(month.tenant, limit=2) for _ in range(4)] == [2, 2, 1, 0]
    page = text_of(await viewer.get("/console/scores/figures/on_time?period=2026-06&mark=x"))
    assert "Loại ra (5)" in page


def _open(number: int, **changes: object) -> Fact:
    received = utc_now() - timedelta(days=20)
    return fact(number, **{**OPEN, "received_at": received, **changes})


def listed(page: str) -> set[str]:
    return set(re.findall(r'href="/console/transactions/about/([0-9A-Z.-]+)"', page))


async def test_ten_thousand_dossiers_of_a_month_are_counted_by_the_database(house: House, month: ScoreHouse) -> None:
    """KPI-01 (part): the page holds a hundred rows, however many there are."""
    await month.database.run(
        "INSERT INTO dossier (tenant, code, version, status, document, received_on, received_at, due_at, finished_at, "
        "facts, agency, channel, pack, created_at, updated_at) "
        "SELECT %(tenant)s, '000.00.88.H99-260701-' || lpad(n::text, 5, '0'), 1, 10, '', '2026-07-01', '2026-07-01', "
        "'2026-07-20', '2026-07-10', 1, '000.00.88.H99', CASE n %% 4 WHEN 0 THEN 'counter' ELSE 'online' END, '2026', "
        "'2026-07-01', '2026-07-01' FROM generate_series(1, 10000) n",
        {"tenant": month.tenant},
    )
    viewer = await house.enter(Role.VIEWER)
    page = text_of(await viewer.get("/console/scores?period=2026-07"))
    opened = await viewer.get("/console/scores/figures/online?period=2026-07&mark=n")
    assert "75,0 % (7.500 / 10.000)" in page
    assert len(listed(opened)) == 100
    second = await viewer.get(unescape(re.findall(r'class="onward"><a href="([^"]+)"', opened)[0]))
    assert len(listed(second)) == 100
    assert not listed(second) & listed(opened)
