"""What a look-up may truthfully say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from services import CONTEXT, Clock, ScriptedExchange

from gateway.domain import Verdict
from gateway.lookups.service import Lookups
from gateway.sdk import (
    Absent,
    Answered,
    Pending,
    ProtocolViolation,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
)
from gateway.sdk.errors import NotAllowedError

ASKED = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15", "purpose": {}}
RECORD = {
    "personal_id": "099185000001",
    "full_name": "TRẦN THỊ MẪU",
    "birth_date": "1985-06-15",
    "gender": {"code": "2"},
}
YES = (Answered(body={}), {"exists": True})
NO = (Answered(body={}), {"exists": False})
FIRM = {
    "enterprise_code": "9900000016",
    "name": "CÔNG TY TNHH MẪU",
    "status": "Đang hoạt động",
    "representatives": [{"full_name": "NGUYỄN VĂN MẪU"}],
}


class NoPlaces:
    """A register of places that was never filled."""

    async def kin_of(self, code: str, *, context: Any) -> list[Any]:
        return []

    async def kin_named(self, name: str, *, within: Any, context: Any) -> list[Any]:
        return []


def service(**answers: Any) -> tuple[Lookups, ScriptedExchange]:
    exchange = ScriptedExchange(**answers)
    return Lookups(exchange, clock=Clock(), places=NoPlaces()), exchange  # type: ignore[arg-type]


def found(**changes: Any) -> Any:
    return (Answered(body={}), {**RECORD, **changes})


async def test_register_says_yes_matches_and_asks_nothing_more() -> None:
    """POP-01."""
    lookups, exchange = service(verify_citizen=YES)
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert verification.verdict is Verdict.MATCH
    assert (verification.reference, verification.audit_index) == ("CALL1", 7)
    assert [operation for operation, _ in exchange.asked] == ["verify_citizen"]


@pytest.mark.parametrize(
    ("held", "verdict", "differences"),
    [
        ({"birth_date": "1986-06-15"}, Verdict.MISMATCH, [("birth_date", "different")]),
        ({"full_name": "TRAN THI MAU"}, Verdict.NEEDS_REVIEW, [("full_name", "similar")]),
        ({"full_name": "LÊ VĂN THỬ"}, Verdict.MISMATCH, [("full_name", "different")]),
        ({"birth_date": "1985"}, Verdict.NEEDS_REVIEW, []),
        ({"full_name": None, "birth_date": None}, Verdict.NEEDS_REVIEW, []),
    ],
)
async def test_register_says_no_but_has_a_record_says_what_differs(
    held: Any, verdict: Verdict, differences: Any
) -> None:
    """POP-09: what differs is what the gateway compared; a difference of marks alone goes to a person."""
    lookups, _ = service(verify_citizen=NO, lookup_citizen=found(**held))
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert verification.verdict is verdict
    assert [(d.field, d.how) for d in verification.differences] == differences


async def test_register_says_no_and_has_no_record_is_not_found() -> None:
    lookups, _ = service(verify_citizen=NO, lookup_citizen=(Absent(), {}))
    assert (await lookups.verify_citizen(ASKED, context=CONTEXT)).verdict is Verdict.NOT_FOUND


FAILURES = [
    TransientRemoteError("down"),
    Unsettled("cut"),
    ProtocolViolation("garbage"),
    TrustError("forged"),
    (Refused(code="E1", reason="no"), {}),
    (Pending(reference="x", look_again_after_s=1), {}),
]


@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("step", ["verify_citizen", "lookup_citizen"])
async def test_no_clear_answer_is_undetermined_and_never_false(failure: Any, step: str) -> None:
    """POP-05, POP-10 (part)."""
    lookups, _ = service(**{"verify_citizen": NO, step: failure})
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert verification.verdict is Verdict.UNDETERMINED
    assert "chưa xác thực" in verification.explanation_vi or "chưa kết luận" in verification.explanation_vi
    assert verification.compared == ()


async def test_not_permitted_is_an_answer_of_its_own() -> None:
    """POP-05, vector T12."""
    refused = (Refused(code="X", reason="no", not_permitted=True), {})
    lookups, _ = service(verify_citizen=refused, lookup_citizen=refused)
    assert (await lookups.verify_citizen(ASKED, context=CONTEXT)).verdict is Verdict.NOT_PERMITTED
    assert (await lookups.lookup_citizen({**ASKED, "fields": ["gender"]}, context=CONTEXT)).record == {}


async def test_only_the_fields_asked_for_come_back() -> None:
    """POP-06, CON-09 (part)."""
    lookups, exchange = service(lookup_citizen=found())
    answer = await lookups.lookup_citizen({**ASKED, "fields": ["gender"]}, context=CONTEXT)
    assert answer.record == {"gender": {"code": "2"}}
    assert "fields" not in exchange.asked[0][1]


@pytest.mark.parametrize(
    "method", ["verify_citizen", "lookup_citizen", "lookup_enterprise", "verify_enterprise", "lookup_account"]
)
async def test_without_a_purpose_nothing_is_asked(method: str) -> None:
    """POP-06."""
    lookups, exchange = service()
    with pytest.raises(NotAllowedError):
        await getattr(lookups, method)(
            {**ASKED, **FIRM, "fields": [], "number": "1"}, context=replace(CONTEXT, purpose=None)
        )
    assert exchange.asked == []


@pytest.mark.parametrize(
    ("asked", "verdict"),
    [
        ({}, Verdict.MATCH),
        ({"name": "Công ty TNHH Mẫu"}, Verdict.MATCH),
        ({"name": "Cong ty TNHH Mau"}, Verdict.NEEDS_REVIEW),
        ({"name": "Công ty Khác"}, Verdict.MISMATCH),
        ({"representative_name": "Nguyễn Văn Mẫu"}, Verdict.MATCH),
        ({"representative_name": "Lê Văn Thử"}, Verdict.MISMATCH),
    ],
)
async def test_enterprise_is_compared_and_its_status_passes_through(asked: Any, verdict: Verdict) -> None:
    """BIZ-04, BIZ-05 (part)."""
    lookups, _ = service(lookup_enterprise=(Answered(body={}), FIRM))
    request = {"enterprise_code": "9900000016", "purpose": {}, **asked}
    verification = await lookups.verify_enterprise(request, context=CONTEXT)
    assert verification.verdict is verdict
    assert verification.facts["status"] == "Đang hoạt động"


async def test_an_account_is_found_by_its_number_alone() -> None:
    """SYN-03 (part): TraCuuTechID. The purpose stays here."""
    items = [{"account_id": "a"}, {"account_id": "b"}]
    lookups, exchange = service(find_account=(Answered(body={}), {"items": items}))
    answer = await lookups.lookup_account({"number": "099185000001", "purpose": {}}, context=CONTEXT)
    assert (answer.verdict, answer.record) == (Verdict.MATCH, {"account_ids": ["a", "b"]})
    assert exchange.asked == [("find_account", {"number": "099185000001"})]


@pytest.mark.parametrize("failure", [*FAILURES, (Absent(), {})])
async def test_an_account_that_could_not_be_asked_for_is_undetermined_and_an_absent_one_not_found(failure: Any) -> None:
    """POP-05."""
    lookups, _ = service(find_account=failure)
    answer = await lookups.lookup_account({"number": "099185000001"}, context=CONTEXT)
    absent = isinstance(failure, tuple) and isinstance(failure[0], Absent)
    assert answer.verdict is (Verdict.NOT_FOUND if absent else Verdict.UNDETERMINED)
    assert answer.record == {}
