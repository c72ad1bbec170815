"""Whether a rule and a receiver make sense."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Sequence

from gateway.alerts.model import LOW_IS_BAD, OF_NO_SYSTEM, Channel, Metric, Receiver, Rule
from gateway.callbacks.address import check_address
from gateway.sdk.errors import FieldProblem, UnprocessableError

LONGEST_NAME = 100
LONGEST_S = 30 * 86_400
KIND = re.compile(r"[a-z_]{1,60}")
ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}"
)

SUGGESTED = (
    Rule(name="Mất kết nối hệ thống quốc gia", metric=Metric.SUCCESS, raise_at=50, clear_at=90, for_s=60, quiet_s=1800),
    Rule(name="Trả lời chậm", metric=Metric.P95, raise_at=5000, clear_at=3000, for_s=600, quiet_s=3600),
    Rule(name="Bản tin chờ gửi quá lâu", metric=Metric.OLDEST, raise_at=60, clear_at=15, for_s=300, quiet_s=3600),
    Rule(name="Có hồ sơ bị giữ", metric=Metric.HELD, raise_at=1, clear_at=0, for_s=900, quiet_s=14_400),
    Rule(name="Chứng thư sắp hết hạn", metric=Metric.CERTIFICATE, raise_at=30, clear_at=45, quiet_s=604_800),
    Rule(name="Thoả thuận sắp hết hạn", metric=Metric.AGREEMENT, raise_at=30, clear_at=45, quiet_s=604_800),
    Rule(name="Có cảnh báo chờ xử lý", metric=Metric.ALARMS, raise_at=1, clear_at=0, for_s=300, quiet_s=14_400),
    Rule(
        name="Số liệu bị chậm so với nhật ký",
        metric=Metric.LAG,
        raise_at=20_000,
        clear_at=1000,
        for_s=600,
        quiet_s=3600,
    ),
)
"""What most provinces want; nothing is watched before somebody takes them over. They tell every receiver."""


def check_rule(rule: Rule, *, systems: Sequence[str], receivers: Collection[int]) -> None:
    """`UnprocessableError` that names each field."""
    wrong = [*_of_thresholds(rule), *_of_subject(rule, systems)]
    if not _is_name(rule.name):
        wrong.append(_name())
    if not (0 <= rule.for_s <= LONGEST_S and 0 <= rule.quiet_s <= LONGEST_S):
        wrong.append(_problem("/for_s", "Times are 0 to 30 days.", "Thời gian từ 0 đến 30 ngày."))
    if not set(rule.receivers) <= set(receivers):
        wrong.append(_problem("/receivers", "There is no such receiver.", "Không có nơi nhận này."))
    if wrong:
        raise UnprocessableError("The rule does not make sense.", vi="Quy tắc chưa hợp lý.", fields=wrong)


def _of_thresholds(rule: Rule) -> list[FieldProblem]:
    if not (math.isfinite(rule.raise_at) and math.isfinite(rule.clear_at)):
        return [_problem("/raise_at", "A threshold is a number.", "Ngưỡng phải là số.")]
    is_low_bad = rule.metric in LOW_IS_BAD
    if rule.clear_at > rule.raise_at if is_low_bad else rule.clear_at < rule.raise_at:
        return []
    return [
        _problem(
            "/clear_at",
            f"It clears {'above' if is_low_bad else 'below'} where it is raised.",
            f"Ngưỡng hết phải {'cao' if is_low_bad else 'thấp'} hơn ngưỡng báo.",
        )
    ]


def _of_subject(rule: Rule, systems: Sequence[str]) -> list[FieldProblem]:
    if rule.metric in OF_NO_SYSTEM:
        is_known = not rule.subject or (rule.metric is Metric.ALARMS and bool(KIND.fullmatch(rule.subject)))
    else:
        is_known = not rule.subject or rule.subject in systems
    return [] if is_known else [_problem("/subject", "There is no such subject.", "Không có đối tượng này.")]


def check_receiver(receiver: Receiver, *, mails: bool) -> None:
    """`UnprocessableError`: no name, no address, or mail without a mail server."""
    if not _is_name(receiver.name):
        raise UnprocessableError("It needs a name.", vi="Phải đặt tên.", fields=[_name()])
    if receiver.channel is Channel.WEBHOOK:
        check_address(receiver.address)
        return
    if not mails:
        raise UnprocessableError(
            "No mail server is set ([alerts.smtp]).", vi="Chưa cấu hình máy chủ thư ([alerts.smtp])."
        )
    if len(receiver.address) > 254 or not ADDRESS.fullmatch(receiver.address):
        raise UnprocessableError(
            "That is no e-mail address.",
            vi="Đây không phải địa chỉ thư điện tử.",
            fields=[_problem("/address", "No e-mail address.", "Không phải địa chỉ thư.")],
        )


def _is_name(name: str) -> bool:
    return 0 < len(name.strip()) <= LONGEST_NAME and name.isprintable()


def _name() -> FieldProblem:
    return _problem("/name", f"1 to {LONGEST_NAME} letters.", f"Từ 1 đến {LONGEST_NAME} ký tự.")


def _problem(pointer: str, detail: str, detail_vi: str) -> FieldProblem:
    return FieldProblem(pointer=pointer, detail=detail, detail_vi=detail_vi)
