"""F17, PAY-02: a payment's voucher is fetched at once and kept as a file, whatever its rail answers first."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from couriers import Courier, Delivered, Step, atomically
from services import CONTEXT, NOW, ListedRecorder, ScriptedExchange

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.delivery.backoff import Backoff
from gateway.delivery.memory import MemoryOutbox
from gateway.delivery.model import StreamKey, StreamState
from gateway.delivery.policy import Policy
from gateway.delivery.worker import Worker
from gateway.domain import Context
from gateway.payments.model import Bill, BillState, Money, Payment, PaymentState, Source
from gateway.receipts.memory_vouchers import MemoryVouchers
from gateway.receipts.voucher_steps import steps
from gateway.receipts.vouchers import AGAIN_S, DOWNLOAD, FETCH, Vouchers
from gateway.sdk import Absent, Answered, Call, NotFoundError, Pending, ProtocolViolation, Refused, TransientRemoteError
from gateway.sdk.errors import ConfigurationError, IntegrityError, UnprocessableError

PDF = b"%PDF-1.7 chung tu" + b"." * 20_000
SHA = hashlib.sha256(PDF).hexdigest()
RAIL, PAYMENT = "rail", "PAY26K7Q2M0001"
URL = "https://pp.example.vn/bl/1"
LINK = {"url": URL}
NOT_YET = Pending(reference="x", look_again_after_s=60)
PAID_AT = NOW - timedelta(seconds=40)
Answer = Step | Mapping[str, Any]


def file(content: bytes = PDF, media_type: str = "application/pdf") -> Mapping[str, Any]:
    return {"content": base64.b64encode(content).decode(), "media_type": media_type}


class Rail(Courier):
    """Answers from a script; a mapping is what the rail gave, in our vocabulary."""

    targets = (RAIL,)

    def __init__(self, *script: Answer) -> None:
        super().__init__()
        self.answers = list(script)
        self.calls: list[tuple[str, Mapping[str, Any]]] = []

    async def deliver(self, stream: StreamKey, call: Call, *, context: Context) -> Delivered:
        self.calls.append((call.operation, call.body))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(answer, BaseException):
            raise answer
        return Delivered(Answered(body={}), answer) if isinstance(answer, Mapping) else Delivered(answer)

    @property
    def operations(self) -> list[str]:
        return [operation for operation, _ in self.calls]


class Found:
    """A store that holds one thing."""

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    async def find(self, tenant: str, name: str) -> Any:
        return self.thing


class House:
    def __init__(self, *script: Answer, lacks: frozenset[str] = frozenset()) -> None:
        self.now = NOW
        self.rail = Rail(*script or ({},))
        self.outbox, self.store, self.alarms = MemoryOutbox(), MemoryVouchers(), MemoryAlarms()
        self.exchange = ScriptedExchange()
        self.exchange.lacking |= lacks
        alarms = Alarms(self.alarms, recorder=ListedRecorder(), clock=self.clock)
        self.vouchers = Vouchers(
            self.store,
            self.outbox,
            self.exchange,
            bills=Found(bill()),
            payments=Found(payment()),
            alarms=alarms,
            clock=self.clock,
        )
        self.worker = Worker(
            self.outbox,
            self.rail,
            name="w",
            atomically=atomically,
            clock=self.clock,
            policy=Policy(lease_s=60, backoff=Backoff(base_s=2, cap_s=900, uniform=lambda _, most: most)),
            follow_ups=steps(self.vouchers, self.outbox, clock=self.clock),
        )

    def clock(self) -> datetime:
        return self.now

    async def run(self, *, seconds: int = 0, step: int = 1) -> None:
        """Work for so long."""
        end = self.now + timedelta(seconds=seconds)
        await self.worker.drain()
        while self.now < end:
            self.now += timedelta(seconds=step)
            await self.worker.drain()

    async def collect(self, **changes: Any) -> None:
        await self.vouchers.due(replace(money(), **changes))

    @property
    def kept(self) -> list[tuple[str, str]]:
        return [(voucher.sha256, voucher.source) for voucher, _ in self.store.kept.values()]

    async def states(self) -> list[StreamState]:
        found = []
        for kind in ("voucher", "voucher_otherwise", "voucher_file"):
            found += [view.state for view in await self.outbox.views("H99", f"{kind}:{PAYMENT}", now=self.now)]
        return found


def bill() -> Bill:
    payer = {"full_name": "Trần Thị Mẫu", "personal_id": "099185000001", "address": "1 Phố Mẫu"}
    document = {"payer": payer, "procedure_name": "Thủ tục mẫu", "agency_id": "000.00.05.H99"}
    return Bill(
        tenant="H99",
        bill_id="B1",
        dossier_code="000.00.05.H99-261123-0007",
        amount=150_000,
        currency="VND",
        state=BillState.PAID,
        matter="m",
        beneficiary="0000111122",
        created_at=NOW,
        updated_at=NOW,
        document=document,
    )


def payment(**changes: Any) -> Payment:
    first: dict[str, Any] = {
        "tenant": "H99",
        "payment_id": PAYMENT,
        "bill_id": "B1",
        "dossier_code": "000.00.05.H99-261123-0007",
        "amount": 150_000,
        "currency": "VND",
        "state": PaymentState.PAID,
        "system": RAIL,
        "reference": PAYMENT,
        "transaction_id": "PP1",
        "paid_at": PAID_AT,
        "created_at": NOW - timedelta(minutes=5),
        "updated_at": NOW,
    }
    return Payment(**{**first, **changes})


def money() -> Money:
    return Money(
        bill=bill(),
        payment=payment(paid_at=None, transaction_id=""),
        entry_id="E1",
        amount=150_000,
        currency="VND",
        transaction_id="PP1",
        paid_at=PAID_AT,
        posted_at=NOW,
        source=Source.NOTICE,
    )


async def test_f17_the_file_itself_is_kept_with_its_digest() -> None:
    house = House(file())
    await house.collect()
    await house.run()
    assert house.kept == [(SHA, FETCH)]
    [voucher] = await house.vouchers.of_payment(PAYMENT, context=CONTEXT)
    assert (voucher.rail, voucher.transaction_id, voucher.size) == (RAIL, "PP1", len(PDF))
    assert voucher.fetched_at == NOW
    stored = await house.vouchers.file(PAYMENT, SHA, context=CONTEXT)
    assert (stored.content, stored.media_type, stored.name) == (PDF, "application/pdf", f"chung-tu-{PAYMENT}.pdf")


async def test_the_question_names_the_payment_and_both_times() -> None:
    house = House(file())
    await house.collect()
    await house.run()
    [(_, asked)] = house.rail.calls
    assert asked["reference"] == PAYMENT
    assert asked["initiated_at"] == (NOW - timedelta(minutes=5)).isoformat()
    assert asked["paid_at"] == PAID_AT.isoformat()
    assert (asked["transaction_id"], asked["reading"]) == ("PP1", None)
    assert asked["payer"]["full_name"] == "Trần Thị Mẫu"


async def test_f17_a_link_is_followed_at_once_and_the_file_is_kept() -> None:
    house = House(LINK, file())
    await house.collect()
    await house.run(seconds=1)
    assert house.kept == [(SHA, DOWNLOAD)]
    assert house.rail.calls[1] == (DOWNLOAD, LINK)


@pytest.mark.parametrize("answer", [NOT_YET, Absent()], ids=["error JSON or placeholder", "no voucher yet"])
async def test_f17_what_is_no_voucher_yet_is_asked_for_again(answer: Answer) -> None:
    house = House(answer, answer, file())
    await house.collect()
    await house.run(seconds=400)
    assert house.rail.operations == [FETCH] * 3
    assert house.kept == [(SHA, FETCH)]


async def test_f17_a_rail_that_never_has_it_is_asked_for_three_days_then_a_person_looks() -> None:
    house = House(NOT_YET)
    await house.collect()
    await house.run(seconds=4 * 86_400, step=60)
    assert await house.states() == [StreamState.HELD]
    assert house.rail.operations == [FETCH] * 8
    assert house.kept == []


async def test_f17_an_empty_answer_is_tried_again_soon() -> None:
    house = House(TransientRemoteError("empty"), TransientRemoteError("empty"), file())
    await house.collect()
    await house.run(seconds=30)
    assert house.kept == [(SHA, FETCH)]


@pytest.mark.parametrize(
    "broken",
    [
        file(b"<html>loi</html>"),
        file(b"", "application/pdf"),
        file(PDF, "text/html"),
        {"content": "%%%", "media_type": "application/pdf"},
        file(b"%PDF-" + b"." * 10_000_001),
        {"media_type": "application/pdf"},
    ],
    ids=["a page", "nothing", "a label", "no base64", "too large", "neither file nor link"],
)
async def test_f17_what_is_not_a_voucher_is_kept_nowhere(broken: Answer) -> None:
    house = House(broken)
    await house.collect()
    await house.run()
    assert house.kept == []
    assert await house.states() == [StreamState.HELD]


@pytest.mark.parametrize(
    "dead", [NOT_YET, Absent(), Refused(code="x", reason="")], ids=["pending", "absent", "refused"]
)
async def test_f17_a_link_that_died_is_replaced_by_a_new_one(dead: Answer) -> None:
    house = House(LINK, dead, {"url": f"{URL}2"}, file())
    await house.collect()
    await house.run(seconds=600)
    assert house.rail.operations == [FETCH, DOWNLOAD, FETCH, DOWNLOAD]
    assert house.rail.calls[3] == (DOWNLOAD, {"url": f"{URL}2"})
    assert house.kept == [(SHA, DOWNLOAD)]
    assert set(await house.states()) == {StreamState.IDLE}


async def test_f17_a_link_is_not_opened_after_its_five_minutes() -> None:
    house = House(LINK, {"url": f"{URL}2"}, file())
    await house.collect()
    await house.worker.drain()
    house.now += timedelta(minutes=6)  # the gateway was down
    await house.run(seconds=400)
    assert house.rail.operations == [FETCH, FETCH, DOWNLOAD]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_f17_a_link_that_cannot_be_reached_is_tried_a_few_times_first() -> None:
    house = House(LINK, TransientRemoteError("down"), TransientRemoteError("down"), file())
    await house.collect()
    await house.run(seconds=60)
    assert house.rail.operations == [FETCH, DOWNLOAD, DOWNLOAD, DOWNLOAD]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_f17_links_that_always_die_are_given_up_and_a_person_looks() -> None:
    house = House(*[LINK, NOT_YET] * 10)
    await house.collect()
    await house.run(seconds=4 * 86_400, step=30)
    assert house.rail.operations.count(FETCH) == len(AGAIN_S)
    assert await house.states() == [StreamState.IDLE, StreamState.HELD]
    assert house.kept == []


async def test_a_refused_question_is_put_the_other_way_once() -> None:
    """Contract 2.7: the time of the payment first, on a refusal that of the opening."""
    house = House(Refused(code="99", reason=""), file())
    await house.collect()
    await house.run(seconds=1)
    assert [body.get("reading") for _, body in house.rail.calls] == [None, "init"]
    assert house.kept == [(SHA, FETCH)]


async def test_a_question_refused_both_ways_is_for_a_person() -> None:
    house = House(Refused(code="99", reason=""))
    await house.collect()
    await house.run(seconds=100)
    assert len(house.rail.calls) == 2
    assert await house.states() == [StreamState.IDLE, StreamState.HELD]


async def test_a_new_link_is_asked_for_the_way_that_worked() -> None:
    house = House(Refused(code="99", reason=""), LINK, NOT_YET, LINK, file())
    await house.collect()
    await house.run(seconds=2_400)
    asked = [body.get("reading") for operation, body in house.rail.calls if operation == FETCH]
    assert asked == [None, "init", "init"]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_an_answer_that_breaks_the_contract_is_never_kept() -> None:
    """A link to a host that was not agreed on is the connector's to refuse."""
    house = House(ProtocolViolation("another host"))
    await house.collect()
    await house.run(seconds=7_200, step=10)
    assert (house.kept, await house.states()) == ([], [StreamState.HELD])


async def test_a_link_that_came_with_the_portals_money_is_followed_at_once() -> None:
    """Contract 2.10."""
    house = House(file())
    await house.collect(payment=payment(document={"voucher_url": URL}))
    await house.run()
    assert house.rail.calls == [(DOWNLOAD, LINK)]
    assert house.kept == [(SHA, DOWNLOAD)]


async def test_the_portals_link_that_died_leads_to_a_question() -> None:
    house = House(NOT_YET, file())
    await house.vouchers.due(money(), url=URL)
    await house.run(seconds=200)
    assert house.rail.operations == [DOWNLOAD, FETCH]
    assert house.kept == [(SHA, FETCH)]


async def test_a_voucher_that_is_there_is_not_asked_for() -> None:
    house = House(file())
    await house.collect()
    await house.collect()
    await house.run(seconds=5)
    assert house.rail.operations == [FETCH]


async def test_a_rail_without_vouchers_is_not_asked() -> None:
    house = House(lacks=frozenset({FETCH, DOWNLOAD}))
    await house.collect(payment=payment(document={"voucher_url": URL}))
    await house.run()
    assert house.rail.calls == []
    assert await house.states() == []


@pytest.mark.parametrize("error", [ConfigurationError("gone", what="x"), UnprocessableError("misfit")])
async def test_a_rail_that_cannot_be_asked_is_an_alarm_and_never_undoes_the_money(error: Exception) -> None:
    class Broken(ScriptedExchange):
        def draft(self, *_: Any, **__: Any) -> Any:
            raise error

    house = House()
    house.vouchers._exchange = Broken()
    await house.collect()
    [(_, alarm)] = house.alarms.kept
    assert (alarm.occasion.kind, alarm.occasion.about) == ("voucher_missing", PAYMENT)


async def test_a_voucher_that_was_altered_is_not_handed_out() -> None:
    """SEC-10 (part)."""
    house = House(file())
    await house.collect()
    await house.run()
    [(name, (voucher, _))] = house.store.kept.items()
    house.store.kept[name] = voucher, b"%PDF-other"
    with pytest.raises(IntegrityError):
        await house.vouchers.file(PAYMENT, SHA, context=CONTEXT)
    with pytest.raises(NotFoundError):
        await house.vouchers.file(PAYMENT, "00" * 32, context=CONTEXT)
