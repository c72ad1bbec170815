"""The breach pack and an erasure, with the approvals that the province really has."""

from __future__ import annotations

from datetime import timedelta

import pytest
from privacy_house import OFFICER, TENANT, Records
from services import NOW, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.approvals.memory import MemoryApprovals
from gateway.approvals.service import FourEyes
from gateway.operators.model import Operator, Role
from gateway.privacy.kinds import load_kinds
from gateway.privacy.pack import ACT, BreachPacks, Scope
from gateway.privacy.settings import PrivacySettings
from gateway.privacy.shown import Fields
from gateway.sdk.errors import NotAllowedError

CHIEF = Operator(tenant=TENANT, login="quantri.mau", roles=frozenset({Role.ADMINISTRATOR}))
SCOPE = Scope(from_at=NOW - timedelta(hours=1), to_at=NOW, client="motcua")


async def _nobody(tenant: str, login: str) -> str:
    return ""


async def test_a_pack_is_asked_for_by_one_allowed_by_another_and_made_once() -> None:
    """PDP-04 (part), PDP-13 (part)"""
    records, recorder = Records(), ListedRecorder()
    alarms = Alarms(MemoryAlarms(), recorder=recorder, clock=records.clock)
    approvals = FourEyes(MemoryApprovals(), recorder=recorder, alarms=alarms, clock=records.clock, enrolled_by=_nobody)
    packs = BreachPacks(
        records.log,
        records.index,
        proofs=records.proofs,
        fields=Fields({}, load_kinds()),
        approvals=approvals,
        sealer=records.keyring,
        settings=PrivacySettings(),
        clock=records.clock,
    )
    asked = await approvals.ask(ACT, SCOPE.parameters, reason="Khoá bị lộ", by=OFFICER)
    with pytest.raises(NotAllowedError):
        await packs.make(SCOPE, breach=None, by=OFFICER)
    await approvals.decide(asked.id, allow=True, by=CHIEF)
    assert (await packs.make(SCOPE, breach=None, by=OFFICER)).startswith(b"PK")
    with pytest.raises(NotAllowedError):
        await packs.make(SCOPE, breach=None, by=OFFICER)
