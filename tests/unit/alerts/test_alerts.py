"""From a figure to what somebody is told: rules, the outbox, the channels."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any

import pytest
from echo import Transport
from services import CONTEXT, NOW, ListedRecorder, atomically

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.alerts.channels import Mail, Webhook
from gateway.alerts.memory import MemoryAlerts
from gateway.alerts.model import Channel, Happened, Metric, Receiver, Rule, TellingState
from gateway.alerts.service import Alerts, Policy
from gateway.alerts.settings import SmtpSettings
from gateway.alerts.teller import ALARM_AFTER, Teller
from gateway.callbacks.call import signature
from gateway.sdk import TransientRemoteError, WireReply
from gateway.sdk.errors import NotFoundError, UnprocessableError

TENANT = CONTEXT.tenant
URL = "https://tinh.example.vn/tin"
RULE = Rule(name="Mất kết nối", metric=Metric.SUCCESS, raise_at=50, clear_at=90)


class House:
    """Alerts on memory, a clock that is set by hand, figures as the test says."""

    def __init__(self, *script: Any) -> None:
        self.now, self.figures = NOW, dict[tuple[Metric, str], float | None]()
        self.store, self.recorder, self.transport = MemoryAlerts(), ListedRecorder(), Transport(*script)
        self.alarms = MemoryAlarms()
        self.alerts = Alerts(
            self.store,
            self._read,
            policy=Policy(
                every=timedelta(seconds=30),
                keep=timedelta(days=90),
                systems=("payment", "population"),
                mails=True,
            ),
            recorder=self.recorder,
            atomically=atomically,
            clock=lambda: self.now,
        )
        told = {"tenant": TENANT, "public_url": "https://lienthong.example.vn"}
        self.mail = Mail(SmtpSettings(host="", sender="lienthong@tinh.example.vn"), **told)
        self.teller = Teller(
            self.store,
            {
                Channel.WEBHOOK: Webhook(self.transport, clock=lambda: self.now, **told),
                Channel.EMAIL: self.mail,
            },
            tenant=TENANT,
            name="w",
            alarms=Alarms(self.alarms, recorder=self.recorder, clock=lambda: self.now),
            recorder=self.recorder,
            clock=lambda: self.now,
        )

    async def _read(self, _: str) -> dict[tuple[Metric, str], float | None]:
        return self.figures

    async def hook(self, name: str = "Trực") -> int:
        receiver = Receiver(name=name, channel=Channel.WEBHOOK, address=URL, secret=b"secret")
        return await self.alerts.add_receiver(receiver, context=CONTEXT)

    async def look(self, *, after_s: float = 30) -> int:
        self.now += timedelta(seconds=after_s)
        return await self.alerts.step(TENANT)

    def leaves(self, operation: str) -> list[Any]:
        return [entry for entry in self.recorder.entries if entry.operation == operation]


async def test_each_system_stands_by_itself_and_every_receiver_is_told() -> None:
    house = House()
    first, second = await house.hook(), await house.hook("Lãnh đạo")
    await house.alerts.add_rule(RULE, context=CONTEXT)
    house.figures = {(Metric.SUCCESS, "population"): 20.0, (Metric.SUCCESS, "payment"): 99.0}
    assert await house.look() == 2
    assert await house.look() == 0
    tellings = await house.alerts.tellings(TENANT, limit=9)
    assert {one.receiver_id for one in tellings} == {first, second}
    assert {one.news.subject for one in tellings} == {"population"}
    (leaf,) = house.leaves("alert")
    assert (leaf.outcome, leaf.facts["subject"], leaf.facts["value"]) == ("raised", "population", "20.0")
    assert [key[1] for key in await house.alerts.raised(TENANT)] == ["population"]
    house.figures = {(Metric.SUCCESS, "population"): 95.0}
    assert await house.look() == 2
    assert [one.news.happened for one in await house.alerts.tellings(TENANT, limit=2)] == [Happened.RECOVERED] * 2


async def test_whoever_becomes_the_first_receiver_later_is_told_what_is_still_so() -> None:
    house = House()
    await house.alerts.add_rule(RULE, context=CONTEXT)
    house.figures = {(Metric.SUCCESS, "population"): 20.0}
    assert await house.look() == 0
    assert house.leaves("alert") == []
    assert [key[1] for key in await house.alerts.raised(TENANT)] == ["population"]
    await house.hook()
    assert await house.look() == 1
    assert await house.look() == 0


async def test_a_rule_that_names_its_receivers_tells_no_other() -> None:
    house = House()
    first, _ = await house.hook(), await house.hook("Khác")
    await house.alerts.add_rule(
        Rule(name="x", metric=Metric.SUCCESS, subject="payment", raise_at=50, clear_at=90, receivers=(first,)),
        context=CONTEXT,
    )
    house.figures = {(Metric.SUCCESS, "payment"): 0.0, (Metric.SUCCESS, "population"): 0.0}
    assert await house.look() == 1


async def test_a_figure_that_nobody_knows_tells_nothing() -> None:
    house = House()
    await house.hook()
    await house.alerts.add_rule(RULE, context=CONTEXT)
    house.figures = {(Metric.SUCCESS, "population"): None}
    assert await house.look() == 0
    assert house.leaves("alert") == []


async def test_alarms_of_a_kind_that_nobody_raised_are_none() -> None:
    house = House()
    await house.hook()
    rule = Rule(name="x", metric=Metric.ALARMS, subject="money_case", raise_at=1, clear_at=0)
    await house.alerts.add_rule(rule, context=CONTEXT)
    house.figures = {(Metric.ALARMS, "money_case"): 2.0}
    assert await house.look() == 1
    house.figures = {}
    assert await house.look() == 1


async def test_a_rule_that_is_off_is_not_looked_at_and_tells_anew_when_it_is_on() -> None:
    house = House()
    await house.hook()
    number = await house.alerts.add_rule(RULE, context=CONTEXT)
    house.figures = {(Metric.SUCCESS, "population"): 0.0}
    assert await house.look() == 1
    await house.alerts.switch_rule(number, is_on=False, context=CONTEXT)
    assert await house.look() == 0
    await house.alerts.switch_rule(number, is_on=True, context=CONTEXT)
    assert await house.look() == 1


async def test_rules_are_looked_at_no_more_often_than_is_set() -> None:
    house = House()
    await house.hook()
    await house.alerts.add_rule(RULE, context=CONTEXT)
    assert await house.look() == 0
    house.figures = {(Metric.SUCCESS, "population"): 0.0}
    assert await house.look(after_s=29) == 0
    assert await house.look(after_s=1) == 1


async def test_a_webhook_is_signed_and_says_nothing_of_anybody() -> None:
    house = House()
    await house.hook()
    await house.alerts.add_rule(RULE, context=CONTEXT)
    house.figures = {(Metric.SUCCESS, "population"): 20.0}
    await house.look()
    assert await house.teller.step() == 1
    (request,) = house.transport.sent
    stamp = int(request.headers["webhook-timestamp"])
    expected = signature(b"secret", message_id=request.headers["webhook-id"], timestamp=stamp, body=request.content)
    assert request.headers["webhook-signature"] == expected
    assert base64.b64decode(expected.removeprefix("v1,"))
    told = json.loads(request.content)
    assert told["type"] == "alert.raised"
    assert told["data"] == {
        "tenant": TENANT,
        "rule": "Mất kết nối",
        "metric": "success",
        "subject": "population",
        "value": 20.0,
        "threshold": 50.0,
        "text_vi": "[Liên Thông] CẢNH BÁO / ALERT: Mất kết nối – population",
        "link": "https://lienthong.example.vn/console",
    }
    (telling,) = await house.alerts.tellings(TENANT, limit=9)
    assert (telling.state, telling.tries) == (TellingState.TOLD, 1)
    assert [leaf.outcome for leaf in house.leaves("tell_alert")] == ["answered"]


async def test_what_does_not_arrive_is_told_again_with_the_same_bytes_and_a_person_hears_of_it() -> None:
    house = House(*[TransientRemoteError("x", what="no_answer"), WireReply(status=500, content=b"")] * 3)
    number = await house.hook()
    await house.alerts.test(number, context=CONTEXT)
    for _ in range(7):
        house.now += timedelta(hours=2)
        assert await house.teller.step() == 1
    assert await house.teller.step() == 0
    sent = house.transport.sent
    assert len({request.content for request in sent}) == 1
    assert len({request.headers["webhook-id"] for request in sent}) == 1
    (telling,) = await house.alerts.tellings(TENANT, limit=9)
    assert (telling.state, telling.tries, telling.trouble) == (TellingState.TOLD, 7, "")
    assert [leaf.outcome for leaf in house.leaves("tell_alert")] == [
        *["partner.no_answer", "partner.callback_refused"] * 3,
        "answered",
    ]
    (alarm,) = await house.alarms.listed(TENANT, everything=True, limit=9)
    assert (alarm.occasion.kind, alarm.occasion.facts["tries"]) == ("alert_not_told", ALARM_AFTER)


async def test_one_receiver_that_is_down_does_not_hold_up_another() -> None:
    house = House(TransientRemoteError("x", what="no_answer"))
    for number in (await house.hook(), await house.hook("Khác")):
        await house.alerts.test(number, context=CONTEXT)
    assert await house.teller.step() == 2
    states = [one.state for one in await house.alerts.tellings(TENANT, limit=9)]
    assert sorted(states) == [TellingState.TOLD, TellingState.WAITING]


async def test_what_a_removed_receiver_was_to_be_told_is_dropped() -> None:
    house = House()
    number = await house.hook()
    await house.alerts.test(number, context=CONTEXT)
    await house.alerts.remove_receiver(number, context=CONTEXT)
    assert await house.teller.step() == 1
    (telling,) = await house.alerts.tellings(TENANT, limit=9)
    assert telling.state is TellingState.DROPPED
    assert house.transport.sent == []


async def test_a_leaf_that_cannot_be_written_leaves_the_telling_to_be_told_again() -> None:
    house = House()
    number = await house.hook()
    await house.alerts.test(number, context=CONTEXT)
    house.recorder.broken = RuntimeError("x")
    await house.teller.step()
    house.recorder.broken = None
    house.now += timedelta(seconds=121)
    assert await house.teller.step() == 1
    (telling,) = await house.alerts.tellings(TENANT, limit=9)
    assert telling.state is TellingState.TOLD


async def test_every_change_is_a_leaf_without_an_address() -> None:
    """SEC-04 (part)."""
    house = House()
    mail = Receiver(name="Trực", channel=Channel.EMAIL, address="truc@tinh.example.vn")
    number = await house.alerts.add_receiver(mail, context=CONTEXT)
    rule = await house.alerts.add_rule(RULE, context=CONTEXT)
    await house.alerts.switch_rule(rule, is_on=False, context=CONTEXT)
    await house.alerts.remove_rule(rule, context=CONTEXT)
    await house.alerts.test(number, context=CONTEXT)
    await house.alerts.remove_receiver(number, context=CONTEXT)
    assert [entry.operation for entry in house.recorder.entries] == [
        "add_alert_receiver",
        "add_alert_rule",
        "switch_alert_rule",
        "remove_alert_rule",
        "test_alert",
        "remove_alert_receiver",
    ]
    assert "truc@" not in repr(house.recorder.entries)
    assert {entry.actor for entry in house.recorder.entries} == {CONTEXT.actor}


async def test_what_is_not_there_is_told() -> None:
    house = House()
    for act in (
        house.alerts.switch_rule(9, is_on=True, context=CONTEXT),
        house.alerts.remove_rule(9, context=CONTEXT),
        house.alerts.test(9, context=CONTEXT),
        house.alerts.remove_receiver(9, context=CONTEXT),
    ):
        with pytest.raises(NotFoundError):
            await act
    with pytest.raises(UnprocessableError):
        await house.alerts.add_rule(Rule(name="x", metric=Metric.HELD, raise_at=1, clear_at=2), context=CONTEXT)


async def test_mail_without_a_server_is_kept_and_says_why() -> None:
    house = House()
    mail = Receiver(name="Trực", channel=Channel.EMAIL, address="truc@tinh.example.vn")
    await house.alerts.test(await house.alerts.add_receiver(mail, context=CONTEXT), context=CONTEXT)
    await house.teller.step()
    (telling,) = await house.alerts.tellings(TENANT, limit=9)
    assert (telling.state, telling.trouble) == (TellingState.WAITING, "operator.no_mail_server")
