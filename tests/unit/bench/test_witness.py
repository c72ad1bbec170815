"""The portal's witness notices what the same answer for everything would not."""

from __future__ import annotations

import json
from typing import Any

import pytest
from comparison.witness import DOSSIER, STEP, Witness

CODE = "000.00.05.H99-261100-00001"


def dossier(state: str, *, code: str = CODE, new: bool = False) -> bytes:
    item = {"MaHoSo": code, "TrangThaiHoSo": state, "NgayTiepNhan": "20261102083000"}
    return said(DOSSIER, item, isUpdating=str(not new))


def step(number: int, state: str, *, code: str = CODE) -> bytes:
    item = {"MaHoSo": code, "TrangThai": state, "ThoiDiemXuLy": "20261102093000", "NoiDungXuLy": f"Bước {number}"}
    return said(STEP, item)


def said(service: str, *items: dict[str, Any], **more: str) -> bytes:
    return json.dumps({"service": service, "data": items, **more}, ensure_ascii=False).encode()


CREATED = dossier("1", new=True)
TWO_EVENTS = (CREATED, dossier("2"), step(0, "2"), dossier("4"), step(1, "4"))


def heard(*bodies: bytes) -> Witness:
    witness = Witness()
    for body in bodies:
        witness.hear(body)
    return witness


def test_a_dossier_that_is_told_as_it_was_leaves_nothing_to_say() -> None:
    other = [body.replace(CODE.encode(), CODE.encode()[:-1] + b"2") for body in TWO_EVENTS]
    mixed = [body for both in zip(TWO_EVENTS, other, strict=True) for body in both]
    assert heard(*mixed).said() == {"messages": 10, "waiting": 0, "wrong": []}


def test_what_is_not_told_of_dossiers_is_passed_over() -> None:
    assert heard(said("TraCuuHoSo", {"mahoso": CODE}), b'{"username": "tinh.vidu"}').messages == 0


@pytest.mark.parametrize(
    ("bodies", "words"),
    [
        ((CREATED, dossier("2"), step(1, "2")), "where step 0 is due"),
        ((*TWO_EVENTS, dossier("6"), step(1, "6")), "where step 2 is due"),
        ((*TWO_EVENTS, step(2, "4")), "before its dossier"),
        ((CREATED, dossier("2"), step(0, "4")), "says 4, its dossier 2"),
        ((CREATED, step(0, "2")), "says 2, its dossier 1"),
        ((*TWO_EVENTS, dossier("6"), dossier("9")), "told again before step 2"),
        ((CREATED, CREATED), "created twice"),
        ((dossier("2"),), "changed before it was created"),
        ((CREATED, dossier("2"), said(STEP, json.loads(dossier("2"))["data"][0])), "a body of another kind"),
        ((said(DOSSIER, json.loads(step(0, "2"))["data"][0], isUpdating="False"),), "a body of another kind"),
    ],
    ids=[
        "a step is lost",
        "a step comes twice",
        "a step without its dossier",
        "a step of another state",
        "a dossier's change is lost",
        "a dossier's change comes twice",
        "a creation comes twice",
        "no creation",
        "a dossier as a step",
        "a step as a dossier",
    ],
)
def test_what_is_lost_doubled_overtaken_or_of_another_kind_is_named(bodies: tuple[bytes, ...], words: str) -> None:
    [wrong] = heard(*bodies).wrong
    assert words in wrong
    assert CODE in wrong


def test_a_dossier_that_waits_for_its_step_is_counted() -> None:
    assert heard(*TWO_EVENTS, dossier("6")).said()["waiting"] == 1
