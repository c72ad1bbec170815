"""Whom to tell of what: rules, receivers, and what was told."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Form
from pydantic import BaseModel, Field
from starlette.responses import Response

from gateway.alerts.checks import SUGGESTED
from gateway.alerts.model import Channel, Happened, Metric, Receiver, Rule, TellingState
from gateway.alerts.words import METRICS, written
from gateway.callbacks.call import new_secret, shown
from gateway.console.alarm_words import KINDS
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
Administrator = Annotated[Visit, Depends(visit(Right.ADMINISTER))]
HOME = "/console/alerts"
LATEST = 50

HAPPENED = {
    Happened.RAISED: ("Báo", "Raised", "bad"),
    Happened.RECOVERED: ("Đã bình thường", "Recovered", "good"),
    Happened.TEST: ("Tin thử", "Test", "calm"),
}
STATES = {
    TellingState.WAITING: ("Đang gửi", "Waits", "late"),
    TellingState.TOLD: ("Đã gửi", "Told", "good"),
    TellingState.DROPPED: ("Bỏ: nơi nhận đã gỡ", "Dropped: the receiver is gone", "calm"),
}


class RuleForm(BaseModel):
    """A rule; times in minutes. No receiver: all of them."""

    name: str = Field(max_length=200)
    metric: Metric
    subject: str = Field(default="", max_length=100)
    raise_at: float
    clear_at: float
    for_min: int = Field(default=0, ge=0)
    quiet_min: int = Field(default=60, ge=0)
    receivers: list[int] = Field(default_factory=list, max_length=100)

    def rule(self) -> Rule:
        return Rule(
            name=self.name.strip(),
            metric=self.metric,
            subject=self.subject,
            raise_at=self.raise_at,
            clear_at=self.clear_at,
            for_s=self.for_min * 60,
            quiet_s=self.quiet_min * 60,
            receivers=tuple(self.receivers),
        )


class SwitchForm(BaseModel):
    """Whether a rule is looked at."""

    is_on: bool


class ReceiverForm(BaseModel):
    """Whom to tell, and how."""

    name: str = Field(max_length=200)
    channel: Channel
    address: str = Field(max_length=500, repr=False)


@router.get(HOME, name="alerts")
async def alerts(visitor: Viewer) -> Response:
    service, tenant = visitor.desk.alerts, visitor.tenant
    receivers = await service.receivers(tenant)
    return visitor.page(
        "alerts/index.html",
        rules=await service.rules(tenant),
        raised=await service.raised(tenant),
        receivers=receivers,
        names={receiver.id: receiver.name for receiver in receivers},
        tellings=await service.tellings(tenant, limit=LATEST),
        metrics=METRICS,
        kinds=KINDS,
        systems=visitor.desk.targets,
        happened=HAPPENED,
        states=STATES,
        written=written,
        may_change=visitor.may(Right.ADMINISTER),
    )


@router.post(f"{HOME}/rules", name="add_alert_rule")
async def add_alert_rule(visitor: Administrator, form: Annotated[RuleForm, Form()]) -> Response:
    number = await visitor.desk.alerts.add_rule(form.rule(), context=visitor.context)
    visitor.about(f"rule:{number}")
    return visitor.back(HOME, vi="Đã thêm quy tắc.", en="The rule is added.")


@router.post(f"{HOME}/suggested", name="add_suggested_rules")
async def add_suggested_rules(visitor: Administrator) -> Response:
    """Those that are not there by name."""
    held = {rule.name for rule in await visitor.desk.alerts.rules(visitor.tenant)}
    wanted = [rule for rule in SUGGESTED if rule.name not in held]
    for rule in wanted:
        await visitor.desk.alerts.add_rule(rule, context=visitor.context)
    return visitor.back(HOME, vi=f"Đã thêm {len(wanted)} quy tắc gợi ý.", en=f"Rules added: {len(wanted)}.")


@router.post(f"{HOME}/rules/{{rule_id}}/switch", name="switch_alert_rule")
async def switch_alert_rule(visitor: Administrator, rule_id: int, form: Annotated[SwitchForm, Form()]) -> Response:
    visitor.about(f"rule:{rule_id}")
    await visitor.desk.alerts.switch_rule(rule_id, is_on=form.is_on, context=visitor.context)
    vi, en = ("Đã bật quy tắc.", "It is on.") if form.is_on else ("Đã tắt quy tắc.", "It is off.")
    return visitor.back(HOME, vi=vi, en=en)


@router.post(f"{HOME}/rules/{{rule_id}}/remove", name="remove_alert_rule")
async def remove_alert_rule(visitor: Administrator, rule_id: int) -> Response:
    visitor.about(f"rule:{rule_id}")
    await visitor.desk.alerts.remove_rule(rule_id, context=visitor.context)
    return visitor.back(HOME, vi="Đã xoá quy tắc.", en="The rule is removed.")


@router.post(f"{HOME}/receivers", name="add_alert_receiver")
async def add_alert_receiver(visitor: Administrator, form: Annotated[ReceiverForm, Form()]) -> Response:
    """A webhook's secret is shown on the page that answers, once, and nowhere else."""
    secret = new_secret() if form.channel is Channel.WEBHOOK else b""
    receiver = Receiver(name=form.name.strip(), channel=form.channel, address=form.address.strip(), secret=secret)
    number = await visitor.desk.alerts.add_receiver(receiver, context=visitor.context)
    visitor.about(f"receiver:{number}")
    if secret:
        return visitor.page("alerts/secret.html", receiver=receiver, secret=shown(secret))
    return visitor.back(HOME, vi="Đã thêm nơi nhận.", en="The receiver is added.")


@router.post(f"{HOME}/receivers/{{receiver_id}}/test", name="test_alert_receiver")
async def test_alert_receiver(visitor: Administrator, receiver_id: int) -> Response:
    visitor.about(f"receiver:{receiver_id}")
    await visitor.desk.alerts.test(receiver_id, context=visitor.context)
    vi = "Tin thử đang chờ gửi; xem kết quả ở bảng dưới sau vài giây."
    return visitor.back(HOME, vi=vi, en="The test waits to be sent; see the table below in a few seconds.")


@router.post(f"{HOME}/receivers/{{receiver_id}}/remove", name="remove_alert_receiver")
async def remove_alert_receiver(visitor: Administrator, receiver_id: int) -> Response:
    visitor.about(f"receiver:{receiver_id}")
    await visitor.desk.alerts.remove_receiver(receiver_id, context=visitor.context)
    return visitor.back(HOME, vi="Đã gỡ nơi nhận.", en="The receiver is removed.")
