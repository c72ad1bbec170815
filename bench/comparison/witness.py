"""What the portal is told of each dossier: every body is of its kind, and every message comes once and in its order.

The canned portal answers a service always the same. That alone would not notice a message that is lost, told twice,
overtaken by the next, or told under the code of another dossier.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

DOSSIER, STEP = "DongBoHoSoMC", "CapNhatTienDoHoSoMC"
KINDS = {DOSSIER: ("TrangThaiHoSo", "NgayTiepNhan"), STEP: ("TrangThai", "ThoiDiemXuLy")}
"""By service, what a body of its kind has and one of the other kind has not."""
MOST_WORDS = 20
"""So many complaints are told; more say the same."""


@dataclass
class _Told:
    """Of one dossier. `state`: that of the dossier, whose step comes next; empty: the step came."""

    steps: int = 0
    state: str = ""


@dataclass
class Witness:
    """Since it was made."""

    messages: int = 0
    wrong: list[str] = field(default_factory=list)
    _dossiers: dict[str, _Told] = field(default_factory=dict)

    def hear(self, body: bytes) -> None:
        """One call; those that tell nothing of a dossier are passed over."""
        message = orjson.loads(body)
        service = message.get("service")
        if service not in KINDS:
            return
        for item in message["data"]:
            self.messages += 1
            words = self._complaint(service, item, is_new=message.get("isUpdating") == "False")
            if words and len(self.wrong) < MOST_WORDS:
                self.wrong.append(f"{service} of {item.get('MaHoSo')}: {words}")

    def _complaint(self, service: str, item: Mapping[str, Any], *, is_new: bool) -> str:
        """What is wrong with it; empty: nothing."""
        other = KINDS[STEP if service == DOSSIER else DOSSIER]
        if not all(item.get(name) for name in KINDS[service]) or any(name in item for name in other):
            return "a body of another kind"
        code = str(item["MaHoSo"])
        is_known = code in self._dossiers
        told = self._dossiers.setdefault(code, _Told())
        return self._step(told, item) if service == STEP else _dossier(told, item, is_due=is_new != is_known)

    def _step(self, told: _Told, item: Mapping[str, Any]) -> str:
        number, state = told.steps, told.state
        told.steps, told.state = number + 1, ""
        if not state:
            return f"step {number} before its dossier"
        if item["NoiDungXuLy"] != f"Bước {number}":
            return f"{item['NoiDungXuLy']!r} where step {number} is due"
        return "" if item["TrangThai"] == state else f"step {number} says {item['TrangThai']}, its dossier {state}"

    def said(self) -> Mapping[str, Any]:
        """How many messages came, how many dossiers still wait for their step, and what was wrong."""
        waiting = sum(bool(told.state and told.steps) for told in self._dossiers.values())
        return {"messages": self.messages, "waiting": waiting, "wrong": self.wrong}


def _dossier(told: _Told, item: Mapping[str, Any], *, is_due: bool) -> str:
    is_twice, is_first = bool(told.state), not told.steps
    told.state = item["TrangThaiHoSo"]
    if not is_due:
        return "created twice, or changed before it was created"
    return f"told again before step {told.steps}" if is_twice and not is_first else ""
