"""The sentences that officers read beside a verdict. None holds a value of anybody's."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from gateway.domain import Verdict
from gateway.lookups.findings import Findings
from gateway.lookups.model import Caution, Difference, Gap, Unchecked
from gateway.sdk.errors import Origin

Sentences = tuple[str, str]
"""English, Vietnamese."""

EXPLANATIONS: Mapping[Verdict, Sentences] = {
    Verdict.MATCH: ("The register confirms these details.", "Cơ sở dữ liệu xác nhận thông tin này."),
    Verdict.MISMATCH: (
        "The register holds this number with other details; an officer decides.",
        "Cơ sở dữ liệu có số này nhưng thông tin khác; cán bộ xem xét, không tự động từ chối.",
    ),
    Verdict.NEEDS_REVIEW: (
        "What differs can be explained by the way of writing; an officer decides.",
        "Chỉ khác cách viết; cán bộ xem xét.",
    ),
    Verdict.NOT_FOUND: (
        "The register holds nobody with exactly these details. It does not say which of them is wrong.",
        "Cơ sở dữ liệu không có bản ghi nào khớp đủ các thông tin này và không cho biết thông tin nào chưa đúng.",
    ),
    Verdict.NOT_PERMITTED: (
        "This request may not see what the register holds of it, if anything.",
        "Yêu cầu này không được phép khai thác dữ liệu (nếu có) về nội dung này.",
    ),
    Verdict.UNDETERMINED: ("No conclusion may be drawn.", "Chưa kết luận được."),
}
FOUND: Sentences = ("The register holds this.", "Cơ sở dữ liệu có thông tin này.")
NO_SUCH_NUMBER: Sentences = (
    "The register holds nothing under this number.",
    "Cơ sở dữ liệu không có bản ghi nào mang số này.",
)
NO_REGISTRATION: Sentences = (
    "The register holds no registration dossier of that time.",
    "Cơ sở dữ liệu không có hồ sơ đăng ký nào trong khoảng thời gian này.",
)
NO_MORE_REGISTRATIONS: Sentences = (
    "The register shows no registration dossier of that time beyond those that were skipped.",
    "Sau số hồ sơ đã bỏ qua, cơ sở dữ liệu không trả hồ sơ đăng ký nào trong khoảng thời gian này.",
)
CONTRADICTION: Sentences = (
    "The register says no, yet its record shows the same; an officer decides.",
    "Cơ sở dữ liệu trả lời không khớp nhưng bản ghi lại giống thông tin đã hỏi; cán bộ xem xét.",
)
REPRESENTS: Sentences = (
    "The register names this person as a legal representative.",
    "Cơ sở dữ liệu ghi người này là người đại diện theo pháp luật.",
)
REPRESENTS_PERHAPS: Sentences = (
    "The register names a legal representative who may be this person; an officer decides.",
    "Cơ sở dữ liệu có người đại diện theo pháp luật có thể là người này; cán bộ xem xét.",
)
NO_REPRESENTATIVE: Sentences = (
    "The register does not name this person as a legal representative. The person may hold an authorisation: "
    "an officer asks for it.",
    "Cơ sở dữ liệu không ghi người này là người đại diện theo pháp luật. Người nộp có thể có giấy uỷ quyền: "
    "cán bộ kiểm tra giấy uỷ quyền, không tự động từ chối.",
)
NOBODY_NAMED: Sentences = (
    "The register names no legal representative of this enterprise.",
    "Cơ sở dữ liệu không ghi người đại diện theo pháp luật nào của doanh nghiệp này.",
)
UNKNOWN_PLACE: Sentences = (
    "Nothing differs, but whether the addresses are one place is not known; an officer decides.",
    "Không có điểm khác, nhưng chưa biết hai địa chỉ có cùng một nơi hay không; cán bộ xem xét.",
)
NOT_ALL_NAMED: Sentences = (
    "The register does not show the name of every legal representative of this enterprise, so it may be this person.",
    "Cơ sở dữ liệu không cho biết tên của mọi người đại diện theo pháp luật, nên chưa loại trừ được người này.",
)
NUMBER_OF_ANOTHER_NAME: Sentences = (
    "The register names a legal representative with this number under another name; an officer decides.",
    "Cơ sở dữ liệu có người đại diện theo pháp luật mang số này nhưng tên khác; cán bộ xem xét, không tự động từ chối.",
)
NOTHING_COMPARED: Sentences = (
    "The register's record holds nothing that could be compared.",
    "Bản ghi của cơ sở dữ liệu không có thông tin nào để đối chiếu.",
)
NO_CLEAR_ANSWER: Sentences = (
    "The register has not answered clearly yet.",
    "Cơ sở dữ liệu chưa trả lời rõ ràng.",
)
_GOES_ON: Sentences = (
    "The dossier can go on, marked as not yet verified; ask again later.",
    "Có thể tiếp nhận hồ sơ, ghi «chưa xác thực», và xác thực lại sau.",
)
_FAULTS: Mapping[Origin, Sentences] = {
    Origin.PARTNER: ("The register's side is at fault.", "Nguyên nhân: phía cơ sở dữ liệu quốc gia."),
    Origin.OPERATOR: (
        "The gateway's settings are at fault; its operators must act.",
        "Nguyên nhân: cấu hình của cổng liên thông; bộ phận vận hành cần xử lý.",
    ),
    Origin.SECURITY: (
        "The answer could not be trusted, so nothing of it is believed.",
        "Nguyên nhân: không xác thực được câu trả lời (chữ ký, chứng thư), nên không dùng câu trả lời này.",
    ),
    Origin.OURS: ("The gateway is at fault.", "Nguyên nhân: lỗi của cổng liên thông."),
    Origin.CALLER: ("The request is at fault.", "Nguyên nhân: yêu cầu chưa đúng."),
}
GAPS: Mapping[Gap, Sentences] = {
    Gap.NOT_ASKED: ("The register was not asked about it.", "Cơ sở dữ liệu không được hỏi về trường này."),
    Gap.NOT_IN_RECORD: ("The register did not tell it.", "Cơ sở dữ liệu không trả trường này."),
    Gap.OTHER_DOCUMENT: (
        "The register holds the number of another kind of document; the two cannot be compared.",
        "Cơ sở dữ liệu có số của loại giấy tờ khác (ví dụ CMND 9 số và số định danh 12 số); không đối chiếu được.",
    ),
    Gap.ONLY_YEAR: (
        "Only the year was compared: one side knows no more.",
        "Chỉ đối chiếu năm sinh vì một bên không có ngày, tháng.",
    ),
    Gap.NO_STREET: (
        "House and street were not compared: the register did not tell them.",
        "Chưa đối chiếu số nhà, đường vì cơ sở dữ liệu không trả phần này.",
    ),
    Gap.UNKNOWN_PLACE: (
        "The register of places does not know the place, so it could not be compared.",
        "Danh mục địa danh chưa có địa danh này nên chưa đối chiếu được.",
    ),
}
CAUTIONS: Mapping[Caution, Sentences] = {
    Caution.CHECK_DIGIT: (
        "The check digit of this enterprise code does not fit; it may be mistyped.",
        "Chữ số kiểm tra của mã số doanh nghiệp không khớp; có thể gõ nhầm.",
    ),
}
FIELDS: Mapping[str, Sentences] = {
    "personal_id": ("personal number", "số định danh"),
    "full_name": ("full name", "họ tên"),
    "birth_date": ("date of birth", "ngày sinh"),
    "gender": ("gender", "giới tính"),
    "permanent_address.province_code": ("province", "tỉnh, thành phố"),
    "permanent_address.commune_code": ("commune", "xã, phường"),
    "permanent_address.detail": ("house and street", "địa chỉ chi tiết"),
    "permanent_address.text": ("permanent address", "nơi thường trú"),
    "enterprise_code": ("enterprise code", "mã số doanh nghiệp"),
    "name": ("name", "tên doanh nghiệp"),
    "head_office": ("head office", "địa chỉ trụ sở"),
    "representative_name": ("legal representative", "người đại diện theo pháp luật"),
}


def explain(first: Sentences, findings: Findings) -> Sentences:
    """The verdict's own sentence, then what is alike and why, then what stays open."""
    return joined(first, *map(_alike, findings.differences), *map(_open, findings.unchecked))


def explain_undetermined(what: Sentences, fault: Origin) -> Sentences:
    """What happened, whose fault it is, and that the citizen is not stuck (POP-10)."""
    return joined(EXPLANATIONS[Verdict.UNDETERMINED], what, _FAULTS[fault], _GOES_ON)


def refusal(code: str) -> Sentences:
    """The register understood and refused, for a reason that is not a statement about the person."""
    return (
        f"The register refused the request (its code {code}).",
        f"Cơ sở dữ liệu từ chối yêu cầu (mã của họ: {code}).",
    )


@lru_cache(maxsize=256)
def joined(*parts: Sentences) -> Sentences:
    """One text of each language, mostly the same ones. A sentence that ends with nothing gets its dot."""
    english, vietnamese = ([_ended(text) for text in texts if text] for texts in zip(*parts, strict=True))
    return " ".join(english), " ".join(vietnamese)


def _ended(text: str) -> str:
    return text if text.endswith((".", "!", "?")) else f"{text}."


def _alike(difference: Difference) -> Sentences:
    if difference.how != "similar":
        return "", ""
    field = FIELDS.get(difference.field, (difference.field, difference.field))
    return (
        f"{field[0].capitalize()}: {' '.join(reason.detail for reason in difference.why)}",
        f"{field[1].capitalize()}: {' '.join(reason.detail_vi for reason in difference.why)}",
    )


def _open(unchecked: Unchecked) -> Sentences:
    field, gap = FIELDS.get(unchecked.field, (unchecked.field, unchecked.field)), GAPS[unchecked.gap]
    return f"Not checked, {field[0]}: {gap[0]}", f"Chưa đối chiếu {field[1]}: {gap[1]}"
