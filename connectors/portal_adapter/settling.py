"""What became of a message whose answer is missing, read off the dossier list of the same vendor (contract, 13).

The list shows the status of a dossier; whether it shows its id and its steps is a setting. Nothing is concluded from
what it does not show: a person compares.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from connectors.portal_adapter import bodies, wire
from gateway.sdk import Call, CannotTell, SendNow, Settlement, TookEffect

Items = Sequence[Mapping[str, Any]]


def creates(call: Call) -> bool:
    """A dossier without a name is not there yet."""
    return "dossier" not in call.known


def code_of(call: Call) -> str:
    """The code under which the adapter knows the dossier."""
    told = call.body.get("NoiHoSo", call.body)
    return str(call.known.get("code") or told["MaHoSo"])


def after_update(call: Call) -> dict[str, str]:
    """What a status update leaves behind for the next one; the name, too, which may come from a look-up."""
    lists = wire.digest(bodies.lists_of(call)) if bodies.tells_lists(call) else ""
    words = _words(call)
    return {
        "dossier": bodies.dossier(call),
        "code": code_of(call),
        "status": str(call.body["CapNhatTrangThai"]["TrangThai"]),
        **({"listed": lists} if lists else {}),
        **({"words": words} if words or call.known.get("words") else {}),
    }


def of_dossier(call: Call, items: Items, *, id_field: str) -> Settlement:
    """Not there: it is created, once more if the adapter lost it. There, of another status: the status is told. One
    that was created and told nothing yet is new to the list, not lost: it is never created a second time for that."""
    if not items and not creates(call) and call.known.get("status") == "":
        return SendNow(call=call)
    if not items:
        unnamed = {name: value for name, value in call.known.items() if name.startswith(("file:", "hash:"))}
        return SendNow(call=replace(call, known=unnamed, hints={"exists": False}))
    name = call.known.get("dossier") or wire.shown(items[0], id_field)
    if not name or len(items) > 1:
        return _unnamed() if len(items) == 1 else cannot_tell()
    named = replace(call, known={**call.known, "dossier": name, "code": code_of(call)})
    return _of_status(named, wire.status(items[0]))


def of_step(call: Call, items: Items, *, progress_field: str) -> Settlement:
    """A dossier that is not there has no steps. A step is an event: it is sent again only when it is surely missing."""
    lists = [item.get(progress_field) if progress_field else None for item in items]
    steps = [step for shown in lists if isinstance(shown, list) for step in shown]
    own = {name: value for name, value in call.body.items() if name != "MaHoSo"}
    if any(wire.holds(step, own) for step in steps):
        return TookEffect(reference=call.call_id)
    if all(isinstance(shown, list) for shown in lists) and all(wire.is_another(step, own) for step in steps):
        return SendNow(call=call)
    return cannot_tell()


def cannot_tell() -> CannotTell:
    return CannotTell(
        reason="The adapter does not show whether this message arrived; compare by hand, then release it.",
        reason_vi="Bên nhận không cho biết bản tin này đã tới hay chưa; cần cán bộ đối chiếu rồi cho gửi lại.",
    )


def _of_status(call: Call, shown: int | None) -> Settlement:
    told = call.body["CapNhatTrangThai"]["TrangThai"]
    if shown is None:
        return cannot_tell()
    if shown != told:
        return SendNow(call=call, differs=("TrangThaiHoSo",))
    # It had this status before our message: the status alone does not prove that new words or lists came with it.
    had_it = call.known.get("status") == str(told)
    new_lists = bodies.tells_lists(call) and call.known.get("listed", "") != wire.digest(bodies.lists_of(call))
    if had_it and (new_lists or call.known.get("words", "") != _words(call)):
        return cannot_tell()
    return TookEffect(reference=call.call_id, learned=after_update(call))


def _words(call: Call) -> str:
    """Their mark, to know later whether these very words were told."""
    words = bodies.words(call)
    return wire.digest({"words": [words]}) if words else ""


def _unnamed() -> CannotTell:
    return CannotTell(
        reason="The dossier is there and its id is not shown; look it up, then release as missing with "
        "--learned dossier=…",
        reason_vi="Hồ sơ đã có ở bên nhận nhưng chưa biết idHoSo; hãy tra cứu, rồi cho gửi lại (missing) kèm "
        "--learned dossier=…",
    )
