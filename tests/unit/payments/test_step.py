"""The step that a dossier makes when its fees are paid."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from intake_house import CODE, House
from refunds_house import AMOUNT, bill, payment
from services import CONTEXT, NOW, Clock, ListedRecorder

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.bootstrap.money import DossierStep
from gateway.domain import Context
from gateway.payments.memory import MemoryBills
from gateway.payments.model import Money, Source
from gateway.sdk.errors import IntegrityError


class RefusingDossiers:
    async def add_events(self, events: Sequence[tuple[str, Mapping[str, Any]]], *, context: Context) -> list[Exception]:
        return [IntegrityError("It was altered.") for _ in events]


async def test_a_step_that_cannot_be_told_is_an_alarm_and_the_money_stays() -> None:
    """PAY-02, PAY-06: a person sends it."""
    intake, alarms = House(), MemoryAlarms()
    await intake.service.put(CODE, {"status": 2}, context=CONTEXT)
    await intake.event(6)
    raising = Alarms(alarms, recorder=ListedRecorder(), clock=Clock())
    step = DossierStep(RefusingDossiers(), intake.store, MemoryBills(), alarms=raising)  # type: ignore[arg-type]
    money = Money(
        bill=bill(dossier_code=CODE),
        payment=payment(dossier_code=CODE),
        entry_id="collection:P1",
        amount=AMOUNT,
        currency="VND",
        transaction_id="T1",
        paid_at=NOW,
        posted_at=NOW,
        source=Source.NOTICE,
    )
    await step(money)
    (alarm,) = await raising.listed(CONTEXT.tenant, everything=True, limit=9)
    assert (alarm.occasion.kind, alarm.occasion.about) == ("payment_step_refused", "payment:P1")
