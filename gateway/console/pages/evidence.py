"""The log: browsed, one row of it, whether it stands there, whether some bytes are what was recorded, and whether it
was altered."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, File, Form, Path, Query, UploadFile
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.audit.checks import NEWEST
from gateway.audit.evidence import Checked, Match
from gateway.audit.evidence import Query as Search
from gateway.audit.inclusion import Standing
from gateway.audit.rows import Filter
from gateway.console import given, log_words
from gateway.console.links import linked
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.sdk.errors import UnprocessableError

router = APIRouter()
Auditor = Annotated[Visit, Depends(visit(Right.AUDIT))]
Watcher = Annotated[Visit, Depends(visit(Right.AUDIT, quiet=True))]
RowIndex = Annotated[int, Path(ge=0, le=2**53)]
PAGE = 50
MOST_CHECKED = 1_048_576
"""Bytes that are compared with a row."""
CHECKS_SHOWN = 20
MATCHES = {
    Match.RECORDED: ("Đúng: đây chính là nội dung đã ghi.", "Yes: these very bytes were recorded.", "good"),
    Match.DIFFERENT: ("Sai: nội dung này khác với nội dung đã ghi.", "No: this is not what was recorded.", "bad"),
    Match.ERASED: (
        "Không kết luận được: nội dung của dòng này đã bị xoá theo thời hạn lưu.",
        "Nobody can tell: the contents of this row were erased.",
        "late",
    ),
}
STANDINGS = {
    Standing.STANDS: (
        "Đúng: dòng này nằm trong nhật ký, đúng như khi điểm kiểm chứng được ký.",
        "It holds: this row stands in the log as it was when the checkpoint was signed.",
        "good",
    ),
    Standing.UNSIGNED: (
        "Chưa kết luận được: chưa có điểm kiểm chứng nào bao gồm dòng này; hãy thử lại sau một phút.",
        "Not yet: no checkpoint covers this row; try again in a minute.",
        "late",
    ),
    Standing.OTHER_ROOT: (
        "Sai: dòng này dẫn tới một gốc khác với gốc đã ký, nghĩa là dòng hoặc nhật ký đã bị sửa.",
        "It does not hold: the row leads to another root than was signed. The row or the log was altered.",
        "bad",
    ),
    Standing.UNTRUSTED: (
        "Sai: điểm kiểm chứng không do khoá của nhật ký này ký.",
        "It does not hold: the checkpoint is not signed by the key of this log.",
        "bad",
    ),
    Standing.BROKEN: (
        "Sai: nhật ký thiếu mã băm cần cho chứng minh này.",
        "It does not hold: the log lacks hashes that the proof needs.",
        "bad",
    ),
}


class LogQuery(BaseModel):
    """What is looked for; empty: everything. Times are Vietnam's."""

    reference: str = Field(default="", max_length=200)
    trace: str = Field(default="", pattern=r"^\s*([0-9a-f]{32})?\s*$")
    actor: str = Field(default="", max_length=100)
    since: str = Field(default="", max_length=40)
    until: str = Field(default="", max_length=40)
    before: int | None = Field(default=None, ge=0, le=2**53)

    def search(self) -> Search:
        wanted = Filter(
            reference=given.reference(self.reference),
            trace_id=self.trace.strip(),
            since=given.moment_or_none(self.since, "/since"),
            until=given.moment_or_none(self.until, "/until"),
        )
        return Search(wanted=wanted, actor=given.reference(self.actor, "/actor"), before=self.before, limit=PAGE)

    def onward(self, before: int) -> str:
        """The address of the next page."""
        return linked("/console/evidence", **{**self.model_dump(), "before": before})


@router.get("/console/evidence", name="evidence")
async def browse(auditor: Auditor, asked: Annotated[LogQuery, Query()]) -> Response:
    desk = auditor.desk
    search = asked.search()
    auditor.about(search.wanted.reference)
    rows, before = await desk.services.late().evidence.search(search)
    checks = await desk.checks.listed(limit=1)
    return auditor.page(
        "evidence/index.html",
        asked=asked,
        lines=[log_words.line(row) for row in rows],
        onward=asked.onward(before) if before is not None else "",
        state=await desk.services.late().evidence.state(),
        spooled=desk.spooled(),
        newest=checks[0] if checks else None,
        words=log_words,
    )


@router.get("/console/evidence/verify", name="evidence_checks")
async def checks(auditor: Auditor) -> Response:
    return auditor.page("evidence/checks.html", **await _checks(auditor))


@router.get("/console/evidence/verify/progress", name="evidence_check_progress")
async def progress(watcher: Watcher) -> Response:
    """The piece of that page which moves."""
    return watcher.page("evidence/running.html", **await _checks(watcher))


@router.post("/console/evidence/verify", name="evidence_check_begin")
async def begin_check(auditor: Auditor, whole: Annotated[str, Form(pattern="^(all|newest)$")]) -> Response:
    await auditor.desk.checks.begin(whole=whole == "all", context=auditor.context)
    return auditor.back("/console/evidence/verify", vi="Đang kiểm chứng nhật ký.", en="The log is being verified.")


@router.get("/console/evidence/{index:int}", name="evidence_leaf")
async def leaf(auditor: Auditor, index: RowIndex) -> Response:
    return await _leaf(auditor, index)


@router.get("/console/evidence/{index:int}/proof", name="evidence_proof")
async def proof(auditor: Auditor, index: RowIndex) -> Response:
    """Every step from the row to the signed root."""
    auditor.about(f"audit:{index}")
    explained = await auditor.desk.services.late().evidence.explain(index)
    return auditor.page("evidence/proof.html", explained=explained, verdict=STANDINGS[explained.standing])


@router.post("/console/evidence/{index:int}/check", name="evidence_match")
async def check(
    auditor: Auditor,
    index: RowIndex,
    *,
    text: Annotated[str, Form(max_length=MOST_CHECKED)] = "",
    file: Annotated[UploadFile | None, File()] = None,
) -> Response:
    """A browser ends pasted lines with CR LF; both spellings are compared."""
    raw = await given.content(file, most=MOST_CHECKED) or text.encode()
    if not raw:
        raise UnprocessableError("Nothing was given.", vi="Chưa có nội dung để đối chiếu.", what="nothing_given")
    evidence = auditor.desk.services.late().evidence
    said = [await evidence.check(index, one) for one in dict.fromkeys((raw, raw.replace(b"\r\n", b"\n")))]
    best = next((one for one in said if one.match is Match.RECORDED), said[0])
    return await _leaf(auditor, index, checked=best)


async def _leaf(auditor: Visit, index: int, *, checked: Checked | None = None) -> Response:
    auditor.about(f"audit:{index}")
    evidence = auditor.desk.services.late().evidence
    row = await evidence.leaf(index)
    line = log_words.line(row)
    return auditor.page(
        "evidence/leaf.html",
        line=line,
        raw=row.leaf.decode(errors="replace"),
        leaf_hash=row.leaf_hash.hex(),
        contents=await evidence.contents(index) if line.kind else {},
        checked=checked,
        verdict=MATCHES[checked.match] if checked else None,
        size=(await evidence.state()).size,
        words=log_words,
    )


async def _checks(visitor: Visit) -> dict[str, Any]:
    now = visitor.desk.services.clock()
    listed = await visitor.desk.checks.listed(limit=CHECKS_SHOWN)
    return {"checks": listed, "running": [one for one in listed if one.is_running(now)], "at": now, "newest": NEWEST}
