"""The board in plain words: what a state is called, what it was told from, and what to do next."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta

from gateway.console.view import Text
from gateway.domain import local_day
from gateway.traffic.board import MOST, Card, View
from gateway.traffic.state import State, Why

STATES: dict[State, tuple[str, str, str]] = {
    State.OPEN: ("Hoạt động", "Open", "good"),
    State.SLOW: ("Chập chờn", "Slow or shaky", "late"),
    State.BROKEN: ("Mất kết nối", "Broken", "bad"),
    State.PAUSED: ("Tạm ngừng gửi", "Paused", "late"),
    State.MAINTENANCE: ("Bảo trì", "Maintenance", "calm"),
    State.UNKNOWN: ("Chưa biết", "Unknown", "calm"),
}
"""Vietnamese, English, kind of badge."""

WHYS: dict[Why, tuple[str, str]] = {
    Why.WELL: (
        "Trả lời bình thường trong 15 phút qua.",
        "It answered well in the last 15 minutes.",
    ),
    Why.SOME_FAIL: (
        "Một phần cuộc gọi trong 15 phút qua lỗi kỹ thuật phía hệ thống quốc gia.",
        "Some calls of the last 15 minutes failed for technical reasons on their side.",
    ),
    Why.SLOW_ANSWERS: ("Trả lời chậm hơn mức đã đặt.", "It answers more slowly than the limit that was set."),
    Why.FAILS: (
        "Phần lớn cuộc gọi trong 15 phút qua lỗi kỹ thuật phía hệ thống quốc gia.",
        "Most calls of the last 15 minutes failed for technical reasons on their side.",
    ),
    Why.FAILS_NOW: (
        "Phần lớn cuộc gọi trong 2 phút qua lỗi kỹ thuật phía hệ thống quốc gia.",
        "Most calls of the last 2 minutes failed for technical reasons on their side.",
    ),
    Why.BREAKER: (
        "Tiến trình phục vụ trang này đang ngắt mạch vì hệ thống không trả lời; tiến trình gửi hồ sơ có cầu dao riêng.",
        "The process that serves this page has cut the connection; the workers have breakers of their own.",
    ),
    Why.PAUSED: (
        "Người vận hành đã tạm ngừng gửi; hồ sơ vẫn được nhận và chờ.",
        "An operator has paused it; dossiers are taken in and wait.",
    ),
    Why.PLANNED: ("Đang trong thời gian tạm ngừng đã thông báo.", "It is in a planned suspension."),
    Why.NO_TRAFFIC: (
        "Không có cuộc gọi nào trong 15 phút qua, nên chưa biết hệ thống có tốt hay không.",
        "Nothing was asked in the last 15 minutes, so nobody knows how it is.",
    ),
    Why.STALE: (
        "Số liệu chưa theo kịp hiện tại, nên chưa biết hệ thống có tốt hay không.",
        "The figures are not of now, so nobody knows how it is.",
    ),
}

SOON = timedelta(days=30)
FAILED = "/console/transactions?system={}&fault=partner_technical"
OPENED = {"closed": ("thông", "closed"), "open": ("đang ngắt", "open"), "half_open": ("đang thử lại", "half open")}
"""A breaker in words."""


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next; `path` empty: nothing."""

    vi: str
    en: str
    path: str = ""


def next_step(card: Card, at: datetime) -> Step:
    """The most urgent thing alone."""
    return next((step for is_due, step in _steps(card, at) if is_due), Step("Không cần làm gì", "Nothing to do"))


def _steps(card: Card, at: datetime) -> tuple[tuple[bool, Step], ...]:
    """Whether each is due, the most urgent first."""
    name, state = card.system, card.state
    ends_soon = card.agreement_end is not None and card.agreement_end <= local_day(at + SOON)
    expires_soon = card.certificate_end is not None and card.certificate_end <= at + SOON
    held = f"/console/delivery/held?target={name}"
    testing = "/console/diagnostics"
    return (
        (
            state is State.PAUSED,
            Step("Mở lại khi hệ thống đã sẵn sàng", "Resume it when it is ready", "/console/delivery"),
        ),
        (
            state is State.MAINTENANCE,
            Step("Xem kế hoạch tạm ngừng", "See the plan", "/console/maintenance"),
        ),
        (state is State.BROKEN, Step("Thử kết nối từng bước", "Test the connection step by step", testing)),
        (bool(card.lane and card.lane.held), Step("Xem hồ sơ đang giữ", "Look at what is held", held)),
        (state is State.SLOW, Step("Xem các giao dịch lỗi", "Look at what failed", FAILED.format(name))),
        (card.alarms > 0, Step("Xem cảnh báo", "Look at the alarms", "/console/alarms")),
        (card.discrepancies > 0, Step("Xem sai lệch đối soát", "Look at discrepancies", "/console/discrepancies")),
        (ends_soon, Step("Gia hạn thoả thuận", "Renew the agreement", "/console/agreements")),
        (expires_soon, Step("Thay chứng thư sắp hết hạn", "Replace the certificate that ends", testing)),
        (state is State.UNKNOWN, Step("Thử kết nối để biết chắc", "Test the connection to be sure", testing)),
    )


def summary(view: View, t: Text) -> str:
    """One line for whoever listens rather than looks; without figures that change all the time."""
    counts = Counter(card.state for card in view.cards)
    parts = [f"{t(*STATES[state][:2])}: {counts[state]}" for state in State if counts[state]]
    return f"{t('Hệ thống quốc gia', 'National systems')}: {len(view.cards)}. {'; '.join(parts)}."


def many(count: int, t: Text) -> str:
    """Counted up to `MOST`."""
    return str(count) if count <= MOST else t(f"hơn {MOST}", f"more than {MOST}")
