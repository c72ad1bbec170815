"""The facts of an alarm by their names in plain words, and whom or what it concerns."""

from __future__ import annotations

from gateway.alarms.model import Alarm

FACTS: dict[str, tuple[str, str]] = {
    "act": ("Việc", "Act"),
    "case": ("Vụ việc", "Case"),
    "check": ("Lần kiểm tra", "Check"),
    "client": ("Hệ thống gọi", "Client"),
    "code": ("Mã lỗi", "Code"),
    "count": ("Số đếm được", "Counted"),
    "day": ("Ngày", "Day"),
    "days": ("Số ngày còn lại", "Days left"),
    "digest": ("Mã băm", "Digest"),
    "dossier": ("Hồ sơ", "Dossier"),
    "dossiers": ("Số hồ sơ", "Dossiers"),
    "due": ("Hạn", "Due"),
    "entries": ("Số mục nhật ký", "Leaves"),
    "failures": ("Số lần sai", "Failures"),
    "first_due": ("Hạn sớm nhất", "First due"),
    "free_bytes": ("Còn trống (byte)", "Free bytes"),
    "held": ("Đang bị chặn", "Blocked"),
    "left": ("Còn lại", "Left"),
    "most": ("Mức cho phép", "Allowed"),
    "name": ("Tên cấu hình", "Name in the settings"),
    "number": ("Số thoả thuận", "Agreement"),
    "officer": ("Cán bộ", "Officer"),
    "oldest": ("Cũ nhất", "Oldest"),
    "payment": ("Thanh toán", "Payment"),
    "percent": ("Đã dùng (%)", "Used (%)"),
    "receipt": ("Biên lai", "Receipt"),
    "receiver": ("Nơi nhận tin", "Receiver"),
    "row": ("Mục nhật ký", "Leaf"),
    "serial": ("Số sê-ri", "Serial"),
    "size": ("Độ dài nhật ký", "Size of the log"),
    "source": ("Địa chỉ mạng", "Address"),
    "step": ("Bước", "Step"),
    "system": ("Hệ thống", "System"),
    "tries": ("Số lần thử", "Tries"),
    "until": ("Đến ngày", "Until"),
    "version": ("Phiên bản", "Version"),
    "wait_s": ("Phải chờ (giây)", "Wait (s)"),
    "waiting": ("Đang chờ", "Waiting"),
}


def about(alarm: Alarm) -> tuple[str, str, str]:
    """Whom or what it concerns: Vietnamese, English, and where more of it is seen."""
    subject, _, name = alarm.occasion.about.partition(":")
    shown = {
        "system": ("hệ thống", "system", f"/console/transactions?system={name}"),
        "officer": ("cán bộ", "officer", ""),
        "client": ("hệ thống gọi", "client", ""),
        "rail": ("kênh thanh toán", "rail", ""),
        "agreement": ("thoả thuận", "agreement", ""),
        "approval": ("phê duyệt", "approval", ""),
        "operator": ("người vận hành", "operator", ""),
        "certificate": ("chứng thư", "certificate", ""),
        "address": ("địa chỉ", "address", ""),
    }
    if subject not in shown or not name:
        return alarm.occasion.about, alarm.occasion.about, ""
    vi, en, path = shown[subject]
    return f"{vi} {name}", f"{en} {name}", path
