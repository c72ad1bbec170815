"""Delivery in the console: what is held is found and released, lanes are stopped and paced, many need a second person,
long work shows how far it is. Tests share a database: each has a target's streams of its own by their keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import quote

import pytest
from console_house import Browser, House, console

from gateway.bootstrap import utc_now
from gateway.delivery.jobs.model import JobState
from gateway.delivery.jobs.works import releases
from gateway.delivery.model import Draft, StreamKey, Trouble
from gateway.observability import own_context
from gateway.operators.model import Role

PORTAL, PAYMENT = "national_portal", "payment"
REFUSED = Trouble(code="partner.refused", detail="It was refused.", detail_vi="Bên nhận từ chối: thiếu trường.")


def key_of(house: House, target: str, key: str) -> StreamKey:
    return StreamKey(tenant=house.gateway.tenant, target=target, key=key)


async def put(house: House, target: str, *keys: str) -> None:
    """One message each."""
    operation = "sync_dossier" if target == PORTAL else "initiate_payment"
    drafts = [
        Draft(
            stream=key_of(house, target, key),
            operation=operation,
            call_id=f"CALL{key}"[:40],
            at=utc_now(),
            mapping_version=1,
            body={"note": "Trần Thị Mẫu"},
        )
        for key in keys
    ]
    await house.gateway.stores.outbox.enqueue(drafts, now=utc_now())


async def hold(house: House, target: str, *keys: str, trouble: Trouble = REFUSED) -> None:
    await put(house, target, *keys)
    for key in keys:
        assert await house.gateway.stores.outbox.stop(key_of(house, target, key), trouble)


async def deliver(house: House, target: str, *keys: str) -> None:
    """By the word of a person that it arrived."""
    await hold(house, target, *keys)
    operator = await house.enter(Role.OPERATOR)
    for key in keys:
        await release(operator, target, key, verdict="arrived")


async def release(browser: Browser, target: str, key: str, **said: str) -> str:
    await browser.get(path_of(target, key))
    return await browser.send(
        "/console/delivery/release", {"target": target, "key": key, "seq": "1", "verdict": "unknown", **said}
    )


def path_of(target: str, key: str) -> str:
    return f"/console/delivery/streams/{target}/{quote(key, safe='')}"


async def held_keys(house: House, target: str) -> set[str]:
    found = await house.gateway.stores.outbox.held(house.gateway.tenant, target, limit=1000)
    return {view.stream.key for view in found}


async def leaves(house: House, count: int = 30) -> str:
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=count)
    return "\n".join(row.leaf.decode() for row in rows)


def selection_of(page: str) -> str:
    found = re.search(r'name="selection" value="([0-9a-f]{64})"', page)
    assert found
    return found[1]


async def many(browser: Browser, code: str, **said: str) -> dict[str, str]:
    """Look at what is held for a code; the fields of the form that follows."""
    page = await browser.get(f"/console/delivery/held/release?target={PAYMENT}&code={code}")
    fields = {"target": PAYMENT, "code": code, "verdict": "unknown", "limit": "100"}
    return {**fields, "selection": selection_of(page), **said}


async def ended(house: House, job_id: str) -> None:
    await house.gateway.able.delivering.jobs.finished()
    job = await house.gateway.able.delivering.jobs.find(house.gateway.tenant, job_id)
    assert job.state is JobState.ENDED, job


def job_in(location: str) -> str:
    return location.rpartition("/")[2]


async def test_a_held_stream_is_found_understood_and_released(house: House) -> None:
    """SYN-08 (part), SEC-04 (part)."""
    key = "000.00.05.H99-261129-0001"
    await hold(house, PORTAL, key)
    browser = await house.enter(Role.OPERATOR)
    lanes = await browser.get("/console/delivery")
    assert f"/console/delivery/held?target={PORTAL}" in lanes
    held = await browser.get(f"/console/delivery/held?target={PORTAL}&code=partner.refused")
    assert "Bên nhận từ chối nội dung" in held
    assert path_of(PORTAL, key) in held
    stream = await browser.get(path_of(PORTAL, key))
    assert "Bên nhận từ chối: thiếu trường." in stream
    assert "Thay bằng bản mới nhất của hồ sơ" in stream
    assert "Trần Thị Mẫu" not in stream
    assert f"/console/transactions/about/{key}" in stream
    told = await release(browser, PORTAL, key, verdict="missing")
    assert "Đã cho gửi tiếp" in told
    assert key not in await held_keys(house, PORTAL)
    assert '"operation":"release_stream"' in await leaves(house, 5)


async def test_what_is_said_of_another_message_than_the_one_held_changes_nothing(house: House) -> None:
    await hold(house, PORTAL, "X-SEQ")
    browser = await house.enter(Role.OPERATOR)
    await browser.get(path_of(PORTAL, "X-SEQ"))
    said = {"target": PORTAL, "key": "X-SEQ", "seq": "2", "verdict": "arrived"}
    response = await browser.post("/console/delivery/release", said, status=409)
    assert "caller.stream_state" in response.text
    assert "X-SEQ" in await held_keys(house, PORTAL)


async def test_what_was_learned_is_kept_and_a_line_that_is_no_pair_is_refused(house: House) -> None:
    await hold(house, PAYMENT, "X-LEARNED")
    browser = await house.enter(Role.OPERATOR)
    await browser.get(path_of(PAYMENT, "X-LEARNED"))
    said = {"target": PAYMENT, "key": "X-LEARNED", "seq": "1", "verdict": "arrived", "count": "", "learned": "dossier"}
    assert "caller.learned" in (await browser.post("/console/delivery/release", said, status=422)).text
    page = await release(browser, PAYMENT, "X-LEARNED", verdict="arrived", learned="dossier = A7\n")
    assert "<code>dossier</code></dt><dd>A7</dd>" in page


async def test_a_stream_that_goes_on_is_held(house: House) -> None:
    await put(house, PAYMENT, "X-HOLD")
    browser = await house.enter(Role.OPERATOR)
    assert "Giữ lại, không gửi nữa" in await browser.get(path_of(PAYMENT, "X-HOLD"))
    await browser.send("/console/delivery/hold", {"target": PAYMENT, "key": "X-HOLD"})
    assert "X-HOLD" in await held_keys(house, PAYMENT)
    await browser.post("/console/delivery/hold", {"target": PAYMENT, "key": "X-HOLD"}, status=409)
    await browser.get(path_of(PAYMENT, "never"), status=404)


async def test_of_a_paused_system_no_next_try_is_promised(house: House) -> None:
    await put(house, PAYMENT, "X-PAUSED")
    outbox, tenant = house.gateway.stores.outbox, house.gateway.tenant
    browser = await house.enter(Role.VIEWER)
    await outbox.pause(tenant, PAYMENT, now=utc_now())
    try:
        page = await browser.get(path_of(PAYMENT, "X-PAUSED"))
    finally:
        await outbox.resume(tenant, PAYMENT, rate=None, now=utc_now())
    assert "việc gửi tới hệ thống này đang tạm dừng" in page
    assert "việc gửi tới hệ thống này đang tạm dừng" not in await browser.get(path_of(PAYMENT, "X-PAUSED"))


async def test_a_viewer_sees_and_does_nothing(house: House) -> None:
    """SEC-17 (part)."""
    await hold(house, PAYMENT, "X-VIEW")
    browser = await house.enter(Role.VIEWER)
    pages = [
        await browser.get("/console/delivery"),
        await browser.get(path_of(PAYMENT, "X-VIEW")),
        await browser.get(f"/console/delivery/held/release?target={PAYMENT}&code=partner.refused"),
        await browser.get("/console/dossiers/parked"),
        await browser.get("/console/discrepancies"),
    ]
    for page in pages:
        main = page.split('<main id="main"')[1]
        assert 'method="post"' not in main, main[:2000]
    named = {"target": PAYMENT, "key": "X-VIEW"}
    acts: Sequence[tuple[str, dict[str, str]]] = (
        ("pause", named),
        ("resume", named),
        ("ask-first", {}),
        ("hold", named),
        ("release", {**named, "seq": "1", "verdict": "unknown"}),
        ("held/release", {"target": PAYMENT, "selection": ""}),
        ("replay", {"target": PAYMENT, "selection": ""}),
    )
    for path, fields in acts:
        response = await browser.post(f"/console/delivery/{path}", fields, status=403)
        assert "caller.right" in response.text
    await browser.post("/console/dossiers/parked", {"code": "A", "event_id": "B", "reason": "C"}, status=403)
    await browser.post("/console/discrepancies", {"target": PAYMENT}, status=403)
    for act in ("start", "stop", "ask"):
        await browser.post(f"/console/jobs/{'0' * 20}/{act}", {"reason": "vì sao"}, status=403)
    assert "X-VIEW" in await held_keys(house, PAYMENT)


async def test_a_target_is_paused_and_drained_at_a_rate(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    await browser.get("/console/delivery")
    assert "đã tạm ngừng" in await browser.send("/console/delivery/pause", {"target": PORTAL})
    assert PORTAL in await house.gateway.stores.outbox.paused(house.gateway.tenant)
    page = await browser.send("/console/delivery/resume", {"target": PORTAL, "rate": "2.5"})
    assert "tối đa 2.5 bản tin/giây" in page
    assert "Giới hạn tốc độ" in page
    [brake] = await house.gateway.able.delivering.board.brakes(house.gateway.tenant)
    assert (brake.target, brake.paused, brake.rate) == (PORTAL, False, 2.5)
    assert "Giới hạn tốc độ" not in await browser.send("/console/delivery/resume", {"target": PORTAL, "rate": ""})
    await browser.post("/console/delivery/pause", {"target": "weather"}, status=404)
    await browser.post("/console/delivery/resume", {"target": PORTAL, "rate": "-1"}, status=422)
    told = await leaves(house)
    assert '"operation":"pause_target"' in told
    assert '"rate":"2.5"' in told


async def test_many_are_released_as_a_job_that_shows_how_far_it_is(house: House) -> None:
    keys = [f"MANY-{number}" for number in range(5)]
    await hold(house, PAYMENT, *keys, trouble=Trouble(code="partner.many", detail="d", detail_vi="v"))
    browser = await house.enter(Role.OPERATOR)
    fields = await many(browser, "partner.many")
    response = await browser.post("/console/delivery/held/release", fields)
    job_id = job_in(response.headers["location"])
    await ended(house, job_id)
    assert not {*keys} & await held_keys(house, PAYMENT)
    page = await browser.get(f"/console/jobs/{job_id}")
    assert "Đã xong: 5 / 5" in page
    assert 'value="5"' in page
    assert page.count("đã làm</span>") == 5
    piece = await browser.get(f"/console/jobs/{job_id}/progress")
    assert "<html" not in piece
    assert "hx-trigger" not in piece
    assert job_id in await browser.get("/console/jobs")
    told = await leaves(house)
    assert told.count('"operation":"release_stream"') >= 5
    assert '"operation":"start_job"' in told
    assert '"operation":"console_job_progress"' not in told


async def test_what_changed_since_it_was_looked_at_is_not_released(house: House) -> None:
    trouble = Trouble(code="partner.changing", detail="d", detail_vi="v")
    await hold(house, PAYMENT, "CHANGE-1", trouble=trouble)
    browser = await house.enter(Role.OPERATOR)
    fields = await many(browser, "partner.changing")
    await hold(house, PAYMENT, "CHANGE-2", trouble=trouble)
    response = await browser.post("/console/delivery/held/release", fields, status=409)
    assert "caller.selection_changed" in response.text
    assert {"CHANGE-1", "CHANGE-2"} <= await held_keys(house, PAYMENT)


async def test_a_delivered_message_is_sent_again_after_a_look(house: House) -> None:
    await deliver(house, PAYMENT, "AGAIN-1")
    browser = await house.enter(Role.OPERATOR)
    assert "Sẽ gửi lại" not in await browser.get("/console/delivery/replay")
    page = await browser.get(f"/console/delivery/replay?target={PAYMENT}&key=AGAIN-1")
    since = re.search(r'type="hidden" name="since" value="([^"]+)"', page)
    until = re.search(r'type="hidden" name="until" value="([^"]+)"', page)
    assert since
    assert until
    span = {"since": since[1].replace("&#43;", "+"), "until": until[1].replace("&#43;", "+")}
    fields = {"target": PAYMENT, "key": "AGAIN-1", "limit": "100", "selection": selection_of(page), **span}
    response = await browser.post("/console/delivery/replay", fields)
    await ended(house, job_in(response.headers["location"]))
    stream = await browser.get(path_of(PAYMENT, "AGAIN-1"))
    assert "gửi lại, hỏi trước" in stream
    assert '"operation":"replay_message"' in await leaves(house)


async def test_a_personal_number_is_no_key_to_look_for(house: House) -> None:
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get(f"/console/delivery/replay?target={PAYMENT}&key=123456789012", status=422)
    assert "caller.key" in page


async def test_a_comparison_is_begun_and_its_round_is_shown(house: House) -> None:
    """SYN-12 (part)."""
    browser = await house.enter(Role.OPERATOR)
    before = await browser.get(f"/console/discrepancies?target={PAYMENT}")
    assert "Chưa đối soát lần nào, nên chưa biết" in before
    assert "Không có sai lệch nào đang mở" not in before
    response = await browser.post("/console/discrepancies", {"target": PAYMENT})
    await ended(house, job_in(response.headers["location"]))
    page = await browser.get(f"/console/discrepancies?target={PAYMENT}")
    assert "Lần gần nhất" in page
    assert "cần cán bộ xem" in page
    await browser.get("/console/discrepancies?target=weather", status=404)


async def test_ten_thousand_held_streams_are_pages_of_fifty(house: House) -> None:
    async with house.gateway.ground.database.transaction() as connection:
        await connection.execute(
            "INSERT INTO stream (tenant, target, key, tail, held, trouble_code, trouble_vi, created_at) "
            "SELECT %s, 'population', 'T' || lpad(n::text, 6, '0'), 1, true, 'partner.refused', 'bận', now() "
            "FROM generate_series(1, 10000) n",
            (house.gateway.tenant,),
        )
    browser = await house.enter(Role.VIEWER)
    first = await browser.get("/console/delivery/held?target=population")
    assert "10.000" in first
    assert first.count("/console/delivery/streams/population/") == 50
    onward = re.search(r'class="onward"><a href="([^"]+)"', first)
    assert onward
    second = await browser.get(onward[1].replace("&amp;", "&"))
    assert "T000051" in second
    assert ">T000050<" not in second
    assert len(second) < 60_000
    found = await browser.get("/console/delivery/held?target=population&code=partner.refused")
    assert found.count("/console/delivery/streams/population/") == 50


async def test_more_than_one_person_may_send_needs_a_second_one(
    tmp_path_factory: pytest.TempPathFactory, database_url: str
) -> None:
    """PDP-13 (part), SEC-09 (part)."""
    folder = tmp_path_factory.mktemp("four-eyes")
    async with console(folder, database_url, approvals={"required": True, "many": 2}, tenant="H98") as house:
        trouble = Trouble(code="partner.eyes", detail="d", detail_vi="v")
        await hold(house, PAYMENT, "E1", "E2", "E3", trouble=trouble)
        asker = await house.enter(Role.OPERATOR)
        fields = await many(asker, "partner.eyes")
        refused = await asker.post("/console/delivery/held/release", fields, status=422)
        assert "caller.reason_missing" in refused.text
        response = await asker.post("/console/delivery/held/release", {**fields, "reason": "Bên nhận đã sửa"})
        location = response.headers["location"]
        page = await asker.get(location)
        assert "Chờ người thứ hai phê duyệt" in page
        assert "Bắt đầu</button>" not in page
        early = await asker.post(f"{location}/start", status=403)
        assert "caller.needs_approval" in early.text
        assert await held_keys(house, PAYMENT) == {"E1", "E2", "E3"}
        approvals = house.gateway.able.approvals
        [waiting] = await approvals.waiting(house.gateway.tenant)
        assert waiting.parameters["job"] == job_in(location)
        second = await house.enter(Role.OPERATOR)
        assert "E2" in await second.get(location)
        asked = await second.get("/console/approvals")
        assert f'href="{location}"' in asked
        await second.send(f"/console/approvals/{waiting.id}/decision", {"decision": "allow"})
        assert "Bắt đầu</button>" in await asker.get(location)
        await second.get(location)
        await second.post(f"{location}/start", status=403)
        await asker.send(f"{location}/start")
        await ended(house, job_in(location))
        assert await held_keys(house, PAYMENT) == set()
        again = await asker.post(f"{location}/start", status=409)
        assert "caller.job_over" in again.text


async def test_a_job_whose_process_died_is_shown_as_interrupted_and_gone_on_with(house: House) -> None:
    """SYN-08 (part)."""
    keys = ["LOST-1", "LOST-2", "LOST-3"]
    await hold(house, PAYMENT, *keys, trouble=Trouble(code="partner.lost", detail="d", detail_vi="v"))
    jobs, store = house.gateway.able.delivering.jobs, house.gateway.stores.office.jobs
    found = await house.gateway.stores.outbox.held(house.gateway.tenant, PAYMENT, code="partner.lost", limit=9)
    wanted = releases(found, {"target": PAYMENT, "how": "missing"})
    browser = await house.enter(Role.OPERATOR)
    job = await jobs.draft(wanted, context=own_context(house.gateway.tenant))
    long_ago = utc_now() - timedelta(minutes=5)
    lost = await store.take(job, owner="dead", now=long_ago, stale=long_ago)
    assert lost
    await store.tell(lost, wanted.items[0], "done")
    page = await browser.get(f"/console/jobs/{job.id}")
    assert "bị dừng giữa chừng" in page
    assert "Đã xong: 1 / 3" in page
    await browser.send(f"/console/jobs/{job.id}/start")
    await ended(house, job.id)
    assert {*keys} & await held_keys(house, PAYMENT) == {"LOST-1"}, "what was done is not done again"
    await browser.post(f"/console/jobs/{job.id}/stop", status=409)


async def test_while_a_job_runs_its_page_asks_for_itself_and_can_stop_it(house: House) -> None:
    await hold(house, PAYMENT, "RUN-1", trouble=Trouble(code="partner.run", detail="d", detail_vi="v"))
    jobs, store = house.gateway.able.delivering.jobs, house.gateway.stores.office.jobs
    found = await house.gateway.stores.outbox.held(house.gateway.tenant, PAYMENT, code="partner.run", limit=9)
    job = await jobs.draft(
        releases(found, {"target": PAYMENT, "how": "missing"}), context=own_context(house.gateway.tenant)
    )
    now = utc_now()
    assert await store.take(job, owner="another process", now=now, stale=now)
    browser = await house.enter(Role.OPERATOR)
    page = await browser.get(f"/console/jobs/{job.id}")
    assert f'hx-get="/console/jobs/{job.id}/progress" hx-trigger="every 1s"' in page
    told = await browser.send(f"/console/jobs/{job.id}/stop")
    assert "phần đã làm vẫn giữ nguyên" in told
    assert "hx-trigger" not in await browser.get(f"/console/jobs/{job.id}/progress")
    assert "RUN-1" in await held_keys(house, PAYMENT)
