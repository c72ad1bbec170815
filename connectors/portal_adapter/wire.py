"""Their answers: `{code, message, data}`, what each step must return in `data`, and what the dossier list shows."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any


def code(document: Mapping[str, Any]) -> str | None:
    """200 and "200" are the same; None: there is no code that can be read, so nothing was said."""
    return _scalar(document.get("code"))


def message(document: Mapping[str, Any]) -> str:
    value = document.get("message")
    return value if isinstance(value, str) else ""


def created(document: Mapping[str, Any]) -> Mapping[str, str] | None:
    """idHoSo and maHoSo of step 4; the id is spelt in three ways in this family, so case is ignored."""
    told = _by_name(document.get("data"))
    dossier, own = _scalar(told.get("IDHOSO")), _scalar(told.get("MAHOSO"))
    return {"dossier": dossier, "code": own} if dossier and own else None


def uploaded(document: Mapping[str, Any]) -> tuple[str, str] | None:
    """IdTepTin and HashTepTin of the one file that was sent. Which hash it is, is not public: it is kept as told."""
    items = document.get("data")
    told = _by_name(items[0]) if isinstance(items, list) and len(items) == 1 else {}
    file, digest = _scalar(told.get("IDTEPTIN")), _scalar(told.get("HASHTEPTIN"))
    return (file, digest) if file and digest else None


def listed(document: Mapping[str, Any], asked: str) -> list[Mapping[str, Any]] | None:
    """The items of `{Total, Data}` with exactly that code; None: the answer does not tell whether there are any."""
    items, total = document.get("Data"), document.get("Total")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) and "MaHoSo" in item for item in items):
        return None
    found = [item for item in items if str(item["MaHoSo"]).strip() == asked]
    all_shown = isinstance(total, int) and not isinstance(total, bool) and total == len(items)
    return found if found or all_shown else None


def shown(item: Mapping[str, Any], name: str) -> str:
    """A field of the dossier list whose name is a setting; "" where there is none."""
    return (_scalar(item.get(name)) or "") if name else ""


def status(item: Mapping[str, Any]) -> int | None:
    """0: it has none yet; None: nothing that can be read."""
    text = shown(item, "TrangThaiHoSo")
    if item.get("TrangThaiHoSo", "?") in {None, ""}:
        return 0
    return int(text) if re.fullmatch(r"[0-9]{1,2}", text) else None


def holds(step: Any, sent: Mapping[str, Any]) -> bool:
    """Whether a shown step has every value that we sent."""
    return isinstance(step, Mapping) and all(str(step.get(name)) == str(value) for name, value in sent.items())


def is_another(step: Any, sent: Mapping[str, Any]) -> bool:
    """Whether a shown step is surely not the one that was sent: of another moment, written as we write it."""
    moment = step.get("ThoiDiemXuLy") if isinstance(step, Mapping) else None
    is_moment = isinstance(moment, str) and re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}", moment)
    return bool(is_moment) and moment != sent["ThoiDiemXuLy"]


def digest(lists: Mapping[str, Sequence[Any]]) -> str:
    """A short mark of what a status update lists or says, to know later whether that very thing was told."""
    return hashlib.sha256(json.dumps(lists, sort_keys=True).encode()).hexdigest()[:16] if lists else ""


def _by_name(value: Any) -> dict[str, Any]:
    return {str(name).upper(): part for name, part in value.items()} if isinstance(value, Mapping) else {}


def _scalar(value: Any) -> str | None:
    """None also for a text that cannot be kept or sent back: control characters, half of a surrogate pair."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return text if text and text.isprintable() else None
