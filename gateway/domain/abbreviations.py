"""What people shorten in names, addresses and names of enterprises. Data and one pure function: `expand`.

Only what a table here knows is expanded; a short form that may mean several words gives one text for each of them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import StrEnum


class TextKind(StrEnum):
    """What a text is, which decides what its short forms mean: `P.` is a ward in an address and nothing in a name."""

    PERSON = "person"
    PLACE = "place"
    ENTERPRISE = "enterprise"


MOST = 16
"""Readings of one text; what has more is compared by the first ones."""

FAMILY_NAMES: Mapping[str, Sequence[str]] = {
    "ng": ("nguyễn",),
    "nguy": ("nguyễn",),
    "tr": ("trần", "trương", "trịnh", "triệu"),
    "ph": ("phạm", "phan", "phùng"),
    "h": ("hoàng", "huỳnh", "hồ", "hà"),
    "hg": ("hoàng",),
    "l": ("lê", "lý", "lâm", "lương"),
    "đ": ("đặng", "đỗ", "đinh", "đào"),
    "d": ("dương",),
    "v": ("võ", "vũ", "vương"),
    "b": ("bùi",),
}
"""At the beginning of a name, with a dot or a tilde; `Ng` also without."""

MIDDLE_NAMES: Mapping[str, Sequence[str]] = {"v": ("văn",), "th": ("thị",)}

PLACES: Mapping[str, Sequence[str]] = {
    "tp": ("thành phố",),
    "tx": ("thị xã",),
    "tt": ("thị trấn",),
    "kp": ("khu phố",),
    "kv": ("khu vực",),
    "ql": ("quốc lộ",),
    "hcm": ("hồ chí minh",),
}
SHORT_PLACES: Mapping[str, str] = {"p": "phường", "q": "quận", "x": "xã", "h": "huyện", "t": "tỉnh", "đ": "đường"}
"""One letter counts only with a dot (`P.5`), or before a number (`Q1`)."""

ENTERPRISES: Mapping[str, Sequence[str]] = {
    "cty": ("công ty",),
    "tnhh": ("trách nhiệm hữu hạn",),
    "mtv": ("một thành viên",),
    "1tv": ("một thành viên",),
    "2tv": ("hai thành viên",),
    "cp": ("cổ phần",),
    "dn": ("doanh nghiệp",),
    "dntn": ("doanh nghiệp tư nhân",),
    "htx": ("hợp tác xã",),
    "hkd": ("hộ kinh doanh",),
    "cn": ("chi nhánh", "công nghệ", "công nghiệp"),
    "vpđd": ("văn phòng đại diện",),
    "vpdd": ("văn phòng đại diện",),
    "xn": ("xí nghiệp",),
    "tm": ("thương mại",),
    "dv": ("dịch vụ",),
    "tmdv": ("thương mại dịch vụ",),
    "sx": ("sản xuất",),
    "sxtm": ("sản xuất thương mại",),
    "xd": ("xây dựng",),
    "vlxd": ("vật liệu xây dựng",),
    "xnk": ("xuất nhập khẩu",),
    "đt": ("đầu tư",),
    "kd": ("kinh doanh",),
}

Rules = Sequence[tuple[re.Pattern[str], Sequence[str]]]
_BEGINS, _ENDS = r"(?<![^\W_])", r"(?![^\W_])"


def _words(table: Mapping[str, Sequence[str]]) -> Rules:
    """Each word with or without dots (`C.TY`, `T.N.H.H`, `TP.`)."""
    return [
        (re.compile(_BEGINS + r"\.?".join(map(re.escape, key)) + rf"(?:\.\s*|{_ENDS})"), fulls)
        for key, fulls in table.items()
    ]


_RULES: Mapping[TextKind, Rules] = {
    TextKind.PERSON: [
        (re.compile(r"^ng\s+"), ("nguyễn",)),
        *((re.compile(rf"^{key}\s*[.~]\s*"), fulls) for key, fulls in FAMILY_NAMES.items()),
        *((re.compile(rf"(?<=\s){key}\.\s*(?=\w)"), fulls) for key, fulls in MIDDLE_NAMES.items()),
    ],
    TextKind.PLACE: [
        *_words(PLACES),
        *((re.compile(rf"{_BEGINS}{key}(?:\.\s*|(?=[0-9]))"), (full,)) for key, full in SHORT_PLACES.items()),
        (re.compile(rf"{_BEGINS}số\s*(?=[0-9])"), ("",)),
        (re.compile(rf"{_BEGINS}0+(?=[1-9])"), ("",)),
    ],
    TextKind.ENTERPRISE: [
        *_words(ENTERPRISES),
        (re.compile(rf"{_BEGINS}1 thành viên{_ENDS}"), ("một thành viên",)),
        (re.compile(rf"{_BEGINS}2 thành viên{_ENDS}"), ("hai thành viên",)),
        (re.compile(r"\s*&\s*"), (" và",)),
    ],
}


def expand(text: str, kind: TextKind) -> list[str]:
    """Every reading of a text (small letters, composed) whose short forms are written out, the text itself apart."""
    readings = [text]
    for pattern, fulls in _RULES[kind]:
        if any(pattern.search(reading) for reading in readings):
            readings = [_tidy(pattern.sub(f"{full} " if full else "", one)) for one in readings for full in fulls]
            readings = list(dict.fromkeys(readings))[:MOST]
    return [reading for reading in readings if reading != text]


def _tidy(text: str) -> str:
    return re.sub(r" +(?=[,;.)])", "", " ".join(text.split()))
