"""Which rules and receivers make sense."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.alerts.checks import SUGGESTED, check_receiver, check_rule
from gateway.alerts.model import Channel, Metric, Receiver, Rule
from gateway.alerts.words import METRICS
from gateway.sdk.errors import UnprocessableError

RULE = Rule(name="Có hồ sơ bị giữ", metric=Metric.HELD, raise_at=10, clear_at=3)


def wrong(rule: Rule) -> set[str]:
    with pytest.raises(UnprocessableError) as caught:
        check_rule(rule, systems=["population"], receivers={1})
    return {field.pointer for field in caught.value.fields}


@pytest.mark.parametrize("rule", SUGGESTED, ids=lambda rule: rule.metric)
def test_what_is_suggested_makes_sense(rule: Rule) -> None:
    check_rule(rule, systems=["population"], receivers=set())


def test_every_metric_is_suggested_but_for_the_backlog_and_has_words() -> None:
    assert {rule.metric for rule in SUGGESTED} == set(Metric) - {Metric.BACKLOG}
    assert set(METRICS) == set(Metric)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"clear_at": 10}, "/clear_at"),
        ({"clear_at": 11}, "/clear_at"),
        ({"metric": Metric.SUCCESS}, "/clear_at"),
        ({"raise_at": float("nan")}, "/raise_at"),
        ({"raise_at": float("inf")}, "/raise_at"),
        ({"subject": "nobody"}, "/subject"),
        ({"metric": Metric.LAG, "subject": "population"}, "/subject"),
        ({"metric": Metric.ALARMS, "subject": "Not A Kind"}, "/subject"),
        ({"name": " "}, "/name"),
        ({"name": "a\nb"}, "/name"),
        ({"for_s": -1}, "/for_s"),
        ({"quiet_s": 10**9}, "/for_s"),
        ({"receivers": (1, 2)}, "/receivers"),
    ],
)
def test_what_makes_no_sense_is_named(change: dict[str, object], pointer: str) -> None:
    check_rule(replace(RULE, receivers=(1,), subject="population"), systems=["population"], receivers={1})
    assert pointer in wrong(replace(RULE, **change))  # type: ignore[arg-type]  # what a form may hold


@pytest.mark.parametrize("address", ["", "x", "a@b", "a b@x.vn", "a@x.vn\nBcc: b@x.vn", "<a@x.vn>", "a@x..vn"])
def test_no_address_is_no_receiver(address: str) -> None:
    with pytest.raises(UnprocessableError):
        check_receiver(Receiver(name="Trực", channel=Channel.EMAIL, address=address), mails=True)


def test_mail_needs_a_server_and_a_webhook_an_address_that_may_be_called() -> None:
    mail = Receiver(name="Trực", channel=Channel.EMAIL, address="truc@tinh.example.vn")
    check_receiver(mail, mails=True)
    with pytest.raises(UnprocessableError):
        check_receiver(mail, mails=False)
    hook = Receiver(name="Trực", channel=Channel.WEBHOOK, address="http://169.254.1.1/x")
    with pytest.raises(UnprocessableError):
        check_receiver(hook, mails=True)
