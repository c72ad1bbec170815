"""The nine indicators of TT 01/2018/TT-VPCP Art 13, with its sums and classes (Art 14, 15). Pure (KPI-03, KPI-04).

An indicator for which there is not enough information is left out of the sum, as Art 15.4.b says, and the page says so:
the rules of 5 to 8 stand here and are tested, and nothing asks them until somebody tells what they judge by (`UNSEEN`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

from gateway.rules.limits import officer_class
from gateway.scores.model import Count, Figure, figure_of

TENTH = Decimal("0.1")
NINE = (
    ("total_time", "Tổng thời gian giải quyết", "Time in all"),
    ("body_time", "Thời gian của từng cơ quan tham gia", "Time of each body"),
    ("contacts", "Số lần phải liên hệ để hoàn thiện hồ sơ", "Contacts to complete it"),
    ("bodies", "Số cơ quan phải liên hệ", "Bodies to contact"),
    ("one_stop", "Tổ chức tiếp nhận, giải quyết, trả kết quả tại một cửa", "Handled at the one-stop"),
    ("publicity", "Công khai thủ tục", "Procedures made public"),
    ("attitude", "Thái độ khi hướng dẫn, tiếp nhận, giải quyết", "Attitude"),
    ("complaints", "Tiếp thu, giải trình phản ánh, kiến nghị", "Complaints"),
    ("online", "Tiến độ, chất lượng dịch vụ công trực tuyến", "Online services"),
)
"""Indicators 1 to 9 in their order."""
OF_OFFICERS = ("total_time", "body_time", "contacts", "bodies", "attitude")
"""Those that are scored for each dossier and judge officers (Art 14.1, 15.1.a); the others judge bodies alone."""
CLASSES = (
    (Decimal(15), "excellent", "Xuất sắc"),
    (Decimal(12), "good", "Tốt"),
    (Decimal(9), "fair", "Khá"),
    (Decimal(6), "average", "Trung bình"),
    (Decimal(0), "weak", "Yếu"),
)


def time_points(difference: int) -> int:
    """Indicators 1 and 2: `difference` is below 0 when it took less than the limit, above 0 when it took more."""
    return 2 if difference < 0 else 1 if difference == 0 else 0


def contact_points(times: int) -> int:
    """Indicators 3 and 4: none, one, more."""
    return max(2 - times, 0)


def one_stop_points(received: Fraction, resolved_there: Fraction) -> int:
    """Indicator 5: the shares of procedures that are received at the one-stop, and of those that are also decided there
    (20 % at provincial centres; other levels have their own share)."""
    if received < 1:
        return 0
    return 2 if resolved_there >= Fraction(20, 100) else 1


def publicity_points(*, posted: bool, electronic: bool) -> int:
    """Indicator 6."""
    return int(posted) + int(electronic)


def attitude_points(time: int, *, complained: bool) -> int | None:
    """Indicator 7, `time` being the points of indicator 1. None: the rule says nothing of a late dossier about which
    nobody complained."""
    if complained:
        return 0
    return time if time in {1, 2} else None


def complaint_points(figure: Figure, *, dragging: bool) -> int:
    """Indicator 8: answered in time of all; none at all is full."""
    if dragging:
        return 0
    if figure.lacking == 0:
        return 2
    return 1 if figure.numerator * 100 >= 90 * figure.denominator else 0


def online_points(dossiers: Figure, *, services: Fraction, late: int) -> int:
    """Indicator 9: the share of dossiers that are online, of procedures that are offered online, and how many online
    dossiers were late or not resolved."""
    if late or services == 0 or not dossiers.denominator:
        return 0
    share = Fraction(dossiers.numerator, dossiers.denominator)
    if share >= Fraction(30, 100) and services >= Fraction(20, 100):
        return 2
    return 1 if share >= Fraction(15, 100) else 0


def mean_points(points: Fraction) -> Decimal:
    """Art 15.2.a: points by dossiers, to one decimal."""
    return (Decimal(points.numerator) / points.denominator).quantize(TENTH, ROUND_HALF_UP)


def body_class(points: Decimal) -> tuple[str, str]:
    """Art 15.3.b: from 15 excellent, 12 good, 9 fair, 6 average. The id and its Vietnamese name."""
    return next((name, vi) for least, name, vi in CLASSES if points >= least)


@dataclass(frozen=True, slots=True, kw_only=True)
class Nine:
    """One indicator of a body: `points` None when there is not enough information; `why` it is so."""

    number: int
    id: str
    vi: str
    en: str
    points: Decimal | None
    dossiers: int = 0
    excluded: int = 0
    why_vi: str = ""
    why_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NineScores:
    """The nine of a body or place. Classes stand only where everything that they add up is known."""

    lines: Sequence[Nine]

    @property
    def known(self) -> list[Nine]:
        return [line for line in self.lines if line.points is not None]

    @property
    def points(self) -> Decimal:
        return sum((line.points for line in self.known if line.points is not None), Decimal())

    @property
    def body(self) -> tuple[str, str] | None:
        """None while what is missing could change it."""
        highest = self.points + 2 * (len(self.lines) - len(self.known))
        lowest_class, highest_class = body_class(self.points), body_class(highest)
        return lowest_class if lowest_class == highest_class else None

    @property
    def officers(self) -> str | None:
        """The same of the five that judge officers, of all officers of the body together."""
        own = [line for line in self.lines if line.id in OF_OFFICERS]
        points = sum((line.points for line in own if line.points is not None), Decimal())
        highest = points + 2 * sum(line.points is None for line in own)
        return officer_class(points) if officer_class(points) == officer_class(highest) else None


UNSEEN = {
    "body_time": ("Hạn của từng bước nằm trong hồ sơ đã niêm phong", "The limits of the steps are in sealed documents"),
    "bodies": ("Hồ sơ không ghi công dân phải liên hệ những cơ quan nào", "No dossier says whom people had to contact"),
    "one_stop": ("Cần danh mục thủ tục tại Bộ phận Một cửa", "It takes the list of procedures at the one-stop"),
    "publicity": ("Cổng liên thông không thấy việc niêm yết", "The gateway does not see what is posted"),
    "attitude": ("Cổng liên thông không nhận phản ánh về thái độ", "The gateway receives no complaints about people"),
    "complaints": ("Không thấy ngày phản ánh được gửi tới cơ quan", "It is not seen when a complaint was put"),
}


def nine(counts: Sequence[Count]) -> NineScores:
    """What the counts of a period say of the nine."""
    lines = []
    for number, (name, vi, en) in enumerate(NINE, 1):
        known = {"number": number, "id": name, "vi": vi, "en": en}
        if name in {"total_time", "contacts"}:
            lines.append(_of_dossiers(counts, known))
        elif name == "online":
            lines.append(_online(counts, known))
        else:
            why_vi, why_en = UNSEEN[name]
            lines.append(Nine(**known, points=None, why_vi=why_vi, why_en=why_en))  # type: ignore[arg-type]  # from a table
    return NineScores(lines=lines)


def _of_dossiers(counts: Sequence[Count], known: dict[str, object]) -> Nine:
    by = {
        mark: sum(c.count for c in counts if c.figure == known["id"] and c.mark == mark)
        for mark in ("2", "1", "0", "x")
    }
    total = by["2"] + by["1"] + by["0"]
    points = mean_points(Fraction(2 * by["2"] + by["1"], total)) if total else None
    why = ("Chưa có hồ sơ nào tính được", "There is no dossier to count") if points is None else ("", "")
    return Nine(**known, points=points, dossiers=total, excluded=by["x"], why_vi=why[0], why_en=why[1])  # type: ignore[arg-type]  # as above


def _online(counts: Sequence[Count], known: dict[str, object]) -> Nine:
    """Nought is certain when fewer than 15 % are online or an online one was late. More is not: how many procedures are
    offered online is not known here."""
    share, late = figure_of(counts, "online"), figure_of(counts, "online_on_time").lacking
    best = online_points(share, services=Fraction(1), late=late)
    certain = Decimal(0) if share.denominator and best == 0 else None
    why_vi = "Cần tỷ lệ thủ tục được cung cấp trực tuyến" if certain is None else ""
    why_en = "It takes the share of procedures that are offered online" if certain is None else ""
    return Nine(**known, points=certain, dossiers=share.denominator, why_vi=why_vi, why_en=why_en)  # type: ignore[arg-type]  # as above
