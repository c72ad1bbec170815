"""The step that a dossier makes when its fees are paid."""

from __future__ import annotations

from collections.abc import Sequence

from intake_house import CODE, House
from refunds_house import AMOUNT, bill, collected, payment
from services import CONTEXT, Clock, ListedRecorder, atomically

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.bootstrap.money import DossierStep
from gateway.domain import DossierStatus
from gateway.dossiers.model import Taken, ToldStep
from gateway.payments.memory import MemoryBills
from gateway.payments.model import BillState
from gateway.sdk.errors import IntegrityError

MONEY = collected(bill(dossier_code=CODE), payment(dossier_code=CODE))


class RefusingDossiers:
    async def add_together(self, steps: Sequence[ToldStep]) -> list[Taken | Exception]:
        raise IntegrityError("It was altered.")


async def test_a_step_that_cannot_be_told_is_an_alarm_and_the_money_stays() -> None:
    """PAY-02, PAY-06: a person sends it."""
    intake, alarms = House(), MemoryAlarms()
    await intake.service.put(CODE, {"status": 2}, context=CONTEXT)
    await intake.event(6)
    raising = Alarms(alarms, recorder=ListedRecorder(), clock=Clock())
    step = DossierStep(RefusingDossiers(), intake.store, MemoryBills(), alarms=raising, apart=atomically)  # type: ignore[arg-type]
    await step(MONEY)
    (alarm,) = await raising.listed(CONTEXT.tenant, everything=True, limit=9)
    assert (alarm.occasion.kind, alarm.occasion.about) == ("payment_step_refused", "payment:P1")


async def test_a_dossier_waits_until_all_that_it_costs_was_billed_and_paid() -> None:
    """PAY-02 (part): a small bill of whoever may issue one does not move it."""
    intake, bills, raising = House(), MemoryBills(), Alarms(MemoryAlarms(), recorder=ListedRecorder(), clock=Clock())
    await intake.service.put(CODE, {"status": 2, "fees": [{"amount": AMOUNT + 1}]}, context=CONTEXT)
    await intake.event(6)
    step = DossierStep(intake.service, intake.store, bills, alarms=raising, apart=atomically)
    await bills.add(bill(dossier_code=CODE, state=BillState.PAID))
    await step(MONEY)
    assert intake.store.records[CONTEXT.tenant, CODE].status is DossierStatus.PAYMENT_REQUESTED
    await bills.add(bill(dossier_code=CODE, bill_id="B2", state=BillState.PAID, amount=1))
    await step(MONEY)
    assert intake.store.records[CONTEXT.tenant, CODE].status is DossierStatus.IN_PROCESS
