"""What rules do, in plain words: Vietnamese, English."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from gateway.mapping.model import ABSENT
from gateway.mapping.table import Row

Words = tuple[str, str]
_VERBS: Mapping[str, Words] = {
    "const": ("luôn ghi một giá trị cố định", "always writes one fixed value"),
    "copy": ("chép nguyên", "copies"),
    "number": ("đổi thành số nguyên", "makes a whole number"),
    "date": ("đổi cách ghi ngày", "writes the date another way"),
    "bool": ("đổi đúng/sai", "translates true and false"),
    "code": ("đổi mã theo danh mục", "translates a code by a list"),
    "label": ("giữ mã, thêm tên gọi", "keeps the code and adds its meaning"),
    "each": ("lặp cho từng mục", "for each item of the list"),
    "join": ("ghép các giá trị", "joins the values"),
    "first": ("lấy giá trị đầu tiên có", "takes the first that is there"),
    "text": ("chỉnh văn bản", "adjusts the text"),
}
_FOLDS: Mapping[str, Words] = {
    "upper": ("viết hoa", "capital letters"),
    "nfc": ("chuẩn Unicode dựng sẵn (NFC)", "Unicode NFC"),
    "ascii": ("bỏ dấu", "without diacritics"),
    "name": ("chuẩn hoá họ tên", "names written one way"),
}
_PARTS: Mapping[str, Words] = {
    "ours": ("trường của ta", "our field"),
    "theirs": ("trường của họ", "their field"),
    "verb": ("cách đổi", "verb"),
    "argument": ("chi tiết cách đổi", "how it translates"),
    "required": ("bắt buộc", "required"),
    "default": ("giá trị mặc định", "default"),
    "constant": ("giá trị cố định", "fixed value"),
    "when": ("điều kiện", "condition"),
    "depth": ("vị trí", "place"),
}
RESULTS: Mapping[str, Words] = {
    "constant": ("giá trị cố định", "fixed value"),
    "translated": ("đã đổi", "translated"),
    "default": ("dùng mặc định", "default used"),
    "left out": ("bỏ qua, không có gì để đổi", "left out, nothing to translate"),
    "missing": ("thiếu giá trị bắt buộc", "a required value is missing"),
    "misfit": ("giá trị không đổi được", "the value does not fit"),
}
"""Of `engine.Step`."""


def of_verb(row: Row) -> Words:
    """`đổi mã theo danh mục ethnicity`; what stands in a code list is shown beside it."""
    vietnamese, english = _VERBS[row.verb]
    detail = _detail(row.verb, row.argument)
    return (f"{vietnamese}: {detail[0]}", f"{english}: {detail[1]}") if detail else (vietnamese, english)


def of_part(name: str) -> Words:
    """Of a part of a rule that another version has otherwise."""
    return _PARTS.get(name, (name, name))


def shown(value: Any) -> str:
    """A constant or default as JSON; nothing where there is none."""
    return "" if value is ABSENT else json.dumps(value, ensure_ascii=False)


def _detail(verb: str, argument: Any) -> Words | None:
    if verb == "text":
        longest, fold = argument.get("max"), _FOLDS.get(argument.get("fold", ""))
        parts = [fold] if fold else []
        parts += [(f"tối đa {longest} ký tự", f"{longest} characters at most")] if longest else []
        return ", ".join(part[0] for part in parts), ", ".join(part[1] for part in parts)
    if verb == "date":
        return (f"từ {argument['read']} sang {argument['write']}", f"from {argument['read']} to {argument['write']}")
    if verb == "bool":
        return (f"đúng là “{argument[0]}”, sai là “{argument[1]}”", f"true is “{argument[0]}”, false “{argument[1]}”")
    if verb == "number" and argument == "string":
        return "ghi dưới dạng chữ", "written as text"
    if verb == "join":
        return f"nối bằng “{argument}”", f"with “{argument}” between"
    return None
