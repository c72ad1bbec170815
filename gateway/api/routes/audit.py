"""`/v1/admin/audit`: the log for auditors and monitors, without bodies. Below `tlog/` it is laid out as C2SP tlog-tiles
wants it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Response

from gateway.api.openapi import problems
from gateway.api.schemas.evidence import (
    EvidenceIn,
    EvidenceOut,
    Index,
    LeafOut,
    LeavesAsked,
    LeavesOut,
    ProofOut,
)
from gateway.api.staff import Staff, staff
from gateway.audit import tiles
from gateway.operators.model import Right

router = APIRouter(prefix="/v1/admin/audit", tags=["audit — nhật ký"], responses=problems(404))
Auditor = Annotated[Staff, Depends(staff(Right.AUDIT))]
RowIndex = Annotated[Index, Path(description="Index of the row — Số dòng nhật ký", examples=[41])]
TreeSize = Annotated[
    Index | None, Query(description="Rows of the tree; the newest checkpoint's without it — Số dòng của cây")
]
TilePath = Annotated[
    str, Path(pattern=r"^[x0-9/.p]{3,60}$", description="`<N>[.p/<W>]` of C2SP — Vị trí ô", examples=["000.p/7"])
]
Level = Annotated[str, Path(pattern=r"^[0-7]$", description="Level of the tile — Tầng của ô", examples=["0"])]
NOTE = "text/plain"
BYTES = "application/octet-stream"


@router.get("/leaves", operation_id="search_log", summary="Rows by reference, trace, time or actor")
async def search_log(auditor: Auditor, asked: Annotated[LeavesAsked, Query()]) -> LeavesOut:
    """Tìm dòng nhật ký theo mã, truy vết, thời gian hoặc người thực hiện; không có nội dung."""
    auditor.about_typed("", asked.reference)
    return LeavesOut.of(*await auditor.late.evidence.search(asked.query()))


@router.get("/leaves/{index}", operation_id="get_leaf", summary="A row as it was recorded")
async def get_leaf(index: RowIndex, auditor: Auditor) -> LeafOut:
    """Một dòng nhật ký, đúng như khi ghi."""
    auditor.about(f"audit:{index}")
    return LeafOut.of(await auditor.late.evidence.leaf(index))


@router.get("/leaves/{index}/proof", operation_id="prove_inclusion", summary="That a row stands in the log")
async def prove_inclusion(index: RowIndex, auditor: Auditor, size: TreeSize = None) -> ProofOut:
    """Chứng minh dòng nằm trong cây của một điểm kiểm chứng (RFC 9162, 2.1.3)."""
    auditor.about(f"audit:{index}")
    return ProofOut.of(await auditor.late.evidence.inclusion(index, size))


@router.get("/consistency", operation_id="prove_consistency", summary="That the log only grew")
async def prove_consistency(
    auditor: Auditor,
    old: Annotated[Index, Query(description="The smaller size — Kích thước cũ", examples=[1])],
    new: TreeSize = None,
) -> ProofOut:
    """Chứng minh nhật ký chỉ được nối thêm (RFC 9162, 2.1.4)."""
    return ProofOut.of(await auditor.late.evidence.consistency(old, new))


@router.post("/check", operation_id="check_recorded", summary="Whether these bytes are what was recorded")
async def check_recorded(body: EvidenceIn, auditor: Auditor) -> EvidenceOut:
    """Đối chiếu một nội dung với dòng nhật ký, của bất kỳ ai."""
    auditor.about(f"audit:{body.index}")
    return EvidenceOut.of(body.index, await auditor.late.evidence.check(body.index, body.raw()))


@router.get(
    "/checkpoints/{size}",
    operation_id="get_checkpoint",
    summary="The signed checkpoint of a size",
    response_class=Response,
    responses={200: {"description": "The note — Điểm kiểm chứng", "content": {NOTE: {"schema": {"type": "string"}}}}},
)
async def get_checkpoint(
    size: Annotated[Index, Path(description="Rows that it covers — Số dòng", examples=[42])], auditor: Auditor
) -> Response:
    """Điểm kiểm chứng có chữ ký, kèm chữ ký của các nhân chứng."""
    return _note(await auditor.late.evidence.checkpoint(size))


@router.get(
    "/tlog/checkpoint",
    operation_id="get_newest_checkpoint",
    summary="The newest checkpoint",
    response_class=Response,
    responses={200: {"description": "The note — Điểm kiểm chứng", "content": {NOTE: {"schema": {"type": "string"}}}}},
)
async def get_newest_checkpoint(auditor: Auditor) -> Response:
    """Điểm kiểm chứng mới nhất."""
    return _note(await auditor.late.evidence.checkpoint())


@router.get(
    "/tlog/tile/entries/{path:path}",
    operation_id="get_entry_bundle",
    summary="The rows of a tile",
    response_class=Response,
    responses={200: {"description": "Rows — Các dòng", "content": {BYTES: {"schema": {"type": "string"}}}}},
)
async def get_entry_bundle(path: TilePath, auditor: Auditor) -> Response:
    """Các lá của một ô, mỗi lá sau độ dài 2 byte."""
    return _bytes(auditor, await auditor.late.evidence.bundle(tiles.parse("0", path)))


@router.get(
    "/tlog/tile/{level}/{path:path}",
    operation_id="get_tile",
    summary="The hashes of a tile",
    response_class=Response,
    responses={200: {"description": "Hashes — Mã băm", "content": {BYTES: {"schema": {"type": "string"}}}}},
)
async def get_tile(level: Level, path: TilePath, auditor: Auditor) -> Response:
    """Các mã băm của một ô, 32 byte mỗi mã."""
    return _bytes(auditor, await auditor.late.evidence.tile(tiles.parse(level, path)))


def _note(text: str) -> Response:
    return Response(text, media_type=f"{NOTE}; charset=utf-8")


def _bytes(auditor: Staff, content: bytes) -> Response:
    """Its digest is enough for the leaf of this call: what it holds is in the log."""
    auditor.request.state.file = "reply"
    return Response(content, media_type=BYTES)
