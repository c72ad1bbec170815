"""What the console has, by part; who sees what follows from their rights."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace

from gateway.operators.model import Right

HOME = "/console"
ALL = frozenset(Right)
LOOK = frozenset({Right.LOOK})
AUDIT = frozenset({Right.AUDIT})
PRIVACY = frozenset({Right.PRIVACY})
ADMINISTER = frozenset({Right.ADMINISTER})
FOUR_EYES = frozenset({Right.APPROVE, Right.OPERATE, Right.UNSEAL, Right.PRIVACY})
"""Whoever asks for what takes a second person, or allows it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One page. `rights`: any of them opens it."""

    path: str
    vi: str
    en: str
    rights: frozenset[Right] = LOOK


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One part, with its pages; the first is where its name leads."""

    vi: str
    en: str
    items: tuple[Item, ...]

    def seen_by(self, rights: Collection[Right]) -> Section:
        return replace(self, items=tuple(item for item in self.items if item.rights & {*rights}))

    def nearest(self, path: str) -> Item | None:
        """Its page under which `path` stands: itself, or the list it was opened from."""
        above = (item for item in self.items if _within(path, item.path))
        return max(above, key=lambda item: len(item.path), default=None)

    def holds(self, path: str) -> bool:
        """Whether the page belongs here: the longest address that it begins with decides."""
        best = max((item.path for item in _ITEMS if _within(path, item.path)), key=len, default="")
        return any(item.path == best for item in self.items)


def opens(path: str, rights: Collection[Right]) -> bool:
    """Whether somebody with these rights may open the page that a link leads to."""
    above = (item for item in _ITEMS if _within(path.partition("?")[0], item.path))
    best = max(above, key=lambda item: len(item.path), default=None)
    return best is not None and bool(best.rights & {*rights})


def _within(path: str, parent: str) -> bool:
    return path == parent or path.startswith(f"{parent}/")


SECTIONS: tuple[Section, ...] = (
    Section(
        vi="Tổng quan",
        en="Overview",
        items=(
            Item(path="/console", vi="Tình trạng", en="State"),
            Item(path="/console/traffic", vi="Biểu đồ", en="Plots"),
            Item(path="/console/traffic/sharing", vi="Thống kê chia sẻ", en="Sharing"),
            Item(path="/console/alarms", vi="Cảnh báo", en="Alarms"),
        ),
    ),
    Section(
        vi="Giao dịch",
        en="Transactions",
        items=(Item(path="/console/transactions", vi="Tìm giao dịch", en="Search"),),
    ),
    Section(
        vi="Hồ sơ, gửi nhận",
        en="Dossiers",
        items=(
            Item(path="/console/delivery", vi="Gửi đi", en="Delivery"),
            Item(path="/console/delivery/held", vi="Đang giữ", en="Held"),
            Item(path="/console/dossiers", vi="Hồ sơ, thời hạn", en="Dossiers, deadlines"),
            Item(path="/console/dossiers/parked", vi="Bước chờ", en="Parked"),
            Item(path="/console/delivery/replay", vi="Gửi lại", en="Replay"),
            Item(path="/console/discrepancies", vi="Sai lệch", en="Discrepancies"),
            Item(path="/console/jobs", vi="Việc hàng loạt", en="Jobs"),
        ),
    ),
    Section(
        vi="Thanh toán",
        en="Payments",
        items=(
            Item(path="/console/payments", vi="Bảng thanh toán", en="Board"),
            Item(path="/console/payments/cases", vi="Vụ việc", en="Cases"),
            Item(path="/console/payments/refunds", vi="Hoàn trả", en="Refunds"),
            Item(path="/console/payments/closing", vi="Đối soát ngày", en="Closing"),
            Item(path="/console/payments/receipts", vi="Biên lai", en="Receipts"),
        ),
    ),
    Section(
        vi="Điểm số",
        en="Scores",
        items=(
            Item(path="/console/scores", vi="QĐ 766", en="QĐ 766"),
            Item(path="/console/scores/warnings", vi="Sắp mất điểm", en="Point loss"),
            Item(path="/console/scores/indicators", vi="Chỉ số khác", en="Indicators"),
            Item(path="/console/catalogues", vi="Danh mục", en="Catalogues"),
        ),
    ),
    Section(
        vi="Chẩn đoán",
        en="Diagnostics",
        items=(
            Item(path="/console/diagnostics", vi="Thử kết nối", en="Test a partner"),
            Item(path="/console/diagnostics/signature", vi="Giải thích chữ ký", en="Explain a signature"),
            Item(path="/console/mappings", vi="Ánh xạ", en="Mappings"),
        ),
    ),
    Section(
        vi="Chứng cứ",
        en="Evidence",
        items=(
            Item(path="/console/evidence", vi="Nhật ký", en="Log", rights=AUDIT),
            Item(path="/console/evidence/packages", vi="Gói chứng cứ", en="Packages", rights=AUDIT),
            Item(path="/console/evidence/reviews", vi="Rà soát nhật ký", en="Log reviews", rights=AUDIT),
            Item(path="/console/privacy/looks", vi="Ai đã tra cứu", en="Who looked", rights=PRIVACY),
            Item(path="/console/privacy/requests", vi="Yêu cầu của công dân", en="Requests", rights=PRIVACY),
            Item(path="/console/privacy/breaches", vi="Vi phạm dữ liệu", en="Breaches", rights=PRIVACY),
            Item(path="/console/privacy/holds", vi="Giữ và xoá dữ liệu", en="Holds, erasure", rights=PRIVACY),
        ),
    ),
    Section(
        vi="Quản trị",
        en="Administration",
        items=(
            Item(path="/console/approvals", vi="Phê duyệt", en="Approvals", rights=FOUR_EYES),
            Item(path="/console/clients", vi="Hệ thống gọi", en="Clients"),
            Item(path="/console/agreements", vi="Thoả thuận", en="Agreements"),
            Item(path="/console/access-requests", vi="Đề nghị kết nối", en="Access requests"),
            Item(path="/console/keys", vi="Khoá, chứng thư", en="Keys"),
            Item(path="/console/maintenance", vi="Bảo trì", en="Maintenance"),
            Item(path="/console/alerts", vi="Báo tin", en="Alerts"),
            Item(path="/console/operators", vi="Người vận hành", en="Operators", rights=ADMINISTER),
            Item(path="/console/account", vi="Tài khoản của tôi", en="My account", rights=ALL),
        ),
    ),
)
_ITEMS = tuple(item for section in SECTIONS for item in section.items)
