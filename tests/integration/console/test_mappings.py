"""Mappings in the browser: read, tried, compared."""

from __future__ import annotations

import re
from dataclasses import replace

from console_house import House

from gateway.mapping.source import Source
from gateway.operators.model import Role

SYNC = "/console/mappings/national_portal/sync_dossier"


async def test_every_mapping_is_listed_and_opens(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/mappings")
    paths = re.findall(r'<th scope="row"><a href="(/console/mappings/[^"]+)"', page)
    assert len(paths) == sum(len(shelf.mappings) for shelf in house.gateway.desk.book.shelves.values())
    assert SYNC in paths
    for path in paths:
        assert "Ta gửi đi" in await browser.get(path)


async def test_a_rule_reads_as_a_sentence_with_its_code_list(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    page = await browser.get(SYNC)
    assert "đổi mã theo danh mục" in page
    assert f'href="{SYNC}/codes/channel"' in page
    assert "channel" in await browser.get(f"{SYNC}/codes/channel")
    await browser.get(f"{SYNC}/codes/nowhere", status=404)
    await browser.get("/console/mappings/national_portal/nowhere", status=404)


async def test_a_sample_is_translated_both_ways_and_is_kept_nowhere(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    await browser.get("/console/mappings/population/lookup_citizen")
    sample = '{"personal_id": "099199999999", "full_name": "Nguyễn Văn Không Có"}'
    fields = {"direction": "request", "sample": sample}
    response = await browser.post("/console/mappings/population/lookup_citizen", fields, status=200)
    assert "không đổi được" in response.text
    assert "/birth_date" in response.text
    response = await browser.post(
        "/console/mappings/population/lookup_citizen", {"direction": "reply", "sample": "[]"}, status=200
    )
    assert "không phải một đối tượng JSON" in response.text
    rows = await house.gateway.stores.audit.find(house.gateway.tenant, limit=2)
    assert all(b'"operation":"console_dry_run_mapping"' in row.leaf for row in rows)
    assert all(b"099199999999" not in row.leaf and b'"bodies":{}' in row.leaf for row in rows)


async def test_the_example_of_the_folder_translates_as_it_stands(house: House) -> None:
    browser = await house.enter(Role.VIEWER)
    page = await browser.get("/console/mappings/national_portal/list_procedures")
    assert '<textarea id="f-request" name="sample"' in page
    fields = {"direction": "request", "sample": "{}"}
    response = await browser.post("/console/mappings/national_portal/list_procedures", fields, status=200)
    assert "đổi được" in response.text


async def test_a_mapping_that_was_changed_silently_is_told_and_compared(house: House) -> None:
    gateway = house.gateway
    await gateway.note_mappings()
    now = gateway.desk.book.source("national_portal", "report_progress")
    before = replace(now, text=now.text.replace("required: true", "required: false", 1))
    assert isinstance(before, Source)
    await gateway.stores.mapping_versions.add(gateway.tenant, before, at=gateway.services.clock())
    browser = await house.enter(Role.VIEWER)
    page = "/console/mappings/national_portal/report_progress"
    assert "số phiên bản không đổi" in await browser.get(page)
    compared = await browser.get(f"{page}/versions")
    assert "Khác biệt" in compared
    assert "bắt buộc" in compared
    assert "đổi nội dung mà không đổi số" in compared
    await browser.get(f"{page}/versions?before=9-nothing", status=404)
