"""What a verifier can find, in both languages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What is wrong, and with which row: the first one that was altered, is missing, or is no longer proven. `index`
    None: it concerns no row (the first line of a copy)."""

    index: int | None
    text: str
    text_vi: str


class FoundError(Exception):
    """Carries the first finding up."""

    def __init__(self, index: int | None, text: str, vi: str) -> None:
        super().__init__(text)
        self.finding = Finding(index=index, text=text, text_vi=vi)


def altered(index: int) -> FoundError:
    return FoundError(index, f"Row {index} was altered.", f"Dòng {index} đã bị sửa.")


def relinked(index: int) -> FoundError:
    """The row before was altered and its hash recomputed; only this link still speaks of the old one."""
    before = index - 1
    return FoundError(
        before,
        f"Row {before} was altered and its hash recomputed: row {index} still names the old one.",
        f"Dòng {before} đã bị sửa và tính lại mã băm: dòng {index} vẫn ghi mã băm cũ.",
    )


def missing(index: int) -> FoundError:
    return FoundError(index, f"Row {index} is missing.", f"Thiếu dòng {index}.")


def foreign(index: int) -> FoundError:
    return FoundError(
        index,
        f"Row {index} does not belong there: the log never wrote it, or its head was set back.",
        f"Dòng {index} không thuộc nhật ký: hệ thống không ghi dòng này, hoặc đầu nhật ký đã bị lùi lại.",
    )


def rewritten(first: int, size: int) -> FoundError:
    return FoundError(
        first,
        f"The checkpoint at size {size} does not hold: rows {first} to {size - 1} are not what was signed.",
        f"Điểm kiểm chứng tại {size} không khớp: các dòng từ {first} đến {size - 1} không còn như khi ký.",
    )


def unproven(first: int, size: int) -> FoundError:
    return FoundError(
        first,
        f"The checkpoint at size {size} is missing, altered, or signed by another key: "
        f"what was signed from row {first} on is not proven.",
        f"Điểm kiểm chứng tại {size} bị thiếu, bị sửa hoặc do khoá khác ký: "
        f"từ dòng {first} trở đi chưa chứng minh được.",
    )


def cut(first: int, size: int) -> FoundError:
    return FoundError(
        first,
        f"Row {first} and what follows it are missing: a checkpoint from elsewhere speaks of {size} rows.",
        f"Thiếu từ dòng {first} trở đi: điểm kiểm chứng lưu ở nơi khác ghi {size} dòng.",
    )


def other_log(size: int) -> FoundError:
    return FoundError(
        0,
        f"Of rows 0 to {size - 1} at least one is not what a checkpoint from elsewhere says of them.",
        f"Trong các dòng từ 0 đến {size - 1} có dòng khác với điểm kiểm chứng lưu ở nơi khác.",
    )


def wrong_tile(first: int, last: int) -> FoundError:
    return FoundError(
        first,
        f"The tile of rows {first} to {last} is not what the rows say; proofs from it do not hold.",
        f"Ô băm của các dòng từ {first} đến {last} không khớp với các dòng; chứng minh lấy từ đó không đúng.",
    )
