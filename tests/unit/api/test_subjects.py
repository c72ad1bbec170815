"""PDP-03: the leaves of whoever asks about a person are found by that person."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from operations import BODIED
from province import DEFAULT, Province

from gateway.audit.model import EntryKind
from gateway.domain import people_in
from gateway.restraint.model import Rates

BODIES = {operation.name: operation for operation in BODIED}
ABOUT_PEOPLE = ["verify_citizen", "lookup_citizen", "lookup_account", "verify_representative"]


async def post(province: Province, name: str, body: Any = None) -> int:
    operation = BODIES[name]
    async with province.client(await province.issue()) as client:
        headers = {"Idempotency-Key": "8e03978e-40d5-43e8-bc93-6894a57f9324"}
        answer = await client.request(operation.method, operation.path, json=body or operation.body, headers=headers)
    return answer.status_code


@pytest.mark.parametrize("name", ABOUT_PEOPLE)
async def test_a_look_up_names_its_person_in_both_leaves(name: str) -> None:
    """PDP-03 (part)."""
    province = Province()
    body = dict(BODIES[name].body)
    number = body.get("number") or body.setdefault("personal_id", "099080000002")
    await post(province, name, body)
    kinds = {entry.kind for entry in province.recorder.entries if number in entry.subjects}
    assert kinds == {EntryKind.REQUEST, EntryKind.EXCHANGE}
    assert number not in repr(province.recorder.entries)


async def test_a_refused_look_up_counts_too() -> None:
    """PDP-03 (part)."""
    province = Province(policy=replace(DEFAULT, officer=Rates(minute=10**6, hour=10**6, day=0)))
    assert await post(province, "verify_citizen") == 429
    entry = province.recorder.entries[-1]  # the alarm's leaf stands before it
    assert entry.kind is EntryKind.REQUEST
    assert entry.subjects == (BODIES["verify_citizen"].body["personal_id"],)


async def test_a_dossier_names_its_applicant() -> None:
    """PDP-03 (part)."""
    province = Province()
    assert await post(province, "put_dossier") == 202
    entry = province.recorder.entries[-1]
    assert entry.subjects == people_in(BODIES["put_dossier"].body) != ()


async def test_a_recheck_names_its_person() -> None:
    """PDP-03 (part)."""
    province = Province()
    assert await post(province, "create_recheck") == 202
    entry = province.recorder.entries[-1]
    assert entry.subjects == people_in(BODIES["create_recheck"].body) != ()
