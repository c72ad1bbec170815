"""Where a dossier code comes from, and what is never made up instead."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from services import CONTEXT, NOW, ScriptedExchange, atomically

from gateway.domain import DossierCode
from gateway.exchange.model import Exchanged
from gateway.numbering.memory import MemoryNumbering
from gateway.numbering.model import CodeRequest, IssuedCode
from gateway.numbering.service import Numbering
from gateway.sdk import Absent, Answered, ProtocolViolation, TransientRemoteError
from gateway.sdk.errors import UnprocessableError


def office(answer: Any = None, *, now: datetime = NOW) -> tuple[Numbering, ScriptedExchange]:
    exchange = ScriptedExchange(**({"next_dossier_code": answer} if answer else {}))
    made = Numbering(
        MemoryNumbering(), exchange=exchange, upstream=answer is not None, atomically=atomically, clock=lambda: now
    )
    return made, exchange


def asked(agency: str = "000.00.05.H99", day: date | None = None, key: bytes = b"1") -> CodeRequest:
    return CodeRequest(agency=agency, procedure="1.009999", received_on=day, key=key)


@pytest.mark.parametrize(
    ("agency", "day", "code"),
    [
        ("000.00.05.H99", None, "000.00.05.H99-261123-0001"),
        ("H99.12.03", None, "H99.12.03-261123-0001"),
        ("000.00.05.H99", date(2026, 1, 2), "000.00.05.H99-260102-0001"),
    ],
)
async def test_our_own_code_has_the_legacy_form_with_the_agency_as_it_was_given(
    agency: str, day: date | None, code: str
) -> None:
    """COD-01 (part): and no agency id is rewritten into the other form."""
    made, exchange = office()
    issued = await made.issue(asked(agency, day), context=CONTEXT)
    assert (issued.code, issued.source, DossierCode.parse(code).serial) == (code, "own", 1)
    assert exchange.asked == []


async def test_the_day_is_viet_nams() -> None:
    late = datetime.fromisoformat("2026-11-23T17:30:00+00:00")
    made, _ = office(now=late)
    assert (await made.issue(asked(), context=CONTEXT)).code == "000.00.05.H99-261124-0001"


async def test_a_day_in_the_future_is_refused_and_no_number_is_used() -> None:
    made, _ = office()
    with pytest.raises(UnprocessableError) as refused:
        await made.issue(asked(day=date(2026, 11, 24)), context=CONTEXT)
    assert [told.pointer for told in refused.value.fields] == ["/received_on"]
    assert (await made.issue(asked(), context=CONTEXT)).code.endswith("-0001")


async def test_an_agency_that_does_not_fit_into_a_code_is_named() -> None:
    made, _ = office()
    with pytest.raises(UnprocessableError) as refused:
        await made.issue(asked("H99.1234567"), context=CONTEXT)
    assert [told.pointer for told in refused.value.fields] == ["/agency_code"]


async def test_the_system_above_is_asked_for_agency_and_procedure_and_its_code_is_not_rewritten() -> None:
    """COD-02: the newer shape comes from an upstream call."""
    made, exchange = office((Answered(body={}), {"code": "G09.20-20260609-0092637"}))
    issued = await made.issue(asked(), context=CONTEXT)
    assert (issued.code, issued.source) == ("G09.20-20260609-0092637", "s")
    assert exchange.asked == [("next_dossier_code", {"agency_code": "000.00.05.H99", "procedure_code": "1.009999"})]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (TransientRemoteError("busy"), TransientRemoteError),
        ((Absent(), {}), ProtocolViolation),
        ((Answered(body={}), {"code": "no code"}), ProtocolViolation),
    ],
)
async def test_when_the_system_above_gives_none_none_is_made_up(answer: Any, error: type[Exception]) -> None:
    """COD-02 (part)."""
    made, _ = office(answer)
    with pytest.raises(error):
        await made.issue(asked(), context=CONTEXT)


class Overtaken(ScriptedExchange):
    """While the first request waits for its answer, the same request comes again and is answered."""

    again: Callable[[], Awaitable[IssuedCode]]

    async def ask(self, operation: str, canonical: Mapping[str, Any], **more: Any) -> Exchanged:
        answer = await super().ask(operation, canonical, **more)
        if len(self.asked) == 1:
            self.answers[operation] = (Answered(body={}), {"code": "G09.20-20260609-0092638"})
            await self.again()
        return answer


async def test_of_two_equal_requests_at_once_both_get_the_code_that_was_kept_first() -> None:
    exchange = Overtaken(next_dossier_code=(Answered(body={}), {"code": "G09.20-20260609-0092637"}))
    made = Numbering(MemoryNumbering(), exchange=exchange, upstream=True, atomically=atomically, clock=lambda: NOW)
    exchange.again = lambda: made.issue(asked(), context=CONTEXT)
    assert (await made.issue(asked(), context=CONTEXT)).code == "G09.20-20260609-0092638"
    assert len(exchange.asked) == 2


async def test_yesterdays_number_does_not_go_on_today() -> None:
    """COD-01 (part)."""
    made, _ = office()
    days = [NOW.date() - timedelta(days=1), NOW.date(), NOW.date()]
    codes = [(await made.issue(asked(day=day, key=bytes([n])), context=CONTEXT)).code for n, day in enumerate(days)]
    assert [code[-11:] for code in codes] == ["261122-0001", "261123-0001", "261123-0002"]
