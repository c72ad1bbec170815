"""What people read instead of our names."""

from __future__ import annotations

from datetime import datetime

from gateway.domain import VIETNAM
from gateway.privacy.model import RequestKind, RequestState, StartPoint

KINDS = {
    RequestKind.ACCESS: "Xem, được cung cấp dữ liệu",
    RequestKind.CORRECT: "Chỉnh sửa dữ liệu",
    RequestKind.ERASE: "Xoá dữ liệu",
    RequestKind.RESTRICT: "Hạn chế xử lý",
    RequestKind.OBJECT: "Phản đối xử lý",
    RequestKind.WITHDRAW: "Rút lại sự đồng ý",
}
STATES = {
    RequestState.RECEIVED: "đã tiếp nhận",
    RequestState.ANSWERED: "đã trả lời, đang thực hiện",
    RequestState.DONE: "đã thực hiện",
    RequestState.REFUSED: "từ chối có lý do",
}
STARTS = {StartPoint.HAPPENED: "từ khi xảy ra vi phạm", StartPoint.DISCOVERED: "từ khi phát hiện vi phạm"}

OPERATIONS = {
    "verify_citizen": "Xác thực thông tin công dân",
    "lookup_citizen": "Tra cứu thông tin công dân",
    "lookup_account": "Tra cứu tài khoản trên Cổng dịch vụ công",
    "find_account": "Tra cứu tài khoản trên Cổng dịch vụ công",
    "lookup_enterprise": "Tra cứu doanh nghiệp",
    "verify_enterprise": "Xác thực doanh nghiệp",
    "verify_representative": "Xác thực người đại diện theo pháp luật",
    "read_registration": "Xem hồ sơ đăng ký doanh nghiệp",
    "put_dossier": "Gửi hồ sơ",
    "sync_dossier": "Đồng bộ hồ sơ lên Cổng dịch vụ công",
    "create_recheck": "Yêu cầu xác thực lại",
    "who_looked": "Lập báo cáo ai đã tra cứu",
    "search_person": "Người vận hành tìm giao dịch theo số định danh",
    "unseal_bodies": "Người vận hành mở nội dung đã trao đổi",
    "export_evidence": "Lập gói chứng cứ có nội dung đã trao đổi",
    "get_data_subject": "Xem ai đã gửi yêu cầu về dữ liệu",
    "console_data_request_receive": "Tiếp nhận yêu cầu về dữ liệu",
    "console_hold_place": "Đặt lệnh giữ, không cho xoá dữ liệu",
}
OUTCOMES = {
    "answered": "có kết quả",
    "accepted": "hệ thống đã nhận",
    "absent": "không có dữ liệu",
    "pending": "chưa có kết quả",
    "refused": "hệ thống được hỏi từ chối",
    "put_off": "đang xử lý từ lần gửi trước",
    "copied": "trả lời từ bản lưu tạm, không hỏi hệ thống",
    "http_401": "bị từ chối: không xác thực được",
    "http_403": "bị từ chối: không có quyền",
    "http_422": "bị từ chối: yêu cầu sai",
    "http_429": "bị từ chối: hỏi quá nhiều",
}


def operation_of(name: str) -> str:
    return OPERATIONS.get(name, name)


def outcome_of(name: str) -> str:
    return OUTCOMES.get(name, f"không thành công ({name})")


def moment(at: datetime | None) -> str:
    return f"{at.astimezone(VIETNAM):%H:%M %d/%m/%Y}" if at else "–"


def hours(left: float) -> str:
    """How long a clock still runs, or how late it is."""
    return f"còn {left:.1f} giờ" if left >= 0 else f"quá hạn {-left:.1f} giờ"
