"""States, verdicts and messages of delivery in both languages, in words that need no code list."""

from __future__ import annotations

from collections.abc import Mapping

from gateway.delivery.jobs.model import JobState, Work
from gateway.delivery.model import StreamState, Verdict

Words = tuple[str, str]

STATES: Mapping[StreamState, tuple[str, str, str]] = {
    StreamState.IDLE: ("đã gửi hết", "all delivered", "good"),
    StreamState.READY: ("tới lượt gửi", "due", "calm"),
    StreamState.WAITING: ("chờ gửi lại", "waits for the next try", "late"),
    StreamState.CLAIMED: ("đang gửi", "being sent", "calm"),
    StreamState.HELD: ("đang giữ", "held", "bad"),
}
"""With the kind of badge."""

VERDICTS: Mapping[Verdict, tuple[Words, Words]] = {
    Verdict.UNKNOWN: (
        ("Chưa rõ: hỏi lại bên nhận", "Not known: ask the system"),
        (
            "Cổng hỏi bên nhận trước; có rồi thì thôi, chưa có mới gửi. Chọn mục này khi đã sửa nguyên nhân mà không "
            "chắc bản tin đã tới hay chưa.",
            "The system is asked first, and gets only what it lacks. Choose this when the cause is mended and you are "
            "not sure.",
        ),
    ),
    Verdict.ARRIVED: (
        ("Đã tới: gửi bản tin kế tiếp", "Arrived: go on with the next"),
        (
            "Bạn đã xem ở bên nhận và thấy bản tin này. Bản tin được coi là đã gửi, không gửi lại.",
            "You looked, and the system has it. It counts as delivered and is not sent again.",
        ),
    ),
    Verdict.MISSING: (
        ("Chưa tới: gửi luôn, không hỏi", "Missing: send without asking"),
        (
            "Bạn đã xem và chắc chắn bên nhận chưa có. Nếu nhầm, bên nhận có thể nhận hai lần.",
            "You looked, and it surely lacks it. If you are wrong, it may get it twice.",
        ),
    ),
    Verdict.REPLACED: (
        ("Thay bằng bản mới nhất của hồ sơ", "Replaced by the newest version"),
        (
            "Bản tin bị từ chối vì nội dung sai và hồ sơ đã được sửa: bản mới nhất đi thay cho bản này.",
            "It was refused for its content and the dossier has been corrected: the newest version goes in its place.",
        ),
    ),
    Verdict.DROPPED: (
        ("Bỏ hẳn bản tin này", "Drop it for good"),
        (
            "Một bước gửi nhầm, không bao giờ gửi nữa. Các bản tin sau vẫn gửi.",
            "A step that should not have been told. It is never sent; those behind it are.",
        ),
    ),
}
"""Its name, and what happens."""

OPERATIONS: Mapping[str, Words] = {
    "sync_dossier": ("Toàn bộ hồ sơ", "The whole dossier"),
    "report_progress": ("Bước xử lý", "A step"),
    "report_origin_status": ("Trạng thái hồ sơ nộp từ Cổng", "Status of a dossier born at the portal"),
    "upload_file": ("Tệp giấy tờ", "A file"),
    "answer_question": ("Câu trả lời hỏi đáp", "An answer"),
    "publish_question": ("Hỏi đáp công khai", "A published question"),
    "publish_ratings": ("Đánh giá mức độ hài lòng", "Ratings"),
    "initiate_payment": ("Khởi tạo thanh toán", "A payment"),
    "query_payment": ("Hỏi kết quả thanh toán", "A question about a payment"),
    "verify_report": ("Xác minh báo có", "Check of a payment report"),
    "refund_payment": ("Lệnh hoàn trả", "A refund"),
    "query_refund": ("Hỏi kết quả hoàn trả", "A question about a refund"),
    "submit_receipts": ("Biên lai gửi cơ quan thuế", "Receipts for the tax office"),
    "fetch_voucher": ("Lấy chứng từ nộp tiền", "A voucher"),
    "download_voucher": ("Tải chứng từ nộp tiền", "A voucher's file"),
}

CAUSES: Mapping[str, Words] = {
    "partner.refused": ("Bên nhận từ chối nội dung", "The system refused the content"),
    "partner.cannot_tell": ("Không rõ bên nhận đã có hay chưa", "It is not known whether the system has it"),
    "partner.no_such_value": ("Bên nhận trả lời không có dữ liệu này", "The system holds no such value"),
    "partner.pending": ("Bên nhận chưa có kết quả cuối cùng", "The system has no final answer yet"),
    "partner.protocol_violation": ("Bên nhận trả lời không đúng đặc tả", "The answer breaks the contract"),
    "operator.held": ("Cán bộ vận hành đang giữ", "A person holds it"),
    "": ("Chưa ghi nguyên nhân", "No cause was kept"),
}
"""By the code of a trouble; one that is not here is told by its own sentence."""

WORKS: Mapping[Work, Words] = {
    Work.RELEASE: ("Cho gửi lại hàng loạt", "Release many"),
    Work.REPLAY: ("Gửi lại bản tin đã gửi", "Replay"),
    Work.RECONCILE: ("Đối soát", "Reconcile"),
}
JOBS: Mapping[JobState, tuple[str, str, str]] = {
    JobState.DRAFTED: ("chưa bắt đầu", "not begun", "late"),
    JobState.RUNNING: ("đang chạy", "running", "calm"),
    JobState.INTERRUPTED: ("bị dừng giữa chừng", "interrupted", "bad"),
    JobState.ENDED: ("đã xong", "ended", "good"),
}
