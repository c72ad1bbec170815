"""Who looked me up: complete, provable, in plain words, and nothing of it names the number."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from privacy_house import MINE, OTHER, TENANT, Records
from services import CONTEXT, NOW, ListedRecorder

from gateway.audit.errors import AuditUnavailableError
from gateway.audit.model import EntryKind
from gateway.audit.tree import leaf_hash
from gateway.privacy.log import PAGE, ChainProofs, all_of
from gateway.privacy.looks import AccessReport, AccessReports
from gateway.privacy.looks_page import document, paper
from gateway.sdk.errors import UnprocessableError


async def report_of(records: Records, recorder: ListedRecorder | None = None) -> AccessReport:
    reports = AccessReports(
        records.index,
        records.proofs,
        subject=records.subject,
        recorder=recorder or ListedRecorder(),
        clock=records.clock,
    )
    return await reports.make(MINE, reference="data_request:7", context=CONTEXT)


async def test_a_report_tells_when_which_system_on_whose_behalf_why_and_what_came_of_it() -> None:
    """PDP-03, POP-12 (part)"""
    records = Records()
    async with records.audit:
        await records.both(MINE, trace="1" * 32)
        await records.both(OTHER, trace="2" * 32)
        await records.both(
            MINE, trace="3" * 32, at=NOW + timedelta(days=1), operation="verify_citizen", outcome="refused"
        )
        report = await report_of(records)
    late, early = report.looks
    assert (late.operation, late.outcome, early.operation, early.outcome) == (
        "verify_citizen", "refused", "lookup_citizen", "answered",
    )  # fmt: skip
    assert (early.client, early.officer, early.agency) == ("motcua", "canbo.mau", "000.00.05.H99")
    assert (early.dossier, early.procedure, early.basis) == ("000.00.05.H99-261123-0007", "1.009999", "NĐ mẫu Điều 1")
    assert (early.systems, [leaf.kind for leaf in early.leaves]) == (("population",), ["exchange", "request"])
    assert report.holds
    assert report.since is not None


async def test_refused_copied_and_inbound_leaves_are_told_too() -> None:
    """POP-12 (part)"""
    records = Records()
    async with records.audit:
        await records.note(MINE, trace_id="1" * 32, kind=EntryKind.REQUEST, outcome="http_403", system="")
        await records.note(MINE, trace_id="2" * 32, outcome="copied")
        await records.note(MINE, trace_id="3" * 32, kind=EntryKind.INBOUND, operation="dossier_lookup", purpose={})
        report = await report_of(records)
    assert {look.outcome for look in report.looks} == {"http_403", "copied", "answered"}
    shown = paper(report, contact="phong.mau@example.vn").html()
    assert "không có quyền" in shown
    assert "bản lưu tạm" in shown
    assert "phong.mau@example.vn" in shown


async def test_an_altered_leaf_is_told_on_paper_and_in_the_document() -> None:
    records = Records()
    async with records.audit:
        await records.both(MINE, trace="1" * 32)
    row = records.log.leaves[TENANT][0]
    records.log.leaves[TENANT][0] = replace(row, leaf=row.leaf.replace(b"canbo.mau", b"canbo.khac"))
    report = await report_of(records)
    assert not report.holds
    assert "KHÔNG CÒN NGUYÊN VẸN" in paper(report, contact="").markdown()
    assert document(report)["proofs_hold"] is False


async def test_a_leaf_whose_hash_was_recomputed_is_found_by_the_one_after_it() -> None:
    records = Records()
    async with records.audit:
        await records.both(MINE, trace="1" * 32)
    row = records.log.leaves[TENANT][0]
    forged = row.leaf.replace(b"canbo.mau", b"canbo.khac")
    records.log.leaves[TENANT][0] = replace(row, leaf=forged, leaf_hash=leaf_hash(forged))
    chain = ChainProofs(records.log)
    assert [await chain.holds(TENANT, each) for each in records.log.leaves[TENANT]] == [False, True]
    assert not (await report_of(records)).holds


async def test_making_the_report_is_a_leaf_and_neither_names_the_number() -> None:
    """PDP-03 (part), PDP-15 (part)"""
    records, recorder = Records(), ListedRecorder()
    async with records.audit:
        await records.both(MINE, trace="1" * 32)
        report = await report_of(records, recorder)
    (entry,) = recorder.entries
    assert (entry.kind, entry.operation, entry.reference, entry.actor) == (
        EntryKind.ADMIN, "who_looked", "data_request:7", CONTEXT.actor,
    )  # fmt: skip
    page = paper(report, contact="")
    for text in (repr(entry), repr(report), page.html(), page.markdown(), json.dumps(document(report))):
        assert MINE not in text
    assert entry.subjects == (MINE,)


async def test_without_a_request_of_the_person_or_without_a_leaf_there_is_no_report() -> None:
    records, recorder = Records(), ListedRecorder()
    reports = AccessReports(
        records.index, records.proofs, subject=records.subject, recorder=recorder, clock=records.clock
    )
    for reference in (" ", MINE, f"yeu-cau/{MINE}"):
        with pytest.raises(UnprocessableError):
            await reports.make(MINE, reference=reference, context=CONTEXT)
    recorder.broken = AuditUnavailableError("down")
    with pytest.raises(AuditUnavailableError):
        await reports.make(MINE, reference="data_request:7", context=CONTEXT)


async def test_nobody_was_looked_up_is_an_answer() -> None:
    report = await report_of(Records())
    assert (report.looks, report.since, report.holds) == ((), None, True)
    assert "có 0 lượt" in paper(report, contact="").markdown()


async def test_every_page_of_the_index_is_read() -> None:
    records = Records()
    async with records.audit:
        for _ in range(3):
            await records.note(MINE)
    many = PAGE + 3
    records.log.leaves[TENANT] = [
        replace(records.log.leaves[TENANT][number % 3], index=number) for number in range(many)
    ]
    subject = records.log.subjects[TENANT][0]
    records.log.subjects[TENANT] = [replace(subject, index=number) for number in range(many)]
    found = [row.index async for row in all_of(records.index, TENANT, records.subject(TENANT, MINE))]
    assert found == list(range(many))[::-1]


async def test_callers_who_share_a_trace_do_not_hide_one_another() -> None:
    """PDP-03 (part): a trace is whatever a caller sends."""
    records = Records()
    async with records.audit:
        await records.both(MINE, trace="1" * 32)
        await records.both(MINE, trace="1" * 32, actor="hethong.khac")
        told = {"trace_id": "1" * 32, "purpose": {"officer_id": "canbo.khac"}}
        await records.note(MINE, **{**told, "purpose": {"officer_id": "canbo.khac", "basis": "NĐ mẫu Điều 1"}})
        await records.note(MINE, kind=EntryKind.REQUEST, system="", **told)
        report = await report_of(records)
    who = {(look.client, look.officer, len(look.leaves)) for look in report.looks}
    assert who == {("motcua", "canbo.mau", 2), ("hethong.khac", "canbo.mau", 2), ("motcua", "canbo.khac", 2)}


async def test_what_a_worker_delivers_stands_with_the_call_that_left_it() -> None:
    """PDP-03 (part): who received a dossier is told, too."""
    records = Records()
    of = {"trace_id": "1" * 32, "reference": "H99-1", "purpose": {}}
    async with records.audit:
        await records.note(MINE, kind=EntryKind.REQUEST, operation="put_dossier", system="", **of)
        await records.note(MINE, operation="sync_dossier", system="portal", actor="worker", **of)
        await records.note(MINE, operation="sync_dossier", system="portal", actor="worker", trace_id="2" * 32)
        report = await report_of(records)
    told = sorted((look.client, look.operation, look.systems) for look in report.looks)
    assert told == [("motcua", "put_dossier", ("portal",)), ("worker", "sync_dossier", ("portal",))]
