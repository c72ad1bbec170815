"""What each figure says, in plain words: its numerator, its denominator, and what is left out (KPI-09)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Words = tuple[str, str]
"""Vietnamese, English."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """`no` names what costs points: those that are in the denominator alone."""

    name: Words
    numerator: Words
    denominator: Words
    excluded: Words = ("Không có", "None")
    no: Words


RECEIVED = ("Hồ sơ tiếp nhận trong kỳ", "Dossiers received in the period")
FINISHED = ("Hồ sơ xử lý xong trong kỳ, dù tiếp nhận khi nào", "Dossiers finished in the period, whenever received")
NO_PAPERS = ("Hồ sơ không khai thành phần nào", "Dossiers that name no paper")
NO_DUE = ("Hồ sơ không có ngày hẹn trả", "Dossiers without a due date")
FIGURES: Mapping[str, Told] = {
    "synced": Told(
        name=("Đồng bộ đầy đủ", "Synchronised"),
        numerator=("Lần đối soát mới nhất thấy Cổng có đủ và giống", "The newest comparison found it whole and equal"),
        denominator=RECEIVED,
        excluded=("Hồ sơ mà Cổng không cho tra cứu", "Dossiers that the portal does not show"),
        no=(
            "Thiếu, khác, đang giữ, đang gửi hoặc chưa đối soát",
            "Missing, different, held, under way, never compared",
        ),
    ),
    "sync_in_time": Told(
        name=("Bản tin kịp thời", "Messages in time"),
        numerator=(
            "Bản tin được xác nhận trong thời gian cấu hình",
            "Messages acknowledged within the configured time",
        ),
        denominator=("Bản tin vào hàng gửi trong kỳ", "Messages put into their streams in the period"),
        excluded=("Bản tin chưa gửi xong và chưa tới hạn", "Messages under way and not due yet"),
        no=("Xác nhận muộn hoặc quá hạn chưa xác nhận", "Acknowledged late, or due and not acknowledged"),
    ),
    "on_time": Told(
        name=("Giải quyết sớm hoặc đúng hạn", "Early or on time"),
        numerator=("Xử lý xong không muộn hơn ngày hẹn trả", "Finished no later than due"),
        denominator=FINISHED,
        excluded=NO_DUE,
        no=("Xử lý xong nhưng trễ hạn", "Finished late"),
    ),
    "early": Told(
        name=("Giải quyết sớm hạn", "Early"),
        numerator=("Xử lý xong trước ngày hẹn trả", "Finished before the day on which it was due"),
        denominator=FINISHED,
        excluded=NO_DUE,
        no=("Đúng ngày hẹn hoặc muộn hơn", "On the day, or later"),
    ),
    "apologised": Told(
        name=("Có văn bản xin lỗi khi trễ hạn", "Apologies for being late"),
        numerator=("Hồ sơ trễ hạn có ngày gửi văn bản xin lỗi", "Late dossiers with the date of an apology"),
        denominator=(
            "Hồ sơ đang mở đã quá hạn, và hồ sơ xong trễ trong kỳ",
            "Open and overdue, or finished late in the period",
        ),
        no=("Trễ hạn, không có văn bản xin lỗi", "Late without an apology"),
    ),
    "open_in_time": Told(
        name=("Đang mở, còn trong hạn", "Open and within the limit"),
        numerator=("Hồ sơ đang xử lý chưa tới hạn", "Dossiers being handled, not due yet"),
        denominator=("Hồ sơ đang xử lý tại thời điểm chốt", "Dossiers being handled at the cut-off"),
        excluded=NO_DUE,
        no=("Đang mở và đã quá hạn", "Open and overdue"),
    ),
    "digitised": Told(
        name=("Số hoá thành phần hồ sơ", "Papers digitised"),
        numerator=("Mọi thành phần đã số hoá hoặc tái sử dụng", "Every paper is digitised or reused"),
        denominator=RECEIVED,
        excluded=NO_PAPERS,
        no=("Còn thành phần chưa số hoá", "Some paper is not digitised"),
    ),
    "e_result": Told(
        name=("Kết quả điện tử", "Electronic results"),
        numerator=("Có ít nhất một kết quả điện tử", "At least one electronic result"),
        denominator=("Hồ sơ xử lý xong (9, 10) trong kỳ", "Dossiers with a result in the period"),
        no=("Không có kết quả điện tử", "No electronic result"),
    ),
    "reused": Told(
        name=("Tái sử dụng giấy tờ", "Papers reused"),
        numerator=("Có ít nhất một giấy tờ tái sử dụng", "At least one paper is reused"),
        denominator=RECEIVED,
        excluded=NO_PAPERS,
        no=("Không tái sử dụng giấy tờ nào", "No paper is reused"),
    ),
    "reused_national": Told(
        name=("Giấy tờ từ kho quốc gia", "Papers of the national store"),
        numerator=(
            "Có ít nhất một giấy tờ từ kho dữ liệu điện tử quốc gia",
            "At least one paper of the national store",
        ),
        denominator=RECEIVED,
        excluded=NO_PAPERS,
        no=("Không có giấy tờ nào từ kho quốc gia", "No paper of the national store"),
    ),
    "online": Told(
        name=("Nộp trực tuyến", "Submitted online"),
        numerator=("Nộp trực tuyến", "Submitted online"),
        denominator=RECEIVED,
        no=("Nộp trực tiếp hoặc qua bưu chính", "Submitted at the counter or by post"),
    ),
    "online_finished": Told(
        name=("Xử lý xong, nộp trực tuyến", "Finished, submitted online"),
        numerator=("Nộp trực tuyến", "Submitted online"),
        denominator=FINISHED,
        no=("Nộp trực tiếp hoặc qua bưu chính", "Submitted at the counter or by post"),
    ),
    "online_on_time": Told(
        name=("Trực tuyến, đúng hạn", "Online, on time"),
        numerator=("Xử lý xong không muộn hơn ngày hẹn trả", "Finished no later than due"),
        denominator=(
            "Hồ sơ trực tuyến xử lý xong trong kỳ, có ngày hẹn trả",
            "Online dossiers finished in the period, with a due date",
        ),
        no=("Hồ sơ trực tuyến xong trễ", "Online dossiers that were late"),
    ),
    "paid_online": Told(
        name=("Thanh toán trực tuyến", "Paid online"),
        numerator=(
            "Đã trả trực tuyến: qua cổng này, hoặc theo lời hệ thống một cửa",
            "Paid through this gateway, or as the one-stop system says",
        ),
        denominator=("Hồ sơ tiếp nhận trong kỳ có phí, lệ phí", "Dossiers received in the period that cost a fee"),
        no=("Có phí, chưa thấy trả trực tuyến", "A fee, and no online payment is known"),
    ),
    "satisfied": Told(
        name=("Hài lòng trở lên", "Satisfied or more"),
        numerator=("Người chọn rất hài lòng hoặc hài lòng", "People who chose very satisfied or satisfied"),
        denominator=("Người đánh giá trong các tháng của kỳ", "People who rated in the months of the period"),
        no=("Người chọn chưa hài lòng", "People who were not satisfied"),
    ),
    "handled": Told(
        name=("Thời gian giải quyết", "Time of handling"),
        numerator=("Có ngày tiếp nhận và ngày xử lý xong", "With the moments of reception and result"),
        denominator=FINISHED,
        excluded=(
            "Thiếu ngày, hoặc xong trước khi tiếp nhận",
            "A date is missing, or the result is before the reception",
        ),
        no=("Không có", "None"),
    ),
    "mirrored": Told(
        name=("Hồ sơ của hệ thống khác", "Dossiers of other systems"),
        numerator=(
            "Hồ sơ phát sinh tại Cổng, tiếp nhận trong kỳ; không tính vào chỉ tiêu nào khác",
            "Born at the portal, received in the period; in no other figure",
        ),
        denominator=("Như tử số", "The same"),
        no=("Không có", "None"),
    ),
    "total_time": Told(
        name=("Chỉ số 1: tổng thời gian", "Indicator 1: time in all"),
        numerator=(
            "2 điểm: trước ngày hẹn; 1 điểm: đúng ngày hẹn; 0: muộn hơn",
            "2: before the day; 1: on the day; 0: later",
        ),
        denominator=FINISHED,
        excluded=NO_DUE,
        no=("0 điểm", "No point"),
    ),
    "contacts": Told(
        name=("Chỉ số 3: số lần liên hệ", "Indicator 3: contacts"),
        numerator=("2 điểm: không lần bổ sung nào; 1 điểm: một lần; 0: nhiều hơn", "2: no supplement; 1: one; 0: more"),
        denominator=FINISHED,
        no=("0 điểm", "No point"),
    ),
}
CATALOGUES: Mapping[str, Words] = {
    "agencies": ("Cơ quan", "Agencies"),
    "fields": ("Lĩnh vực", "Fields"),
    "procedures": ("Thủ tục hành chính", "Procedures"),
    "online_services": ("Dịch vụ công trực tuyến", "Online services"),
}
