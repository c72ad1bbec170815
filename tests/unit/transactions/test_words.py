"""No fault is not yet good: what waits, or is not known, is neither."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.audit.model import EntryKind
from gateway.transactions.model import Fault, WaitingKind
from gateway.transactions.words import FAULTS, KINDS, OPERATIONS, WAITING, operation_of, tone_of

GATEWAY = Path(__file__).parents[3] / "gateway"


@pytest.mark.parametrize(
    ("kind", "outcome", "fault", "colour"),
    [
        (EntryKind.EXCHANGE, "answered", Fault.NONE, "good"),
        (EntryKind.EXCHANGE, "pending", Fault.NONE, "calm"),
        (EntryKind.EXCHANGE, "cannot_tell", Fault.NONE, "calm"),
        (EntryKind.EXCHANGE, "something_new", Fault.NONE, "calm"),
        (EntryKind.ALARM, "reply_not_trusted", Fault.NONE, "late"),
        (EntryKind.ADMIN, "answered", Fault.NONE, "calm"),
        (EntryKind.EXCHANGE, "refused", Fault.PARTNER_BUSINESS, "late"),
        (EntryKind.EXCHANGE, "partner.no_answer", Fault.PARTNER_TECHNICAL, "bad"),
        (EntryKind.ADMIN, "http_500", Fault.OURS, "bad"),
    ],
)
def test_a_row_is_marked_by_its_fault_or_by_what_it_is(
    kind: EntryKind, outcome: str, fault: Fault, colour: str
) -> None:
    assert tone_of(kind, outcome, fault).colour == colour


def test_every_class_has_words_in_both_languages() -> None:
    assert {*FAULTS} == {*Fault}
    assert {*KINDS} == {*EntryKind}
    assert {*WAITING} == {*WaitingKind}
    assert operation_of("of_another_day").vi == "of_another_day"


def test_an_act_that_a_service_writes_down_has_words_of_its_own() -> None:
    """People read the log in words; the code beside them is for whoever searches."""
    written = re.compile(
        r"(?:\bAct\(|record_act\(gateway, |self\._(?:told|record|change)\()\s*(?:operation=)?\"([a-z_]+)\""
    )
    named = {name for file in GATEWAY.rglob("*.py") for name in written.findall(file.read_text("utf-8"))}
    assert len(named) > 50
    assert named - {*OPERATIONS} == set()
