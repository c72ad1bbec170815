"""No fault is not yet good: what waits, or is not known, is neither."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gateway
from gateway.audit.model import EntryKind
from gateway.transactions.model import Fault, WaitingKind
from gateway.transactions.words import FAULTS, KINDS, WAITING, operation_of, tone_of


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


def test_what_the_code_records_has_words() -> None:
    """An officer reads no name of ours where there are words."""
    texts = [file.read_text() for file in Path(gateway.__file__).parent.rglob("*.py")]
    written = re.compile(r'(?:\boperation=|(?:_record|_told|_change|record_act)\((?:gateway, )?\s*)"([a-z_]+)"')
    named = {name for text in texts for name in written.findall(text)}
    assert len(named) > 60
    assert {name for name in named - {"inbound"} if operation_of(name).vi == name} == set()


def test_every_class_has_words_in_both_languages() -> None:
    assert {*FAULTS} == {*Fault}
    assert {*KINDS} == {*EntryKind}
    assert {*WAITING} == {*WaitingKind}
    assert operation_of("of_another_day").vi == "of_another_day"
