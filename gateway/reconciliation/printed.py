"""The report of a day on paper: one HTML page that prints on A4, with a line to sign on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from html import escape

from gateway.domain import VIETNAM
from gateway.reconciliation.model import BANK, DayReport, Finding, Total
from gateway.reconciliation.words import (
    DAYS,
    FACTS,
    GROUPS,
    KINDS,
    MONEY,
    OWNERS,
    PARTS,
    SIDES,
    VALUES,
    VIEWS,
    money,
    rail_name,
)

STYLE = """
@page { size: A4; margin: 16mm 14mm 18mm }
body { font: 10.5pt/1.35 "Noto Sans", "DejaVu Sans", sans-serif; color: #111; max-width: 180mm; margin: 0 auto }
h1 { font-size: 16pt; text-align: center; margin: 6mm 0 1mm } h2 { font-size: 12.5pt; margin: 7mm 0 2mm }
h3 { font-size: 10.5pt; margin: 4mm 0 1mm } p { margin: 1mm 0 } .middle { text-align: center }
table { border-collapse: collapse; width: 100%; margin: 1mm 0 3mm } thead { display: table-header-group }
th, td { border: 0.3mm solid #888; padding: 0.8mm 1.6mm; text-align: left; vertical-align: top }
th { background: #eee; font-weight: 600 } tr { break-inside: avoid }
td.n, th.n { text-align: right; font-variant-numeric: tabular-nums } td.n { white-space: nowrap }
td.id { font-family: "DejaVu Sans Mono", monospace; font-size: 8pt; width: 33mm; overflow-wrap: anywhere }
table.found, table.sums { font-size: 9pt } table.found td:first-child { width: 24mm }
.good { border-left: 1.5mm solid #1a7f37; padding-left: 2mm }
.bad { border-left: 1.5mm solid #b3261e; padding-left: 2mm }
.sign { display: flex; justify-content: space-between; margin-top: 12mm; break-inside: avoid; text-align: center }
.sign div { width: 45% } .sign em { display: block; margin-bottom: 22mm }
"""


def page(day: date, reports: Sequence[DayReport], *, tenant: str, at: datetime) -> str:
    """Everything in it is a number, an id or a word of ours, and escaped all the same."""
    clean = all(report.clean for report in reports)
    verdict = (
        "Đã khớp: mọi dòng đều khớp hoặc có hồ sơ đã xử lý xong."
        if clean
        else "Còn việc phải xử lý: xem các mục chênh lệch dưới đây."
    )
    return "\n".join(
        [
            '<!doctype html><html lang="vi"><head><meta charset="utf-8">',
            f"<title>Đối soát {day:%d/%m/%Y}</title><style>{STYLE}</style></head><body>",
            "<h1>BIÊN BẢN ĐỐI SOÁT THU PHÍ, LỆ PHÍ TRỰC TUYẾN</h1>",
            f'<p class="middle">Ngày {day:%d/%m/%Y} · Đơn vị {escape(tenant)} · Lập lúc {_moment(at)}</p>',
            f'<p class="{"good" if clean else "bad"}">{verdict}</p>',
            *(_rail(report) for report in reports),
            _signatures(reports),
            "</body></html>",
            "",
        ]
    )


def _rail(report: DayReport) -> str:
    day = report.day
    closed = f" · Khoá sổ {_moment(day.closed_at)}, {escape(day.closed_by)}" if day.closed_at else " · Chưa khoá sổ"
    return "\n".join(
        [
            f"<h2>{escape(rail_name(day.rail))}</h2>",
            f"<p>Căn cứ: {VIEWS[day.view]} · Lần chạy thứ {day.runs}, {_moment(day.began_at)}{closed}</p>",
            f"<p>Khớp: {money(day.counts.get('matched', 0))} · Chưa so được: "
            f"{money(day.counts.get('not_compared', 0))} · Chưa có hồ sơ: {len(report.without_case)}</p>",
            _totals(day.totals, bank=day.rail == BANK),
            _findings(report),
        ]
    )


def _totals(totals: Sequence[Total], *, bank: bool) -> str:
    """One line for each thing that is counted, the sides beside each other."""
    present = [side for side in SIDES if any(total.side == side for total in totals)]
    rows = dict.fromkeys((total.group, total.name) for total in totals)
    by = {(total.group, total.name, total.side): total for total in totals}
    head = "".join(f'<th class="n">{SIDES[side]}</th>' for side in present)
    order = list(GROUPS)
    body = "".join(
        f"<tr><td>{GROUPS[group]} {escape(_name(group, name))}</td>"
        + "".join(_cell(by.get((group, name, side))) for side in present)
        + "</tr>"
        for group, name in sorted(rows, key=lambda row: (order.index(row[0]), row[1]))
    )
    if not rows:
        return "<p>Không có giao dịch.</p>"
    title = "Tổng kiểm soát" if not bank else "Tổng kiểm soát theo sao kê"
    table = f"<thead><tr><th>Số dòng · đồng</th>{head}</tr></thead><tbody>{body}</tbody>"
    return f'<h3>{title}</h3><table class="sums">{table}</table>'


def _findings(report: DayReport) -> str:
    if not report.findings:
        return "<p>Không có chênh lệch.</p>"
    rows = sorted(report.findings, key=lambda finding: (finding.kind.value, finding.key))
    return (
        '<h3>Chênh lệch</h3><table class="found"><thead><tr><th>Loại</th><th>Giao dịch</th><th>Chi tiết</th>'
        "<th>Hồ sơ</th><th>Bên xử lý</th><th>Hạn</th><th>Kết quả</th></tr></thead><tbody>"
        + "".join(_row(finding, report) for finding in rows)
        + "</tbody></table>"
    )


def _row(finding: Finding, report: DayReport) -> str:
    case = report.cases.get(finding.case_id) if finding.case_id is not None else None
    about = [finding.key, *([finding.reference] if finding.reference not in {"", finding.key} else [])]
    details = [f"{FACTS.get(name, name)}: {_fact(name, value)}" for name, value in sorted(finding.facts.items())]
    if finding.posted:
        details.append("đã ghi sổ khi đối soát")
    if finding.linked_day:
        details.append(f"thuộc ngày đã khoá {finding.linked_day:%d/%m/%Y}")
    number, owner, due = (str(case.id), OWNERS[case.opening.owner], _moment(case.due_at)) if case else ("–", "–", "–")
    return (
        f'<tr><td>{KINDS[finding.kind]}</td><td class="id">{"<br>".join(map(escape, about))}</td>'
        f'<td>{"<br>".join(details)}</td><td class="n">{number}</td><td>{owner}</td><td>{due}</td>'
        f"<td>{_outcome(finding, report)}</td></tr>"
    )


def _outcome(finding: Finding, report: DayReport) -> str:
    case = report.cases.get(finding.case_id) if finding.case_id is not None else None
    if finding.cleared_at:
        return f"đã khớp {_moment(finding.cleared_at)}"
    if case and case.resolved_at:
        return f"xong {_moment(case.resolved_at)}"
    if case:
        return "đang xử lý"
    return "chờ danh sách sau" if finding.unmatched else "đã khớp"


def _signatures(reports: Iterable[DayReport]) -> str:
    by = sorted({report.day.closed_by for report in reports if report.day.closed_by})
    return (
        '<div class="sign"><div><strong>Người lập</strong><em>(ký, ghi rõ họ tên)</em></div>'
        f"<div><strong>Người khoá sổ</strong><em>(ký, ghi rõ họ tên)</em>{escape(', '.join(by))}</div></div>"
    )


def _name(group: str, name: str) -> str:
    return PARTS.get(name, name) if group == "kind" else name or "chưa rõ"


def _cell(total: Total | None) -> str:
    return f'<td class="n">{money(total.count)} · {money(total.amount)}</td>' if total else '<td class="n">–</td>'


def _fact(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return money(value) if name in MONEY else str(value)
    if name in DAYS:
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    return VALUES.get(value, escape(value))


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if at else "–"
