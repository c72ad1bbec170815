"""A report of who looked somebody up, for the person: on paper, and as a document for programs."""

from __future__ import annotations

from typing import Any

from gateway.privacy.looks import AccessReport, Look
from gateway.privacy.paper import Paper, Section
from gateway.privacy.words import moment, operation_of, outcome_of

SCHEMA = "lienthong.who-looked/1"
HEAD = ("Thời điểm", "Việc đã làm", "Hệ thống được hỏi", "Ai tra cứu", "Mục đích", "Kết quả", "Dòng nhật ký")


def paper(report: AccessReport, *, contact: str) -> Paper:
    """What a person takes home. It names no number: the person knows whose it is."""
    count = len(report.looks)
    proof = "Mọi dòng nhật ký nêu dưới đây đều nguyên vẹn." if report.holds else "CÓ DÒNG NHẬT KÝ KHÔNG CÒN NGUYÊN VẸN."
    since = f"từ {moment(report.since)}" if report.since else "chưa có dòng nào"
    lines = [
        f"Theo yêu cầu {report.reference}: có {count} lượt xử lý dữ liệu của bạn qua cổng liên thông.",
        f"Nhật ký theo từng người có {since}; trước đó cổng không thể biết lượt nào là về bạn.",
        proof,
        f"Liên hệ: {contact}." if contact else "Liên hệ: cơ quan đã cấp báo cáo này.",
    ]
    rows = [_row(look) for look in report.looks]
    return Paper(
        title="AI ĐÃ TRA CỨU DỮ LIỆU CỦA TÔI",
        subtitle=f"Đơn vị {report.tenant} · Lập lúc {moment(report.made_at)}",
        sections=[Section(title="Tóm tắt", lines=lines), Section(title="Từng lượt", head=HEAD, rows=rows)],
    )


def document(report: AccessReport) -> dict[str, Any]:
    """Keys are only ever added under this schema's name."""
    return {
        "schema": SCHEMA,
        "tenant": report.tenant,
        "reference": report.reference,
        "made_at": report.made_at.isoformat(),
        "indexed_since": report.since.isoformat() if report.since else None,
        "proofs_hold": report.holds,
        "looks": [_document(look) for look in report.looks],
    }


def _document(look: Look) -> dict[str, Any]:
    return {
        "at": look.at.isoformat(),
        "client": look.client,
        "officer_id": look.officer,
        "agency_id": look.agency,
        "dossier_code": look.dossier,
        "procedure_code": look.procedure,
        "legal_basis": look.basis,
        "operation": look.operation,
        "operation_vi": operation_of(look.operation),
        "systems": list(look.systems),
        "outcome": look.outcome,
        "outcome_vi": outcome_of(look.outcome),
        "leaves": [
            {
                "index": leaf.index,
                "kind": leaf.kind,
                "system": leaf.system,
                "operation": leaf.operation,
                "outcome": leaf.outcome,
                "proof_holds": leaf.holds,
            }
            for leaf in look.leaves
        ],
    }


def _row(look: Look) -> tuple[str, ...]:
    who = [f"hệ thống {look.client}"]
    who += [f"cán bộ {look.officer}"] if look.officer else []
    who += [f"cơ quan {look.agency}"] if look.agency else []
    why = [f"hồ sơ {look.dossier}"] if look.dossier else []
    why += [f"thủ tục {look.procedure}"] if look.procedure else []
    why += [look.basis] if look.basis else []
    leaves = ", ".join(f"{leaf.index}{'' if leaf.holds else ' (sai!)'}" for leaf in look.leaves)
    return (
        moment(look.at),
        operation_of(look.operation),
        ", ".join(look.systems) or "–",
        "; ".join(who),
        "; ".join(why) or "–",
        outcome_of(look.outcome),
        leaves,
    )
