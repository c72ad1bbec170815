"""The list of NĐ 224/2026 Art 19.2, and the target lines of QĐ 1565/QĐ-TTg. Pure (KPI-06, KPI-14)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from gateway.scores.model import Busy, Count, Figure, figure_of

SATISFACTION = 0.95
"""QĐ 1565/QĐ-TTg, for 2026."""
BUSY = 1000
"""Dossiers of a province in a year from which a procedure is held to full electronic results and reuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One line of NĐ 224/2026 Art 19.2, or a target of QĐ 1565/QĐ-TTg. Without a figure it is not measured here."""

    id: str
    vi: str
    en: str
    source: str
    figure: Figure | None = None
    target: float | None = None
    why_vi: str = ""
    why_en: str = ""

    @property
    def is_reached(self) -> bool | None:
        """None: there is no target, or nothing is known."""
        if self.target is None or self.figure is None or self.figure.share is None:
            return None
        return self.figure.share >= self.target


LEVEL = ("Hồ sơ không ghi mức độ dịch vụ (toàn trình, một phần)", "Dossiers do not say the level of the service")
AUTOMATIC = ("Cổng liên thông không thấy bước nào do máy làm", "It is not seen which steps a machine did")
PROACTIVE = ("Cổng liên thông không thấy dịch vụ chủ động", "Proactive services are not seen")
CONTENT: tuple[tuple[str, str, str, str | tuple[str, str]], ...] = (
    ("a", "Dịch vụ công trực tuyến toàn trình", "Services wholly online", LEVEL),
    ("b", "Hồ sơ tiếp nhận trực tuyến", "Dossiers received online", "online"),
    ("b", "Hồ sơ xử lý xong đã nộp trực tuyến", "Finished dossiers that came online", "online_finished"),
    ("b", "Hồ sơ trực tuyến toàn trình", "Dossiers wholly online", LEVEL),
    ("c", "Mức độ tự động hoá quy trình", "Automation", AUTOMATIC),
    ("đ", "Giải quyết đúng hạn", "On time", "on_time"),
    ("e", "Người đánh giá hài lòng trở lên", "People satisfied or more", "satisfied"),
    ("g", "Dịch vụ công trực tuyến chủ động", "Proactive services", PROACTIVE),
)
"""The letter, its name, and the figure that measures it, or why it is not measured here."""


def of_224(counts: Sequence[Count]) -> list[Measure]:
    """In the order of the law; the time of handling stands apart, as it is no share."""
    return [
        Measure(
            id=by if isinstance(by, str) else letter,
            vi=vi,
            en=en,
            source=f"NĐ 224/2026 Điều 19.2.{letter}",
            figure=figure_of(counts, by) if isinstance(by, str) else None,
            why_vi="" if isinstance(by, str) else by[0],
            why_en="" if isinstance(by, str) else by[1],
        )
        for letter, vi, en, by in CONTENT
    ]


def of_1565(counts: Sequence[Count], busy: Sequence[Busy]) -> list[Measure]:
    """Target lines. Whether a procedure is one of the 982 is not known: the list was not seen, so every procedure with
    so many dossiers is shown."""
    source = "QĐ 1565/QĐ-TTg"
    satisfied = figure_of(counts, "satisfied")
    lines = [
        Measure(
            id="satisfied",
            vi="Mức độ hài lòng",
            en="Satisfaction",
            source=source,
            figure=satisfied,
            target=SATISFACTION,
        )
    ]
    for one in busy:
        told = (
            ("e_result", "kết quả điện tử", "electronic results", one.e_results, one.finished),
            ("reused", "tái sử dụng dữ liệu", "reuse of papers", one.reused, one.with_papers),
        )
        for figure, vi, en, numerator, denominator in told:
            counted = Figure(id=figure, numerator=numerator, denominator=denominator)
            named = f"{one.procedure}: "
            lines.append(Measure(id=figure, vi=named + vi, en=named + en, source=source, figure=counted, target=1.0))
    return lines
