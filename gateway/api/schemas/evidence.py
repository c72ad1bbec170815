"""The audit log, its proofs, and whether some bytes are what was recorded."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import AwareDatetime, ConfigDict, Field, JsonValue

from gateway.api.schemas.base import Asked, Received, Sent, told
from gateway.audit.evidence import Checked, Match, Proof, Query, fields_of
from gateway.audit.rows import Filter, Row
from gateway.sdk.errors import UnprocessableError

LARGEST = 9_007_199_254_740_991
Index = Annotated[int, Field(ge=0, le=LARGEST)]
HASH = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
ROW: dict[str, JsonValue] = {
    "index": 41,
    "recorded_at": "2026-11-23T02:00:00.000000Z",
    "kind": "exchange",
    "actor": "motcua",
    "operation": "verify_citizen",
    "outcome": "answered",
    "system": "population",
    "reference": "000.00.05.H99-261123-0007",
    "trace_id": "0af7651916cd43dd8448eb211c80319c",
    "bodies": ["reply_received", "request_sent"],
    "leaf": '{"actor":"motcua","bodies":{},"index":41}',
    "leaf_hash": HASH,
}
_VI = {
    Match.RECORDED: "Đúng nội dung đã ghi",
    Match.DIFFERENT: "Khác với nội dung đã ghi",
    Match.ERASED: "Nội dung đã xoá, không đối chiếu được nữa",
}


class LeafOut(Sent):
    """Một dòng nhật ký, đúng như khi ghi."""

    model_config = ConfigDict(json_schema_extra={"examples": [ROW]})

    index: int = told("Its place in the log.", "Số thứ tự trong nhật ký.")
    recorded_at: str = told("When it was recorded.", "Thời điểm ghi.")
    kind: str = told("Which side of the gateway wrote it.", "Loại dòng nhật ký.")
    actor: str = told("Who acted.", "Ai thực hiện.")
    operation: str = told("What was done.", "Nghiệp vụ.")
    outcome: str = told("What came of it.", "Kết quả.")
    system: str = told("The national system, if one was asked.", "Hệ thống quốc gia, nếu có.")
    reference: str = told("Dossier, payment or call that it is about.", "Hồ sơ, giao dịch liên quan.")
    trace_id: str = told("The trace that it belongs to.", "Mã truy vết.")
    bodies: list[str] = told("Names of the contents whose digests it holds.", "Tên các nội dung có mã băm.")
    leaf: str = told("The leaf itself, byte for byte as it was hashed.", "Nguyên văn lá, đúng từng byte.")
    leaf_hash: str = told("SHA-256(0x00, leaf), hex.", "Mã băm của lá.")

    @classmethod
    def of(cls, row: Row) -> LeafOut:
        said = fields_of(row)
        named = ("kind", "actor", "operation", "outcome", "system", "reference", "trace_id", "recorded_at")
        told_: dict[str, Any] = {name: said[name] for name in named}
        return cls(
            index=row.index,
            bodies=sorted(said["bodies"]),
            leaf=row.leaf.decode(),
            leaf_hash=row.leaf_hash.hex(),
            **told_,
        )


class LeavesOut(Sent):
    """Một trang kết quả tìm nhật ký."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"leaves": [ROW], "before": 41}]})

    leaves: list[LeafOut] = told("Newest first; a page may be short.", "Mới nhất trước; có thể chưa đủ trang.")
    before: int | None = told(
        "Ask with this `before` for what is older; null: there is no more.",
        "Gọi lại với `before` này để xem phần cũ hơn; null: đã hết.",
        default=None,
    )

    @classmethod
    def of(cls, rows: Sequence[Row], before: int | None) -> LeavesOut:
        return cls(leaves=[LeafOut.of(row) for row in rows], before=before)


class LeavesAsked(Asked):
    """What is searched for."""

    reference: Annotated[str, Field(max_length=200)] = told("Exactly this reference.", "Đúng mã này.", default="")
    trace_id: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = told(
        "Exactly this trace.", "Đúng mã truy vết này.", default=""
    )
    actor: Annotated[str, Field(max_length=100)] = told("Only what this one did.", "Chỉ của người này.", default="")
    since: AwareDatetime | None = told("Recorded then or later.", "Ghi từ lúc này.", default=None)
    until: AwareDatetime | None = told("Recorded earlier than this.", "Ghi trước lúc này.", default=None)
    before: Index | None = told("Only smaller indexes, to page on.", "Chỉ các dòng có số nhỏ hơn.", default=None)
    limit: Annotated[int, Field(ge=1, le=200)] = told("Rows of a page.", "Số dòng mỗi trang.", default=50)

    def query(self) -> Query:
        wanted = Filter(reference=_plain(self.reference), trace_id=self.trace_id, since=self.since, until=self.until)
        return Query(wanted=wanted, actor=self.actor, before=self.before, limit=self.limit)


class ProofOut(Sent):
    """Chứng minh theo RFC 9162."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"size": 42, "root": HASH, "hashes": [HASH]}]})

    size: int = told("Rows of the tree that it leads to.", "Số dòng của cây.")
    root: str = told("The root of that tree, hex.", "Gốc của cây.")
    hashes: list[str] = told("The path, nearest sibling first, hex.", "Các mã băm trên đường đi, gần nhất trước.")

    @classmethod
    def of(cls, proof: Proof) -> ProofOut:
        return cls(size=proof.size, root=proof.root.hex(), hashes=[node.hex() for node in proof.hashes])


class EvidenceIn(Received):
    """Đối chiếu một nội dung với nhật ký."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"index": 41, "content": "eyJtYSI6ICJYIn0="}]})

    index: Index = told("The row, as `audit_index` named it.", "Số dòng nhật ký.")
    content: Annotated[str, Field(min_length=4, max_length=30_000_000, pattern=r"^[0-9A-Za-z+/]+={0,2}$")] = told(
        "The bytes in base64, exactly as they were sent or received.", "Nội dung, mã hoá base64, đúng từng byte."
    )

    def raw(self) -> bytes:
        try:
            return base64.b64decode(self.content, validate=True)
        except ValueError as exc:
            raise UnprocessableError(
                "`content` is not base64.", vi="`content` không phải base64.", what="not_encoded"
            ) from exc


class EvidenceOut(Sent):
    """Kết quả đối chiếu."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "index": 41,
                    "match": "recorded",
                    "match_vi": "Đúng nội dung đã ghi",
                    "recorded_at": "2026-11-23T02:00:00.000000Z",
                    "names": ["reply_received"],
                    "erased": [],
                }
            ]
        }
    )

    index: int = told("The row.", "Số dòng nhật ký.")
    match: Match = told(
        "recorded: these very bytes; different: not what still exists; erased: nobody can tell any more.",
        "recorded: đúng từng byte; different: khác với nội dung còn lưu; erased: đã xoá, không đối chiếu được.",
    )
    match_vi: str = told("The same, for officers.", "Kết quả bằng lời.")
    recorded_at: str = told("When the row was recorded.", "Thời điểm ghi.")
    names: list[str] = told("Which contents of the row they are.", "Là nội dung nào của dòng.")
    erased: list[str] = told("Contents of the row that were erased.", "Nội dung của dòng đã bị xoá.")

    @classmethod
    def of(cls, index: int, checked: Checked) -> EvidenceOut:
        return cls(
            index=index,
            match=checked.match,
            match_vi=_VI[checked.match],
            recorded_at=checked.recorded_at,
            names=list(checked.names),
            erased=list(checked.erased),
        )


def _plain(text: str) -> str:
    """PostgreSQL's text has no NUL, so no reference holds one."""
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")
