"""The axes and alarms of a dossier in both languages."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.rules.deadlines import Alarm

Words = tuple[str, str]

ALARMS: Mapping[Alarm, Words] = {
    Alarm.OVERDUE: ("quá hạn", "overdue"),
    Alarm.APOLOGY_MISSING: (
        "chưa có văn bản xin lỗi và hẹn lại (trước hạn 1 ngày)",
        "no written apology (a day before it is due)",
    ),
    Alarm.DUE_TODAY: ("đến hạn hôm nay", "due today"),
    Alarm.DUE_SOON: ("còn dưới 24 giờ", "less than 24 hours left"),
    Alarm.SUPPLEMENT_PENDING: ("chờ công dân bổ sung", "waits for a supplement"),
}
PAYMENTS: Mapping[str, Words] = {
    "none": ("không có khoản phải nộp qua cổng", "no payment"),
    "created": ("đã lập, chưa mở", "made, not opened"),
    "opened": ("người nộp đã mở trang thanh toán", "the payer opened the page"),
    "pending": ("ngân hàng đang xử lý", "pending at the bank"),
    "unknown": ("chưa rõ kết quả, cổng đang hỏi", "not known yet, being asked"),
    "paid": ("đã nộp", "paid"),
    "failed": ("không thành công", "failed"),
    "expired": ("hết hạn nộp", "expired"),
}
DIGITISATIONS: Mapping[str, Words] = {
    "none": ("chưa số hoá", "none"),
    "digitised": ("đã số hoá", "digitised"),
    "reused": ("tái sử dụng giấy tờ", "papers reused"),
    "reused_result": ("tái sử dụng kết quả hồ sơ khác", "another result reused"),
}
HAND_OVERS: Mapping[str, Words] = {
    "not_ready": ("chưa có kết quả", "no result yet"),
    "ready": ("có kết quả, chưa trả", "ready, not handed over"),
    "handed_over": ("đã trả kết quả", "handed over"),
}
SYNCS: Mapping[str, Words] = {
    "none": ("không có gì phải gửi", "nothing to send"),
    "complete": ("bên nhận đã có đủ", "complete"),
    "under_way": ("đang gửi", "under way"),
    "held": ("đang bị giữ, cần người xem", "held, a person must look"),
}
PLACES: Mapping[str, Words] = {
    "applied": ("đã ghi nhận", "applied"),
    "late": ("đến muộn, không đổi trạng thái", "told late, moved nothing"),
    "parked": ("chờ đúng vị trí", "parked"),
}
