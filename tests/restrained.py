"""Registers that answer at once, and restraint around them, on a clock that the test moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from province import DEFAULT, ListedRecorder
from services import CONTEXT, NOW, PURPOSE

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.domain import Context, Verdict
from gateway.lookups.model import Found, Verification
from gateway.restraint.lookups import RestrainedLookups
from gateway.restraint.memory import MemoryRestraint
from gateway.restraint.model import Policy
from gateway.restraint.service import Restraint
from gateway.restraint.subject import Subjects
from gateway.rules.purposes import load_purposes
from gateway.signing import Keyring

SAID: dict[str, Any] = {
    "system": "s",
    "reference": "CALL1",
    "audit_index": 7,
    "checked_at": NOW,
    "explanation": "e",
    "explanation_vi": "v",
}
METHODS = (
    "verify_citizen", "lookup_citizen", "lookup_account", "lookup_enterprise", "verify_enterprise",
    "verify_representative", "list_registrations", "read_registration",
)  # fmt: skip
VERIFIES = {"verify_citizen", "verify_enterprise", "verify_representative"}


class Registers:
    """Implements `LookupService`; remembers what it was asked and under which context."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Mapping[str, Any], Context]] = []
        self.verdict = Verdict.MATCH
        self.record: dict[str, Any] = {}
        self.broken: Exception | None = None

    def __getattr__(self, name: str) -> Any:
        if name not in METHODS:
            raise AttributeError(name)

        async def answer(asked: Mapping[str, Any], *, context: Context) -> Any:
            self.asked.append((name, asked, context))
            if self.broken:
                raise self.broken
            if name in VERIFIES:
                return Verification(verdict=self.verdict, **SAID)
            return Found(verdict=self.verdict, record=self.record, **SAID)

        return answer


class Bench:
    """`files`: a folder of purposes of the province."""

    def __init__(self, files: Path | None = None, *, policy: Policy = DEFAULT) -> None:
        self.now = NOW
        self.registers = Registers()
        self.recorder = ListedRecorder()
        self.alarms, self.store = MemoryAlarms(), MemoryRestraint()
        self.keyring = Keyring.ephemeral()
        alarms = Alarms(self.alarms, recorder=self.recorder, clock=self.clock)
        self.lookups = RestrainedLookups(
            self.registers,
            load_purposes(files, made_up=True),
            Restraint(self.store, alarms, policy=policy, clock=self.clock),
            subjects=Subjects(self.keyring, neighbour_digits=policy.neighbour_digits),
            clock=self.clock,
        )

    def clock(self) -> Any:
        return self.now

    async def verify(self, number: str = "099185000001", **purpose: str) -> Any:
        return await self.lookups.verify_citizen(citizen(number), context=context(**purpose))

    async def guess(self, day: int, **purpose: str) -> Any:
        """The same person, with another birth date each time."""
        born = (date(1985, 1, 1) + timedelta(days=day)).isoformat()
        return await self.lookups.verify_citizen(citizen(birth_date=born), context=context(**purpose))


def citizen(number: str = "099185000001", **more: Any) -> dict[str, Any]:
    basic = {"personal_id": number, "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15"}
    return {**basic, "purpose": {}, **more}


def context(client: str = CONTEXT.actor, **purpose: str) -> Context:
    return replace(CONTEXT, actor=client, purpose=replace(PURPOSE, **purpose))
