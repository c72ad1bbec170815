"""What a leaf ended with, in words."""

from __future__ import annotations

import pytest

from gateway.console.log_words import outcome
from gateway.console.view import texts


@pytest.mark.parametrize(
    ("name", "kind", "vi", "en"),
    [
        ("recorded", "inbound", "đã nhận và ghi lại", "taken in and kept"),
        ("equal", "exchange", "đối chiếu khớp", "both sides are equal"),
        ("missing", "exchange", "hệ thống quốc gia không có hồ sơ này", "the national system does not have it"),
        (
            "partner.unsettled",
            "exchange",
            "đã gửi nhưng chưa rõ có nhận hay không",
            "it was sent, and whether it arrived is unknown",
        ),
        ("partner.no_answer", "exchange", "không trả lời kịp", "it did not answer in time"),
        ("http_403", "request", "bị từ chối: không có quyền", "http 403"),
        ("answered", "admin", "đã làm", "done"),
        ("refused", "admin", "bị từ chối", "refused"),
        ("refused", "exchange", "hệ thống được hỏi từ chối", "refused"),
        ("accepted", "admin", "đã nhận làm", "taken on"),
        ("storage_filling", "alarm", "Ổ đĩa sắp đầy.", "The disk is filling up."),
        ("something_new", "alarm", "something new", "something new"),
        ("raised", "alarm", "đã báo", "raised"),
        ("x", "no_kind", "x", "x"),
    ],
)
def test_what_went_well_or_is_not_known_is_not_called_a_failure(name: str, kind: str, vi: str, en: str) -> None:
    assert outcome(name, kind, texts("vi")) == vi
    assert outcome(name, kind, texts("en")) == en
