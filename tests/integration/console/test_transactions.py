"""Find a transaction, read its course, see what was exchanged: covered, and opened with a reason."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from console_house import House

from gateway.audit.model import Entry, EntryKind
from gateway.bootstrap import utc_now
from gateway.delivery.model import Draft, StreamKey, Trouble
from gateway.observability import own_context
from gateway.operators.model import Role

NUMBER = "099203001234"
NAME = "Nguyễn Thị Mẫu"
REASON = "Trả lời công văn số 12 của Sở"


def entry(house: House, trace: str, **fields: Any) -> Entry:
    told: dict[str, Any] = {
        "kind": EntryKind.EXCHANGE,
        "tenant": house.gateway.tenant,
        "actor": "motcua",
        "operation": "verify_citizen",
        "outcome": "answered",
        "occurred_at": utc_now(),
        "trace_id": trace,
        "system": "population",
    }
    return Entry(**{**told, **fields})


async def record(house: House, *entries: Entry) -> list[int]:
    done = [await house.gateway.ground.recorder.record(one) for one in entries]
    return [recorded.index for recorded in done if recorded.index is not None]


async def leaves(house: House, operation: str) -> list[Mapping[str, Any]]:
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=30)
    told = [json.loads(row.leaf) for row in rows]
    return [leaf for leaf in told if leaf["operation"] == operation]


@pytest.fixture
def trace() -> str:
    return uuid4().hex


@pytest.fixture
def code() -> str:
    return f"H99-261129-{uuid4().int % 10**6:06d}"


async def test_what_was_just_done_is_found_by_its_dossier(house: House, trace: str, code: str) -> None:
    browser = await house.enter(Role.VIEWER)
    await record(house, entry(house, trace, reference=code, outcome="partner.no_answer"))
    page = await browser.get(f"/console/transactions?code={code}")
    assert f'href="/console/transactions/{trace}"' in page
    assert "kỹ thuật quốc gia" in page


@pytest.mark.parametrize("by", ["trace", "call"])
async def test_a_trace_and_a_call_are_found(house: House, trace: str, by: str) -> None:
    browser = await house.enter(Role.VIEWER)
    call = uuid4().hex[:16].upper()
    await record(house, entry(house, trace, facts={"call_id": call}))
    page = await browser.get(f"/console/transactions?code={trace if by == 'trace' else call}")
    assert trace in page


async def test_words_and_faults_narrow_the_search_and_pages_follow(house: House, trace: str, code: str) -> None:
    browser, actor = await house.enter(Role.VIEWER), f"client-{trace[:8]}"
    refused = [entry(house, trace, outcome="refused", actor=actor) for _ in range(52)]
    await record(house, *refused, entry(house, trace, actor=actor))
    page = await browser.get(f"/console/transactions?fault=partner_business&actor={actor}&system=population")
    assert page.count("/console/transactions/leaf/") == 50
    onward = page.split('class="onward"><a href="')[1].split('"')[0].replace("&amp;", "&")
    page = await browser.get(onward)
    assert page.count("/console/transactions/leaf/") == 2
    assert 'class="onward"' not in page


async def test_a_number_that_the_bank_gave_leads_to_the_payment(house: House, trace: str) -> None:
    browser = await house.enter(Role.VIEWER)
    number, payment = f"TX{trace[:8].upper()}", trace[:12].upper()
    await pay(house, payment, number=number)
    await record(house, entry(house, trace, operation="initiate_payment", system="payment", reference=payment))
    page = await browser.get(f"/console/transactions?code={number}")
    assert f"/console/transactions/about/{payment}" in page
    assert trace in page


async def pay(house: House, payment: str, *, number: str) -> None:
    values = {"tenant": house.gateway.tenant, "id": payment, "number": number}
    run = house.gateway.ground.database.run
    await run(
        "INSERT INTO bill (tenant, bill_id, dossier_code, amount, currency, state, matter, beneficiary, document,"
        " created_at, updated_at) VALUES (%(tenant)s, %(id)s, '', 1000, 'VND', 'unpaid', '', '', '', now(), now())",
        values,
    )
    await run(
        "INSERT INTO payment (tenant, payment_id, dossier_code, amount, currency, state, system, transaction_id,"
        " document, created_at, updated_at, bill_id, reference)"
        " VALUES (%(tenant)s, %(id)s, '', 1000, 'VND', 'paid', 'payment', %(number)s, '', now(), now(),"
        " %(id)s, %(id)s)",
        values,
    )


async def test_a_personal_number_is_not_searched_by_address(house: House) -> None:
    """PDP-15 (part)."""
    browser = await house.enter(Role.AUDITOR)
    assert "caller.personal_number" in await browser.get("/console/transactions?code=123456789", status=422)


@pytest.mark.parametrize("typed", [NAME, "mau@example.vn", "khongcogi"])
async def test_what_was_typed_and_leads_nowhere_is_in_no_leaf(house: House, typed: str) -> None:
    """PDP-03 (part): a leaf is for ever."""
    browser = await house.enter(Role.VIEWER)
    for path in (f"/console/transactions?code={typed}", f"/console/transactions/about/{typed}"):
        await browser.client.get(path)
    for path in (f"/console/delivery/streams/x/{typed}", f"/console/dossiers/{typed}"):
        await browser.get(path, status=404)
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=4)
    assert {json.loads(row.leaf)["reference"] for row in rows} == {""}


async def test_who_asked_is_not_shown_to_whoever_only_looks(house: House, trace: str) -> None:
    """PDP-03 (part): an officer is a person, too."""
    facts = {
        "dossier_code": "H99-261129-0001",
        "procedure_code": "1.000001",
        "officer_id": "canbo.mau",
        "agency_id": "H99",
    }
    (index,) = await record(house, entry(house, trace, purpose=facts))
    for role, is_shown in ((Role.VIEWER, False), (Role.OPERATOR, True), (Role.AUDITOR, True)):
        page = await (await house.enter(role)).get(f"/console/transactions/leaf/{index}")
        assert ("canbo.mau" in page) is is_shown, role
        assert "1.000001" in page


async def test_nonsense_in_the_address_is_refused_in_words(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console/transactions?since=gestern", status=422)
    await browser.get("/console/transactions?fault=nobody", status=422)
    await browser.get("/console/transactions?before=~x", status=400)


async def test_a_person_is_found_with_a_purpose_and_that_is_evidence(house: House, trace: str) -> None:
    """PDP-03, SEC-04."""
    browser = await house.enter(Role.AUDITOR)
    person = f"0990{uuid4().int % 10**8:08d}"
    await record(house, entry(house, trace, subjects=(person,)))
    await browser.get("/console/transactions/person")
    sent = {"number": person, "purpose": REASON, "before": ""}
    response = await browser.post("/console/transactions/person", sent, status=200)
    assert trace in response.text
    assert person not in response.text
    (leaf,) = (await leaves(house, "search_person"))[:1]
    assert person not in json.dumps(leaf)
    assert REASON not in json.dumps(leaf, ensure_ascii=False)
    assert set(leaf["bodies"]) == {"purpose"}
    assert "search_person" in await looks(house, person)


async def looks(house: House, person: str) -> set[str]:
    """The operations of which the person is told."""
    context = own_context(house.gateway.tenant)
    report = await house.gateway.services.late().privacy.reports.make(person, reference="CV-12", context=context)
    return {leaf.operation for look in report.looks for leaf in look.leaves}


async def test_without_a_purpose_nobody_is_searched(house: House) -> None:
    browser = await house.enter(Role.AUDITOR)
    await browser.get("/console/transactions/person")
    sent = {"number": NUMBER, "purpose": "xem", "before": ""}
    response = await browser.post("/console/transactions/person", sent, status=422)
    assert "caller.reason_missing" in response.text


async def test_who_may_not_search_persons_is_refused_and_not_led_there(house: House) -> None:
    """SEC-17 (part)."""
    browser = await house.enter(Role.OPERATOR)
    assert "/console/transactions/person" not in await browser.get("/console/transactions")
    await browser.get("/console/transactions/person", status=403)
    sent = {"number": NUMBER, "purpose": REASON, "before": ""}
    await browser.post("/console/transactions/person", sent, status=403)


async def test_the_course_says_whose_fault_it_was_and_what_comes_next(house: House, trace: str, code: str) -> None:
    browser = await house.enter(Role.VIEWER)
    await record(
        house,
        entry(house, trace, kind=EntryKind.REQUEST, operation="put_dossier", reference=code, system=""),
        entry(
            house,
            trace,
            operation="sync_dossier",
            reference=code,
            actor="worker",
            outcome="partner.not_connected",
            facts={"duration_ms": 1234},
        ),
    )
    now = utc_now()
    stream = StreamKey(tenant=house.gateway.tenant, target="national_portal", key=code)
    due = now + timedelta(hours=2)
    draft = Draft(
        stream=stream,
        operation="sync_dossier",
        call_id="C1",
        at=now,
        mapping_version=1,
        body={},
        trace_id=trace,
        due=due,
    )
    await house.gateway.stores.outbox.enqueue([draft], now=now)
    page = await browser.get(f"/console/transactions/{trace}")
    assert "Lỗi kỹ thuật của hệ thống quốc gia: không kết nối được." in page
    assert "1.234 ms" in page
    assert "sẽ tự làm" in page
    assert due.isoformat() in page
    assert page.index("Nộp hồ sơ vào cổng") < page.index("Đồng bộ hồ sơ")
    trouble = Trouble(code="operator.stopped", detail="Stopped.", detail_vi="Dừng.")
    assert await house.gateway.stores.outbox.stop(stream, trouble)
    page = await browser.get(f"/console/transactions/{trace}")
    assert "đang giữ" in page
    assert f"/console/delivery/streams/national_portal/{code}" in page


async def test_everything_about_a_reference_is_one_course_over_all_traces(house: House, trace: str, code: str) -> None:
    browser, other = await house.enter(Role.VIEWER), uuid4().hex
    await record(
        house,
        entry(house, trace, reference=code),
        entry(house, other, kind=EntryKind.INBOUND, operation="payment_result", outcome="recorded", reference=code),
    )
    page = await browser.get(f"/console/transactions/about/{code}")
    assert trace in page
    assert other in page
    assert "chưa có giao dịch nào" in await browser.get(f"/console/transactions/about/NOTHING-{trace[:6]}")
    await browser.get(f"/console/transactions/{'0' * 32}", status=404)


async def with_bodies(house: House, trace: str, code: str) -> int:
    told = {"personal_id": NUMBER, "full_name": NAME, "status_code": "1"}
    theirs = {"SoDinhDanh": NUMBER, "HoVaTen": NAME}
    (index,) = await record(
        house,
        entry(
            house,
            trace,
            reference=code,
            subjects=(NUMBER,),
            facts={"mapping_version": 999, "http_status": 200, "call_id": "C9"},
            bodies={
                "request_translated": json.dumps(theirs).encode(),
                "request_sent": json.dumps(theirs, ensure_ascii=False).encode(),
                "reply_received": f"<a><HoVaTen>{NAME}</HoVaTen></a>".encode(),
                "reply_translated": json.dumps(told, ensure_ascii=False).encode(),
            },
        ),
    )
    return index


async def test_contents_are_covered_and_the_mapping_is_explained(house: House, trace: str, code: str) -> None:
    browser = await house.enter(Role.OPERATOR)
    index = await with_bodies(house, trace, code)
    page = await browser.get(f"/console/transactions/leaf/{index}")
    assert NUMBER not in page
    assert NAME not in page
    assert "•••" in page
    assert "&#34;status_code&#34;: &#34;1&#34;" in page
    assert "Ánh xạ đã đổi" in page
    assert "full_name" in page
    assert "Mở nội dung đầy đủ" not in page
    await browser.post(f"/console/transactions/leaf/{index}/unseal", {"reason": REASON}, status=403)


async def test_contents_are_opened_with_a_reason_and_that_is_evidence_about_the_person(
    house: House, trace: str, code: str
) -> None:
    """PDP-03, SEC-04."""
    browser = await house.enter(Role.AUDITOR)
    index = await with_bodies(house, trace, code)
    await browser.get(f"/console/transactions/leaf/{index}")
    short = await browser.post(f"/console/transactions/leaf/{index}/unseal", {"reason": "xem"}, status=422)
    assert NAME not in short.text
    response = await browser.post(f"/console/transactions/leaf/{index}/unseal", {"reason": REASON}, status=200)
    assert NAME in response.text
    (leaf,) = (await leaves(house, "unseal_bodies"))[:1]
    assert leaf["facts"]["leaf"] == index
    assert set(leaf["bodies"]) == {"reason"}
    assert REASON not in json.dumps(leaf, ensure_ascii=False)
    assert "unseal_bodies" in await looks(house, NUMBER)


async def test_contents_that_were_erased_are_said_to_be_erased(house: House, trace: str, code: str) -> None:
    browser = await house.enter(Role.AUDITOR)
    index = await with_bodies(house, trace, code)
    assert await house.gateway.stores.audit.erase_bodies(house.gateway.tenant, index) == 4
    page = await browser.get(f"/console/transactions/leaf/{index}")
    assert page.count("đã xoá") == 4
    assert f"/console/transactions/leaf/{index}/unseal" not in page


async def test_pages_read_in_english_too(house: House, trace: str, code: str) -> None:
    browser = await house.enter(Role.AUDITOR)
    index = await with_bodies(house, trace, code)
    await browser.get("/console")
    await browser.send("/console/language", {"language": "en", "next": "/console"})
    for path in ("", "/person", f"/{trace}", f"/leaf/{index}", f"/about/{code}"):
        page = await browser.get(f"/console/transactions{path}")
        assert '<html lang="en">' in page
        assert page.count("<h1>") == 1
