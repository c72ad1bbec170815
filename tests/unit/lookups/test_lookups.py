"""What a look-up may truthfully say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from services import CONTEXT, Clock, ScriptedExchange, atomically

from gateway.domain import Reason, Verdict
from gateway.lookups.model import Gap, Unchecked
from gateway.lookups.service import Lookups
from gateway.places.memory import MemoryPlaces
from gateway.places.service import Places
from gateway.sdk import (
    Absent,
    Answered,
    ConfigurationError,
    Pending,
    ProtocolViolation,
    Refused,
    TransientRemoteError,
    TrustError,
    Unsettled,
)
from gateway.sdk.errors import NotAllowedError, Origin

SHEET = Path(__file__).parents[3] / "deploy" / "places" / "example.csv"
ASKED = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15", "purpose": {}}
RECORD = {
    "personal_id": "099185000001",
    "full_name": "TRẦN THỊ MẪU",
    "birth_date": "1985-06-15",
    "gender": {"code": "2"},
}
YES = (Answered(body={}), {"exists": True})
NO = (Answered(body={}), {"exists": False})


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
    assert (verification.compared, verification.compared_by) == (("personal_id", "full_name", "birth_date"), "register")
    assert (verification.unchecked, verification.fault, verification.recheck) == ((), None, "")
    assert [operation for operation, _ in exchange.asked] == ["verify_citizen"]


@pytest.mark.parametrize(
    ("held", "verdict", "differences"),
    [
        ({"birth_date": "1986-06-15"}, Verdict.MISMATCH, [("birth_date", "different")]),
        ({"full_name": "TRAN THI MAU"}, Verdict.NEEDS_REVIEW, [("full_name", "similar")]),
        (
            {"full_name": "TRAN THI MAU", "birth_date": "1986"},
            Verdict.MISMATCH,
            [("full_name", "similar"), ("birth_date", "different")],
        ),
        ({"personal_id": "099185000009"}, Verdict.MISMATCH, [("personal_id", "different")]),
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
    assert verification.compared_by == "gateway"
    assert [(d.field, d.how) for d in verification.differences] == differences


async def test_a_register_that_contradicts_itself_says_so() -> None:
    """POP-09 (part)."""
    lookups, _ = service(verify_citizen=NO, lookup_citizen=found())
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert (verification.verdict, verification.differences) == (Verdict.NEEDS_REVIEW, ())
    assert "cán bộ xem xét" in verification.explanation_vi
    assert "Chỉ khác" not in verification.explanation_vi


async def test_register_says_no_and_has_no_record_is_not_found() -> None:
    lookups, _ = service(verify_citizen=NO, lookup_citizen=(Absent(), {}))
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert verification.verdict is Verdict.NOT_FOUND
    assert (verification.compared_by, verification.differences) == ("register", ())
    assert verification.unchecked == ()


async def test_what_no_register_was_asked_is_unchecked_where_nobody_is_found() -> None:
    lookups, _ = service(lookup_citizen=(Absent(), {}))
    verification = await lookups.verify_citizen({**ASKED, "gender": "2"}, context=CONTEXT)
    assert verification.compared == ("personal_id", "full_name", "birth_date")
    assert verification.unchecked == (Unchecked(field="gender", gap=Gap.NOT_ASKED),)


FAILURES = [
    TransientRemoteError("down"),
    Unsettled("cut"),
    ProtocolViolation("garbage"),
    TrustError("forged"),
    ConfigurationError("nowhere"),
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
    assert "chưa xác thực" in verification.explanation_vi
    assert "Nguyên nhân: " in verification.explanation_vi
    assert (verification.compared, verification.unchecked, verification.compared_by) == ((), (), None)
    assert verification.recheck == "verify_citizen"
    assert verification.fault in {Origin.PARTNER, Origin.SECURITY, Origin.OPERATOR}
    assert verification.reference in {"CALL1", CONTEXT.trace_id}


@pytest.mark.parametrize("known", [7.5, None])
async def test_when_to_ask_again_is_told_as_far_as_it_is_known(known: float | None) -> None:
    lookups, _ = service(
        verify_citizen=TransientRemoteError("left in peace", what="circuit_open", retry_after_s=known),
        lookup_citizen=TransientRemoteError("too many wait", what="no_room", retry_after_s=known),
    )
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    found = await lookups.lookup_citizen({**ASKED, "fields": ["gender"]}, context=CONTEXT)
    assert [answer.verdict for answer in (verification, found)] == [Verdict.UNDETERMINED] * 2
    assert [answer.retry_after_s for answer in (verification, found)] == [known] * 2


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
    "method",
    [
        "verify_citizen",
        "lookup_citizen",
        "lookup_enterprise",
        "verify_enterprise",
        "lookup_account",
        "verify_representative",
        "list_registrations",
        "read_registration",
    ],
)
async def test_without_a_purpose_nothing_is_asked(method: str) -> None:
    """POP-06."""
    lookups, exchange = service()
    with pytest.raises(NotAllowedError):
        await getattr(lookups, method)(
            {**ASKED, "enterprise_code": "9900000016", "fields": [], "number": "1"},
            context=replace(CONTEXT, purpose=None),
        )
    assert exchange.asked == []


async def test_a_yes_covers_only_what_the_register_was_asked() -> None:
    """POP-05: a dialect that asks no birth date says nothing of it."""
    yes = (Answered(body={}), {"exists": True, "asked": ["personal_id", "full_name"]})
    lookups, _ = service(verify_citizen=yes)
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert (verification.verdict, verification.compared) == (Verdict.MATCH, ("personal_id", "full_name"))
    assert verification.unchecked == (Unchecked(field="birth_date", gap=Gap.NOT_ASKED),)
    assert "Chưa đối chiếu ngày sinh" in verification.explanation_vi


HOME = {"province_code": "94", "commune_code": "31507", "detail": "SỐ 1, ĐƯỜNG MẪU"}


@pytest.mark.parametrize(
    ("asked", "held", "verdict", "unchecked"),
    [
        ({"gender": "2"}, {}, Verdict.MATCH, []),
        ({"gender": "1"}, {}, Verdict.MISMATCH, []),
        ({"gender": "1"}, {"gender": {"code": "0"}}, Verdict.MATCH, [("gender", Gap.NOT_IN_RECORD)]),
        ({"gender": "1"}, {"gender": None}, Verdict.MATCH, [("gender", Gap.NOT_IN_RECORD)]),
        (
            {"permanent_address": {"commune_code": "31507", "province_code": "94"}},
            {"permanent_address": HOME},
            Verdict.MATCH,
            [],
        ),
        (
            {"permanent_address": {"commune_code": "31510"}},
            {"permanent_address": HOME},
            Verdict.NEEDS_REVIEW,
            [("permanent_address.commune_code", Gap.UNKNOWN_PLACE)],
        ),
        (
            {"permanent_address": {"commune_code": "31510"}},
            {},
            Verdict.MATCH,
            [("permanent_address.commune_code", Gap.NOT_IN_RECORD)],
        ),
        ({"gender": "2", "personal_id": "000000001"}, {}, Verdict.MATCH, [("personal_id", Gap.OTHER_DOCUMENT)]),
        ({"gender": "2", "personal_id": "000000001"}, {"old_card_number": "000000001"}, Verdict.MATCH, []),
        ({"gender": "2", "personal_id": "000000002"}, {"old_card_number": "000000001"}, Verdict.MISMATCH, []),
        ({"gender": "2", "birth_date": "1985"}, {}, Verdict.MATCH, [("birth_date", Gap.ONLY_YEAR)]),
    ],
)  # fmt: skip
async def test_gender_and_address_are_compared_with_the_record(
    asked: Any, held: Any, verdict: Verdict, unchecked: list[Any]
) -> None:
    """POP-09, ORG-01, COD-15: one question is asked, for the record; what it does not hold is not compared."""
    lookups, exchange = service(lookup_citizen=found(**held))
    verification = await lookups.verify_citizen({**ASKED, **asked}, context=CONTEXT)
    assert verification.verdict is verdict
    assert [(u.field, u.gap) for u in verification.unchecked] == unchecked
    assert {u.field for u in verification.unchecked if u.gap is not Gap.ONLY_YEAR}.isdisjoint(verification.compared)
    [(operation, sent)] = exchange.asked
    assert operation == "lookup_citizen"
    assert sent.keys() == {"personal_id", "full_name", "birth_date", "purpose"}


async def test_a_record_that_does_not_say_whose_it_is_says_nothing() -> None:
    """POP-05."""
    only_gender = {"gender": {"code": "2"}, "full_name": None, "birth_date": ""}
    lookups, _ = service(lookup_citizen=(Answered(body={}), only_gender))
    verification = await lookups.verify_citizen({**ASKED, "gender": "2"}, context=CONTEXT)
    assert (verification.verdict, verification.recheck) == (Verdict.UNDETERMINED, "verify_citizen")


async def test_an_old_address_needs_review_where_the_register_of_places_explains_it() -> None:
    """ORG-10, POP-09."""
    places = Places(MemoryPlaces(), atomically=atomically)
    await places.take(SHEET.read_text(encoding="utf-8"), tenant=CONTEXT.tenant)
    exchange = ScriptedExchange(
        lookup_citizen=found(permanent_address={"province_code": "MOCK-CT", "commune_code": "MOCK-X27"})
    )
    lookups = Lookups(exchange, clock=Clock(), places=places)  # type: ignore[arg-type]
    old = {
        "text": "Xã Cũ Mẫu 116, huyện Mẫu 1, tỉnh Sóc Trăng",
        "commune_code": "MOCK-C116",
        "province_code": "MOCK-ST",
    }
    verification = await lookups.verify_citizen({**ASKED, "permanent_address": old}, context=CONTEXT)
    assert verification.verdict is Verdict.NEEDS_REVIEW
    assert {d.why for d in verification.differences} == {(Reason.OLD_PLACE,)}
    assert "sắp xếp đơn vị hành chính" in verification.explanation_vi


async def test_a_failed_exchange_is_named_by_its_call_and_leaf() -> None:
    """POP-10 (part)."""
    failure = TransientRemoteError("down", vi="Hệ thống dân cư tạm ngừng")
    failure.call_id, failure.audit_index = "CALL9", 41
    lookups, _ = service(verify_citizen=failure)
    verification = await lookups.verify_citizen(ASKED, context=CONTEXT)
    assert (verification.reference, verification.audit_index) == ("CALL9", 41)
    assert "Hệ thống dân cư tạm ngừng. Nguyên nhân: phía cơ sở dữ liệu quốc gia." in verification.explanation_vi


async def test_without_a_call_the_trace_is_the_reference() -> None:
    class Nowhere(ScriptedExchange):
        def system_for(self, operation: str, **_: Any) -> str:
            raise ConfigurationError("none")

    lookups = Lookups(Nowhere(lookup_enterprise=ConfigurationError("none")), clock=Clock(), places=NoPlaces())  # type: ignore[arg-type]
    answer = await lookups.lookup_enterprise({"enterprise_code": "9900000016"}, context=CONTEXT)
    assert (answer.verdict, answer.system, answer.reference) == (Verdict.UNDETERMINED, "", CONTEXT.trace_id)
    assert answer.fault is Origin.OPERATOR


async def test_the_moment_of_the_data_stands_beside_the_record() -> None:
    lookups, _ = service(lookup_citizen=found(data_as_of="2026-11-01T00:00:00+07:00"))
    answer = await lookups.lookup_citizen({**ASKED, "fields": ["full_name"]}, context=CONTEXT)
    assert answer.record == {"full_name": "TRẦN THỊ MẪU"}
    assert answer.facts == {"data_as_of": "2026-11-01T00:00:00+07:00"}


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
