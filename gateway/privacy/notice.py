"""The notice of a breach in Vietnamese (NĐ 13/2023 Art 23; Law 91/2025 Art 23): what is known is filled in from the
log, what only people know is left to fill. The number of the official form is a setting: we have not seen it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from gateway.privacy.kinds import FieldKind
from gateway.privacy.log import Seen
from gateway.privacy.model import Breach
from gateway.privacy.paper import Paper, Section
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.words import STARTS, hours, moment, operation_of

TO_FILL = "……………………………………………………"
SENSITIVE = (
    "Vi phạm liên quan dữ liệu cá nhân nhạy cảm (các loại ghi “nhạy cảm” ở bảng loại dữ liệu). Theo "
    "NĐ 356/2025, ngoài thông báo này phải xem xét thông báo cho từng người bị ảnh hưởng và nêu biện pháp riêng.",
    f"Hình thức, thời điểm thông báo cho người bị ảnh hưởng: {TO_FILL}",
    f"Biện pháp riêng với dữ liệu nhạy cảm (thu hồi, khoá tài khoản, đổi giấy tờ): {TO_FILL}",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """What a notice is about."""

    tenant: str
    scope: Mapping[str, str | int]
    leaves: Sequence[Seen]
    persons: int
    kinds: Mapping[FieldKind, int]
    breach: Breach | None
    made_at: datetime
    made_by: str

    @property
    def sensitive(self) -> bool:
        return any(kind.sensitive for kind in self.kinds)

    @property
    def recipients(self) -> Sequence[tuple[str, str, str, int]]:
        """Client, officer, agency, and how many leaves."""
        count = Counter((leaf.actor, leaf.officer, leaf.purpose.get("agency_id", "")) for leaf in self.leaves)
        return [(*who, number) for who, number in sorted(count.items())]


def notice(matter: Matter, *, settings: PrivacySettings) -> Paper:
    form = f"Mẫu {settings.breach_form} · " if settings.breach_form else ""
    return Paper(
        title="THÔNG BÁO VI PHẠM QUY ĐỊNH VỀ BẢO VỆ DỮ LIỆU CÁ NHÂN",
        subtitle=f"{form}Kính gửi: {settings.breach_receiver}",
        sections=_numbered(
            _clock(matter),
            _nature(matter),
            _data(matter),
            _received(matter),
            *([Section(title="Dữ liệu nhạy cảm", lines=SENSITIVE)] if matter.sensitive else []),
            _consequences(matter),
            _contact(matter, settings),
            _evidence(matter),
        ),
    )


def _numbered(*sections: Section) -> list[Section]:
    return [replace(section, title=f"{number}. {section.title}") for number, section in enumerate(sections, 1)]


def _clock(matter: Matter) -> Section:
    breach = matter.breach
    if breach is None:
        return Section(title="Thời hạn", lines=[f"Chưa ghi vào sổ vi phạm; thời hạn 72 giờ tính từ: {TO_FILL}"])
    at = breach.notified_at or matter.made_at
    lines = [
        f"Vi phạm số {breach.id}. Thời hạn tính {STARTS[breach.opening.counts_from]}: {moment(breach.starts_at)}.",
        f"Phải thông báo trước {moment(breach.due_at)} ({hours(breach.hours_left(at))}).",
    ]
    if breach.hours_left(at) < 0:
        lines.append(f"Lý do thông báo muộn: {breach.late_reason or TO_FILL}")
    return Section(title="Thời hạn", lines=lines)


def _nature(matter: Matter) -> Section:
    breach = matter.breach
    operations = Counter((operation_of(leaf.operation), leaf.system or "–") for leaf in matter.leaves)
    first = min((leaf.occurred_at for leaf in matter.leaves), default=None)
    last = max((leaf.occurred_at for leaf in matter.leaves), default=None)
    return Section(
        title="Tính chất, thời gian, địa điểm",
        lines=[
            f"Hành vi: {breach.opening.words if breach else TO_FILL}",
            f"Thời gian theo nhật ký: từ {moment(first)} đến {moment(last)}.",
            f"Địa điểm: cổng liên thông của đơn vị {matter.tenant}; hệ thống liên quan ở bảng dưới.",
        ],
        head=("Việc xử lý", "Hệ thống", "Số dòng nhật ký"),
        rows=[(name, system, str(count)) for (name, system), count in sorted(operations.items())],
    )


def _data(matter: Matter) -> Section:
    return Section(
        title="Loại dữ liệu và số lượng",
        lines=[f"Số người bị ảnh hưởng (đếm theo mã băm có khoá): {matter.persons}."],
        head=("Loại dữ liệu", "Mức", "Số dòng nhật ký"),
        rows=[
            (kind.title_vi, "nhạy cảm" if kind.sensitive else "cơ bản", str(count))
            for kind, count in matter.kinds.items()
        ],
    )


def _received(matter: Matter) -> Section:
    return Section(
        title="Bên đã nhận dữ liệu",
        head=("Hệ thống", "Cán bộ", "Cơ quan", "Số dòng nhật ký"),
        rows=[
            (client, officer or "–", agency or "–", str(count)) for client, officer, agency, count in matter.recipients
        ],
    )


def _consequences(matter: Matter) -> Section:
    measures = matter.breach.measures if matter.breach else ""
    return Section(
        title="Hậu quả và biện pháp",
        lines=[
            f"Hậu quả, thiệt hại có thể xảy ra: {TO_FILL}",
            f"Biện pháp đã thực hiện: {measures or TO_FILL}",
            f"Biện pháp sẽ thực hiện: {TO_FILL}",
        ],
    )


def _contact(matter: Matter, settings: PrivacySettings) -> Section:
    lines = [
        f"Bên kiểm soát dữ liệu: {settings.controller or TO_FILL}",
        f"Bộ phận bảo vệ dữ liệu cá nhân: {settings.contact or TO_FILL}",
        f"Người lập: {matter.made_by}, lúc {moment(matter.made_at)}",
    ]
    return Section(title="Liên hệ", lines=lines)


def _evidence(matter: Matter) -> Section:
    scope = "; ".join(f"{name} = {value}" for name, value in matter.scope.items() if value != "")
    return Section(
        title="Chứng cứ kèm theo",
        lines=[
            f"Phạm vi đã tìm: {scope}. Số dòng nhật ký: {len(matter.leaves)} (nhat-ky.csv).",
            "Điểm kiểm chứng đã ký của nhật ký: diem-kiem-chung.txt; danh sách người bị ảnh hưởng được niêm phong.",
        ],
    )
