"""What a reviewer reads of a tally: its lines by what they are a sign of. Pure; a line may stand under several."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from gateway.audit.model import EntryKind
from gateway.audit.reviews import Counted, Pace

LOOKING = "console_"
"""How pages that staff read are called in the log."""
LOG_INS = frozenset({"log_in", "log_out"})
OPENED = frozenset(
    {
        "export_evidence",
        "copy_audit",
        "get_data_subject",
        "who_looked",
        "breach_pack",
        "open_breach_annex",
        "read_receipt_file",
        "read_voucher_file",
        "use_approval",
    }
)
UNSEALING = ("unseal", "unmask")
"""Acts through which somebody saw what is sealed, or took it out: those, and whatever is named after it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign:
    """One thing to look for. `paces`: in which reviews it is shown."""

    id: str
    vi: str
    en: str
    fits: Callable[[Counted], bool]
    paces: frozenset[Pace] = frozenset(Pace)
    is_bad: bool = False
    """One of these already wants an explanation."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The lines that are this sign, most first; `count`: rows of the log, all together."""

    sign: Sign
    lines: Sequence[Counted]

    @property
    def count(self) -> int:
        return sum(line.count for line in self.lines)


def digest(lines: Sequence[Counted], pace: Pace) -> list[Found]:
    """Every sign of this pace, also those of which there is none."""
    return [Found(sign=sign, lines=[line for line in lines if sign.fits(line)]) for sign in SIGNS if pace in sign.paces]


def _is_refused(line: Counted) -> bool:
    return line.outcome in {"http_401", "http_403", "http_429", "refused"} and line.operation not in LOG_INS


def _is_act(line: Counted) -> bool:
    quiet = line.operation.startswith(LOOKING) or line.operation in LOG_INS
    return line.kind == EntryKind.ADMIN and not quiet


_WEEK = frozenset({Pace.WEEK})
SIGNS: tuple[Sign, ...] = (
    Sign(
        id="altered",
        vi="Dòng nhật ký không còn đúng như khi ghi",
        en="Rows that are no longer what was recorded",
        fits=lambda line: line.kind == "altered",
        is_bad=True,
    ),
    Sign(id="refused", vi="Lời gọi bị từ chối", en="Refused calls", fits=_is_refused),
    Sign(
        id="log_ins",
        vi="Đăng nhập không thành công",
        en="Failed log-ins",
        fits=lambda line: line.operation == "log_in" and line.outcome != "answered",
    ),
    Sign(
        id="locked",
        vi="Tài khoản hoặc địa chỉ bị tạm khoá",
        en="Lock-outs",
        fits=lambda line: line.outcome == "locked",
        is_bad=True,
    ),
    Sign(
        id="opened",
        vi="Xem hoặc lấy ra nội dung đã niêm phong",
        en="Sealed contents seen or taken out",
        fits=lambda line: line.operation in OPENED or line.operation.startswith(UNSEALING),
    ),
    Sign(
        id="asked",
        vi="Hỏi dữ liệu ở hệ thống quốc gia",
        en="Questions to national systems",
        fits=lambda line: line.kind == EntryKind.EXCHANGE,
        paces=frozenset({Pace.MONTH}),
    ),
    Sign(id="acts", vi="Việc quản trị và vận hành", en="Acts of staff", fits=_is_act, paces=_WEEK),
    Sign(id="alarms", vi="Cảnh báo của hệ thống", en="Alarms", fits=lambda line: line.kind == EntryKind.ALARM),
    Sign(
        id="read",
        vi="Trang vận hành đã mở",
        en="Pages that staff opened",
        fits=lambda line: line.operation.startswith(LOOKING),
        paces=_WEEK,
    ),
)
