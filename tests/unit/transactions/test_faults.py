"""Whose fault a failure is, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gateway.audit.model import EntryKind
from gateway.ledger.model import Finding
from gateway.sdk import errors
from gateway.sdk.inbound import Receipt
from gateway.transactions.faults import Happened, fault_of, judge
from gateway.transactions.model import Fault
from gateway.transactions.sentences import CODES, IN_ITS_NAME, UNKNOWN, Next


def classes(parent: type[errors.GatewayError]) -> Iterator[type[errors.GatewayError]]:
    yield parent
    for child in parent.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from classes(child)


ERRORS = sorted({*classes(errors.GatewayError)}, key=lambda cls: cls.code)


def exchange(outcome: str, **facts: str) -> Happened:
    return Happened(kind=EntryKind.EXCHANGE, outcome=outcome, system="dancu", facts=facts)


@pytest.mark.parametrize("cls", ERRORS, ids=lambda cls: cls.__name__)
def test_every_class_of_error_has_a_sentence_and_a_fault(cls: type[errors.GatewayError]) -> None:
    assert cls.code in CODES
    told = judge(exchange(cls.code))
    assert told.fault is not Fault.NONE
    assert CODES[cls.code].what.vi in told.what.vi
    assert CODES[cls.code].what.en in told.what.en
    assert told.next.vi
    assert told.next.en


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        ("answered", Fault.NONE),
        ("accepted", Fault.NONE),
        ("absent", Fault.NONE),
        ("pending", Fault.NONE),
        ("copied", Fault.NONE),
        ("refused", Fault.PARTNER_BUSINESS),
        ("partner.refused", Fault.PARTNER_BUSINESS),
        ("partner.not_connected", Fault.PARTNER_TECHNICAL),
        ("partner.anything_new", Fault.PARTNER_TECHNICAL),
        ("security.replayed", Fault.PARTNER_TECHNICAL),
        ("caller.not_translatable", Fault.CALLER),
        ("operator.route", Fault.OURS),
        ("ours.cancelled", Fault.OURS),
    ],
)
def test_an_exchange_is_judged_by_its_outcome(outcome: str, fault: Fault) -> None:
    assert fault_of(exchange(outcome)) is fault


@pytest.mark.parametrize(
    ("outcome", "code", "fault"),
    [
        ("http_422", "caller.unprocessable", Fault.CALLER),
        ("http_404", "", Fault.CALLER),
        ("http_502", "partner.refused", Fault.PARTNER_BUSINESS),
        ("http_503", "partner.circuit_open", Fault.PARTNER_TECHNICAL),
        ("http_503", "operator.route", Fault.OURS),
        ("http_500", "", Fault.OURS),
        ("answered", "", Fault.NONE),
    ],
)
def test_a_request_is_judged_by_the_code_that_was_answered(outcome: str, code: str, fault: Fault) -> None:
    facts = {"code": code} if code else {}
    assert fault_of(Happened(kind=EntryKind.REQUEST, outcome=outcome, facts=facts)) is fault


@pytest.mark.parametrize(
    ("outcome", "fault"),
    [
        ("recorded", Fault.NONE),
        ("duplicate", Fault.NONE),
        ("failed", Fault.OURS),
        ("rejected", Fault.PARTNER_TECHNICAL),
        ("caller.bad_request", Fault.PARTNER_TECHNICAL),
        ("security.not_trusted", Fault.PARTNER_TECHNICAL),
    ],
)
def test_of_an_inbound_call_the_caller_is_the_national_system(outcome: str, fault: Fault) -> None:
    assert fault_of(Happened(kind=EntryKind.INBOUND, outcome=outcome, system="dvcqg")) is fault


@pytest.mark.parametrize(
    ("outcome", "code", "fault"),
    [
        ("failed", "partner.protocol_violation", Fault.PARTNER_TECHNICAL),
        ("failed", "ours.audit_unavailable", Fault.OURS),
        ("put_off", "", Fault.NONE),
    ],
)
def test_a_call_that_was_not_handled_is_judged_by_what_kept_it(outcome: str, code: str, fault: Fault) -> None:
    facts = {"code": code} if code else {}
    told = judge(Happened(kind=EntryKind.INBOUND, outcome=outcome, system="dvcqg", facts=facts))
    assert told.fault is fault
    assert UNKNOWN.what.en not in told.what.en.lower()


def test_a_stranger_s_call_is_not_called_the_national_system_s_own() -> None:
    told = judge(Happened(kind=EntryKind.INBOUND, outcome="security.not_trusted", system="dvcqg"))
    assert told.what.vi.startswith(IN_ITS_NAME.vi)
    proven = judge(Happened(kind=EntryKind.INBOUND, outcome="rejected", system="dvcqg"))
    assert not proven.what.vi.startswith(IN_ITS_NAME.vi)


@pytest.mark.parametrize(
    ("code", "fault"),
    [
        ("partner.pending", Fault.NONE),
        ("partner.no_such_value", Fault.PARTNER_BUSINESS),
        ("partner.not_signable", Fault.CALLER),
        ("partner.platform_request", Fault.OURS),
        ("partner.identity_provider", Fault.OURS),
    ],
)
def test_a_partner_is_not_blamed_for_what_is_not_its_fault(code: str, fault: Fault) -> None:
    assert fault_of(exchange(code)) is fault


def test_news_that_does_not_arrive_is_no_fault_of_a_national_system() -> None:
    told = judge(Happened(kind=EntryKind.EXCHANGE, outcome="partner.no_answer", system="receiver:3"))
    assert told.fault is Fault.OURS
    assert told.next == Next.AGAIN.value


def test_a_callback_that_fails_is_the_fault_of_the_province_s_own_system() -> None:
    told = Happened(kind=EntryKind.EXCHANGE, outcome="partner.callback_refused", system="client:motcua")
    assert fault_of(told) is Fault.CALLER


@pytest.mark.parametrize("finding", list(Finding))
def test_a_finding_of_reconciliation_accuses_nobody_and_is_said(finding: Finding) -> None:
    told = judge(exchange(finding.value))
    assert told.fault is Fault.NONE
    assert UNKNOWN.what.en not in told.what.en.lower()


@pytest.mark.parametrize("receipt", list(Receipt))
def test_every_end_of_an_inbound_call_is_said(receipt: Receipt) -> None:
    told = judge(Happened(kind=EntryKind.INBOUND, outcome=receipt.value))
    assert UNKNOWN.what.en not in told.what.en.lower()


@pytest.mark.parametrize("outcome", ["accepted", "answered", "refused"])
def test_an_act_of_staff_is_no_answer_of_a_national_system(outcome: str) -> None:
    told = judge(Happened(kind=EntryKind.ADMIN, outcome=outcome))
    assert told.fault is Fault.NONE
    assert "quốc gia" not in told.what.vi


def test_what_is_unknown_is_called_unknown() -> None:
    told = judge(exchange("something_new"))
    assert told.fault is Fault.NONE
    assert UNKNOWN.what.en in told.what.en.lower()
