"""Their envelope: `error_code` in all its spellings, and what a look-up shows (contract, sections 3 and 4.6)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any


def error_code(document: Mapping[str, Any]) -> int | None:
    """0, "0" and "00" are success (3.3); None: there is no code that can be read, so nothing was said."""
    value = document.get("error_code")
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    text = str(value).strip()
    return int(text) if re.fullmatch(r"[+-]?[0-9]{1,9}", text) else None


def message(document: Mapping[str, Any]) -> str:
    value = document.get("message")
    return value if isinstance(value, str) else ""


def says(document: Mapping[str, Any], words: Iterable[str]) -> bool:
    """Whether the message has one of these words, at the start of a word, whatever its case and Unicode form.

    "phiên bản" is a version of something and "phiên tòa" a court's sitting, not a session.
    """
    text = _folded(message(document))
    return any(
        re.search(rf"(?<!\w){re.escape(_folded(word))}(?!\s+(?:bản|toà|tòa|họp|dịch|chợ))", text) for word in words
    )


def found(document: Mapping[str, Any], *, nested: bool = False, single: bool = False) -> list[Mapping[str, Any]] | None:
    """`result` of a reading service, or its `data` (4.4); `single`: one object counts as a list of one (4.7). None: it
    is not a list, so it says nothing. Whatever stands in the list of TraCuuHoSo means that the dossier exists; of an
    item that is no object nothing more is known."""
    result = document.get("result")
    if nested:
        result = result.get("data") if isinstance(result, Mapping) else None
    if single and isinstance(result, Mapping):
        result = [result] if result else []
    if not isinstance(result, list):
        return None
    return [item if isinstance(item, Mapping) else {} for item in result]


def holds(shown: Mapping[str, Any], sent: Mapping[str, Any]) -> bool:
    """Whether a shown item has every value that we sent. Its field names are not public: case is ignored."""
    by_name = _by_name(shown)
    return all(name.upper() in by_name and _same(by_name[name.upper()], value) for name, value in sent.items())


def differences(shown: Mapping[str, Any], sent: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of the fields that a shown item lacks or holds otherwise."""
    by_name = _by_name(shown)
    return tuple(name for name, value in sent.items() if not _same(by_name.get(name.upper()), value))


def is_another_step(shown: Any, sent: Mapping[str, Any]) -> bool:
    """Whether a shown step is surely not the one that was sent: of another moment or status, or in other words.

    Words that begin like ours prove nothing: the portal may have cut them. Nor does a step that cannot be read.
    """
    if not isinstance(shown, Mapping):
        return False
    by_name = _by_name(shown)
    moment, status = str(by_name.get("THOIDIEMXULY", "")), str(by_name.get("TRANGTHAI", ""))
    if not re.fullmatch(r"[0-9]{14}", moment) or not re.fullmatch(r"[0-9]{1,2}", status):
        return False
    if (moment, int(status)) != (sent["ThoiDiemXuLy"], int(sent["TrangThai"])):
        return True
    return not _words(sent["NoiDungXuLy"]).startswith(_words(by_name.get("NOIDUNGXULY", "")))


def _same(shown: Any, sent: Any) -> bool:
    if isinstance(sent, Mapping):
        return isinstance(shown, Mapping) and holds(shown, sent)
    if isinstance(sent, list):
        pairs = zip(shown, sent, strict=True) if isinstance(shown, list) and len(shown) == len(sent) else None
        return pairs is not None and all(_same(left, right) for left, right in pairs)
    if isinstance(sent, str) and isinstance(shown, str):
        return unicodedata.normalize("NFC", shown) == unicodedata.normalize("NFC", sent)
    return bool(shown == sent)


def _by_name(shown: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name).upper(): value for name, value in shown.items()}


def _words(value: Any) -> str:
    return " ".join(_folded(str(value)).split())


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).lower()
