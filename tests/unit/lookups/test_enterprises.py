"""Enterprises, their representatives, and the dossiers of their registration."""

from __future__ import annotations

from typing import Any

import pytest
from services import CONTEXT, Clock, ScriptedExchange

from gateway.domain import Reason, Verdict
from gateway.lookups.enterprises import DOCUMENTS, PUBLIC_FIELDS, subject_type
from gateway.lookups.model import Caution, Gap, Verification
from gateway.lookups.service import Lookups
from gateway.sdk import Absent, Answered, Refused, Unsettled
from gateway.sdk.errors import Origin

CODE = "9900000016"
NUMBER, OTHER_NUMBER = "099080000002", "099185000001"
PEOPLE: list[dict[str, Any]] = [
    {"full_name": "NGUYỄN VĂN MẪU", "document_type": "Thẻ căn cước", "document_number": NUMBER},
    {"full_name": "TRẦN THỊ VÍ DỤ", "document_type": "Thẻ căn cước", "document_number": OTHER_NUMBER},
]
FIRM: dict[str, Any] = {
    "enterprise_code": CODE,
    "internal_code": "9000001",
    "name": "CÔNG TY TRÁCH NHIỆM HỮU HẠN MẪU SÓC TRĂNG",
    "foreign_name": "MAU ST CO., LTD",
    "status": "Không còn hoạt động kinh doanh tại địa chỉ đã đăng ký",
    "status_code": "X",
    "type_name": "Công ty TNHH một thành viên",
    "address": {
        "full_text": "1 Đường Mẫu, Xã Mẫu 27, Thành phố Cần Thơ",
        "street": "1 Đường Mẫu",
        "ward": "Xã Mẫu 27",
        "province": "Thành phố Cần Thơ",
    },
    "representatives": PEOPLE,
    "activities": [{"code": "6201", "name": "Lập trình", "main": True}],
    "members": [{"name": "NGUYỄN VĂN MẪU", "amount": 1}],
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


def held(**changes: Any) -> Any:
    return Answered(body={}), {key: value for key, value in {**FIRM, **changes}.items() if value is not None}


async def verified(asked: dict[str, Any], **changes: Any) -> Verification:
    lookups, _ = service(lookup_enterprise=held(**changes))
    return await lookups.verify_enterprise({"enterprise_code": CODE, "purpose": {}, **asked}, context=CONTEXT)


async def represents(asked: dict[str, Any], **changes: Any) -> Verification:
    lookups, exchange = service(lookup_enterprise=held(**changes))
    request = {"enterprise_code": CODE, "purpose": {}, "personal_id": None, **asked}
    verification = await lookups.verify_representative(request, context=CONTEXT)
    assert exchange.asked == [("lookup_enterprise", {"enterprise_code": CODE, "purpose": {}})]
    return verification


class TestVerification:
    @pytest.mark.parametrize(
        ("asked", "verdict"),
        [
            ({}, Verdict.MATCH),
            ({"name": "Công ty trách nhiệm hữu hạn Mẫu Sóc Trăng"}, Verdict.MATCH),
            ({"name": "Mau ST Co., Ltd"}, Verdict.MATCH),
            ({"name": "CTY TNHH Mẫu Sóc Trăng"}, Verdict.NEEDS_REVIEW),
            ({"name": "Cong ty TNHH Mau Soc Trang"}, Verdict.NEEDS_REVIEW),
            ({"name": "Công ty CP Mẫu Sóc Trăng"}, Verdict.MISMATCH),
            ({"representative_name": "Nguyễn Văn Mẫu"}, Verdict.MATCH),
            ({"representative_name": "Ng. Văn Mẫu"}, Verdict.NEEDS_REVIEW),
            ({"representative_name": "Lê Văn Thử"}, Verdict.MISMATCH),
            ({"head_office": "1 Đường Mẫu, Xã Mẫu 27, Thành phố Cần Thơ"}, Verdict.MATCH),
            ({"head_office": "Số 1, Đ. Mẫu, X. Mẫu 27, TP. Cần Thơ"}, Verdict.NEEDS_REVIEW),
            ({"head_office": "Số 2, Đ. Mẫu, X. Mẫu 27, TP. Cần Thơ"}, Verdict.MISMATCH),
            ({"name": "CTY TNHH Mẫu Sóc Trăng", "representative_name": "Lê Văn Thử"}, Verdict.MISMATCH),
        ],
    )
    async def test_enterprise_is_compared_and_its_status_passes_through(self, asked: Any, verdict: Verdict) -> None:
        """BIZ-01, BIZ-04: the words of the registry, whatever the verdict."""
        verification = await verified(asked)
        assert verification.verdict is verdict
        assert verification.compared == ("enterprise_code", *asked)
        assert verification.facts["status"] == FIRM["status"]
        assert verification.facts["subject_type"] == "enterprise"

    @pytest.mark.parametrize(
        ("field", "asked", "record"),
        [
            ("representative_name", "Lê Văn Thử", {"representatives": [PEOPLE[0], {"document_number": NUMBER}]}),
            ("name", "Công ty TNHH Mẫu Sóc Trăng", {"name": None}),
        ],
    )
    async def test_a_name_that_is_not_shown_is_no_difference(self, field: str, asked: str, record: Any) -> None:
        """The other names of the record say nothing about the one that it leaves out."""
        found = await verified({field: asked}, **record)
        assert (found.verdict, found.differences) == (Verdict.UNDETERMINED, ())

    async def test_a_short_form_says_why_it_is_similar(self) -> None:
        """POP-09."""
        [difference] = (await verified({"name": "CTY TNHH Mẫu Sóc Trăng"})).differences
        assert (difference.field, difference.why) == ("name", (Reason.ABBREVIATION,))

    async def test_what_the_record_does_not_hold_is_unchecked_and_nothing_else_is_said(self) -> None:
        verification = await verified(
            {"name": "Mau ST Co., Ltd", "representative_name": "Nguyễn Văn Mẫu"}, representatives=None
        )
        assert verification.verdict is Verdict.MATCH
        assert [(u.field, u.gap) for u in verification.unchecked] == [("representative_name", Gap.NOT_IN_RECORD)]
        alone = await verified({"representative_name": "Nguyễn Văn Mẫu"}, representatives=None)
        assert (alone.verdict, alone.compared) == (Verdict.UNDETERMINED, ())
        office = await verified({"head_office": "1 Đường Mẫu"}, address=None)
        assert office.verdict is Verdict.UNDETERMINED

    async def test_an_old_name_that_nobody_explains_is_no_difference(self) -> None:
        """Without a register of places, a commune of another name may be the same before its merger."""
        office = "1 Đường Mẫu, Xã Mẫu 28, Thành phố Cần Thơ"
        found = await verified({"name": "Mau ST Co., Ltd", "head_office": office})
        assert (found.verdict, found.compared) == (Verdict.NEEDS_REVIEW, ("enterprise_code", "name"))
        assert [(u.field, u.gap) for u in found.unchecked] == [("head_office", Gap.UNKNOWN_PLACE)]
        assert "cùng một nơi" in found.explanation_vi
        elsewhere = await verified({"head_office": office.replace("1 Đường", "2 Đường")})
        assert elsewhere.verdict is Verdict.MISMATCH

    async def test_an_office_of_one_line_is_compared_as_one(self) -> None:
        line = {"full_text": "1 Đường Mẫu, Xã Mẫu 27"}
        assert (await verified({"head_office": "1 Đ. Mẫu, X. Mẫu 27"}, address=line)).verdict is Verdict.NEEDS_REVIEW
        assert (await verified({"head_office": "1 Đ. Mẫu, X. Mẫu 28"}, address=line)).verdict is not Verdict.MATCH

    async def test_of_an_unknown_number_what_was_given_beside_it_is_unchecked(self) -> None:
        lookups, _ = service(lookup_enterprise=(Absent(), {}))
        asked = {"enterprise_code": CODE, "purpose": {}, "name": "Công ty Mẫu", "head_office": None}
        found = await lookups.verify_enterprise(asked, context=CONTEXT)
        assert (found.compared, found.compared_by) == (("enterprise_code",), "register")
        assert [(u.field, u.gap) for u in found.unchecked] == [("name", Gap.NOT_ASKED)]

    async def test_an_unknown_number_is_not_found_by_the_register(self) -> None:
        """BIZ-01."""
        lookups, _ = service(lookup_enterprise=(Absent(), {}))
        verification = await lookups.verify_enterprise({"enterprise_code": CODE, "name": "X"}, context=CONTEXT)
        assert (verification.verdict, verification.compared) == (Verdict.NOT_FOUND, ("enterprise_code",))
        assert (verification.compared_by, verification.facts) == ("register", {})

    @pytest.mark.parametrize("code", ["9900000017", "9900000017-001"])
    async def test_a_check_digit_that_does_not_fit_warns_and_refuses_nothing(self, code: str) -> None:
        lookups, exchange = service(lookup_enterprise=(Absent(), {}))
        asked = {"enterprise_code": code, "full_name": "X"}
        for method in (lookups.lookup_enterprise, lookups.verify_enterprise, lookups.verify_representative):
            assert (await method(asked, context=CONTEXT)).cautions == (Caution.CHECK_DIGIT,)
        assert len(exchange.asked) == 3

    @pytest.mark.parametrize("code", [CODE, "9900000016-001", "9900000016001", "099185000001"])
    async def test_a_good_number_and_a_households_warn_of_nothing(self, code: str) -> None:
        """COD-15 (part): nothing is said of a province that no list knows."""
        lookups, _ = service(lookup_enterprise=held())
        assert (await lookups.lookup_enterprise({"enterprise_code": code}, context=CONTEXT)).cautions == ()

    @pytest.mark.parametrize(
        ("code", "type_name", "subject"),
        [
            (CODE, "Công ty cổ phần", "enterprise"),
            (CODE, None, "enterprise"),
            (CODE, "Hợp tác xã", "cooperative"),
            (CODE, "Liên hiệp hợp tác xã", "cooperative"),
            ("9900000016-001", "Chi nhánh", "dependent_unit"),
            ("9900000016001", "Địa điểm kinh doanh", "dependent_unit"),
            ("099185000001", "Hộ kinh doanh", "household"),
        ],
    )
    def test_each_kind_of_subject_is_told_apart(self, code: str, type_name: str | None, subject: str) -> None:
        """BIZ-06 (part)."""
        assert subject_type(code, {"type_name": type_name}) == subject


class TestLookup:
    async def test_without_fields_only_what_is_public_is_shown(self) -> None:
        """BIZ-03: name, number, head office, lines of business, representative's name, legal status."""
        lookups, exchange = service(lookup_enterprise=held())
        found = await lookups.lookup_enterprise(
            {"enterprise_code": CODE, "purpose": {}, "fields": None}, context=CONTEXT
        )
        assert tuple(found.record) == PUBLIC_FIELDS
        assert found.record["representatives"] == [{"full_name": p["full_name"]} for p in PEOPLE]
        assert found.facts == {"subject_type": "enterprise"}
        assert exchange.asked == [("lookup_enterprise", {"enterprise_code": CODE, "purpose": {}})]

    async def test_only_the_wanted_fields_come_and_documents_by_their_own_name(self) -> None:
        """BIZ-03, CON-09 (part)."""
        lookups, _ = service(lookup_enterprise=held())
        request = {"enterprise_code": CODE, "fields": ["representatives", "members"]}
        found = await lookups.lookup_enterprise(request, context=CONTEXT)
        assert found.record.keys() == {"representatives", "members"}
        assert NUMBER not in repr(found.record)
        documents = await lookups.lookup_enterprise({**request, "fields": [DOCUMENTS]}, context=CONTEXT)
        assert documents.record == {DOCUMENTS: PEOPLE}

    async def test_a_failure_shows_nothing_and_says_whose_fault_it_is(self) -> None:
        """POP-05, POP-10 (part)."""
        lookups, _ = service(lookup_enterprise=Unsettled("cut"))
        found = await lookups.lookup_enterprise({"enterprise_code": CODE}, context=CONTEXT)
        assert (found.verdict, found.record, found.facts) == (Verdict.UNDETERMINED, {}, {})
        assert (found.reference, found.fault) == (CONTEXT.trace_id, Origin.PARTNER)


class TestRepresentative:
    @pytest.mark.parametrize(
        ("asked", "verdict", "compared", "differences", "unchecked"),
        [
            ({"full_name": "Nguyễn Văn Mẫu"}, "match", ("full_name",), [], []),
            ({"full_name": "Trần Thị Ví Dụ"}, "match", ("full_name",), [], []),
            ({"full_name": "Nguyen Van Mau"}, "needs_review", ("full_name",), [("full_name", "similar")], []),
            ({"full_name": "Lê Văn Thử"}, "mismatch", ("full_name",), [("full_name", "different")], []),
            (
                {"full_name": "Nguyễn Văn Mẫu", "personal_id": NUMBER},
                "match", ("full_name", "personal_id"), [], [],
            ),
            (
                {"full_name": "Nguyen Van Mau", "personal_id": NUMBER},
                "needs_review", ("full_name", "personal_id"), [("full_name", "similar")], [],
            ),
            (
                {"full_name": "Nguyễn Văn Mẫu", "personal_id": "000000001"},
                "needs_review", ("full_name",), [], [("personal_id", Gap.OTHER_DOCUMENT)],
            ),
            (
                {"full_name": "Nguyễn Văn Mẫu", "personal_id": OTHER_NUMBER},
                "mismatch", ("full_name", "personal_id"), [("full_name", "different")], [],
            ),
            (
                {"full_name": "Lê Văn Thử", "personal_id": NUMBER},
                "mismatch", ("full_name", "personal_id"), [("full_name", "different")], [],
            ),
        ],
    )  # fmt: skip
    async def test_number_and_name_are_compared_with_each_representative(
        self, asked: Any, verdict: str, compared: Any, differences: Any, unchecked: Any
    ) -> None:
        """BIZ-05, COD-15 (part): an old card against a personal number is no contradiction."""
        found = await represents(asked)
        assert (found.verdict, found.compared, found.compared_by) == (verdict, compared, "gateway")
        assert [(d.field, d.how) for d in found.differences] == differences
        assert [(u.field, u.gap) for u in found.unchecked] == unchecked

    @pytest.mark.parametrize("number", [None, "", "MOCK-P0000001"])
    async def test_a_name_alone_is_reviewed_when_the_number_could_not_be_compared(self, number: str | None) -> None:
        """BIZ-05: the register holds names only, or another kind of document."""
        people = [{"full_name": "NGUYỄN VĂN MẪU", **({} if number is None else {"document_number": number})}]
        asked = {"full_name": "Nguyễn Văn Mẫu", "personal_id": NUMBER}
        found = await represents(asked, representatives=people)
        assert (found.verdict, found.compared) == (Verdict.NEEDS_REVIEW, ("full_name",))
        assert [u.field for u in found.unchecked] == ["personal_id"]
        alone = await represents({"full_name": "Nguyễn Văn Mẫu"}, representatives=people)
        assert alone.verdict is Verdict.MATCH

    async def test_who_is_none_may_be_authorised(self) -> None:
        """BIZ-05: a filer who is no representative is flagged, not refused."""
        found = await represents({"full_name": "Lê Văn Thử", "personal_id": "099190000003"})
        assert found.verdict is Verdict.MISMATCH
        assert "giấy uỷ quyền" in found.explanation_vi
        assert "authorisation" in found.explanation

    @pytest.mark.parametrize("people", [None, [], [{"document_number": NUMBER}]])
    async def test_a_register_that_names_nobody_says_nothing(self, people: Any) -> None:
        """BIZ-05, POP-05."""
        found = await represents({"full_name": "Lê Văn Thử"}, representatives=people)
        assert (found.verdict, found.recheck) == (Verdict.UNDETERMINED, "verify_representative")
        assert (found.reference, found.compared) == ("CALL1", ())

    @pytest.mark.parametrize(
        ("asked", "verdict"),
        [
            ({"full_name": "Lê Văn Thử"}, Verdict.UNDETERMINED),
            ({"full_name": "Lê Văn Thử", "personal_id": "000000001"}, Verdict.UNDETERMINED),
            ({"full_name": "Lê Văn Thử", "personal_id": NUMBER}, Verdict.MISMATCH),
            ({"full_name": "Lê Văn Thử", "personal_id": OTHER_NUMBER}, Verdict.NEEDS_REVIEW),
            ({"full_name": "Nguyễn Văn Mẫu"}, Verdict.MATCH),
            ({"full_name": "Nguyễn Văn Mẫu", "personal_id": NUMBER}, Verdict.MATCH),
        ],
    )
    async def test_whom_the_register_does_not_name_may_be_the_one(self, asked: Any, verdict: Verdict) -> None:
        """Half a record is no statement that somebody is not in it."""
        people = [PEOPLE[0], {"document_number": OTHER_NUMBER, "nationality": "Việt Nam"}]
        assert (await represents(asked, representatives=people)).verdict is verdict

    async def test_a_number_under_another_name_is_said_to_be_that(self) -> None:
        """The register names somebody with this number; that it does not name the person would be a guess."""
        people = [{**PEOPLE[1], "full_name": "LÊ VĂN THỬ"}, PEOPLE[0]]
        found = await represents({"full_name": "Lê Văn Thử", "personal_id": NUMBER}, representatives=people)
        assert found.verdict is Verdict.MISMATCH
        assert [d.field for d in found.differences] == ["full_name"]
        assert "mang số này nhưng tên khác" in found.explanation_vi

    async def test_a_passport_and_an_old_card_of_nine_digits_are_not_compared(self) -> None:
        people = [{"full_name": "NGUYỄN VĂN MẪU", "document_type": "Hộ chiếu", "document_number": "099000009"}]
        found = await represents({"full_name": "Nguyễn Văn Mẫu", "personal_id": "000000001"}, representatives=people)
        assert (found.verdict, found.unchecked[0].gap) == (Verdict.NEEDS_REVIEW, Gap.OTHER_DOCUMENT)

    async def test_the_best_of_several_with_one_name_decides(self) -> None:
        people = [{**PEOPLE[0], "document_number": "099080000099"}, PEOPLE[0]]
        asked = {"full_name": "Nguyễn Văn Mẫu", "personal_id": NUMBER}
        assert (await represents(asked, representatives=people)).verdict is Verdict.MATCH

    @pytest.mark.parametrize("asked", [{}, {"personal_id": "099190000003"}, {"personal_id": "000000003"}])
    async def test_nothing_of_other_people_is_shown(self, asked: Any) -> None:
        """BIZ-05, CON-09 (part)."""
        shown = repr(await represents({"full_name": "Nguyễn Văn", **asked}))
        for person in PEOPLE:
            assert person["document_number"] not in shown
            assert person["full_name"] not in shown


PERIOD = {"from_date": "2026-11-16", "to_date": "2026-11-20", "offset": 0, "limit": 50, "purpose": {}}
TODAY = {"from_time": "07:30", "to_time": "11:30", "offset": 0, "limit": 50, "purpose": {}}


class TestRegistrations:
    @pytest.mark.parametrize(
        ("asked", "operation"), [(PERIOD, "list_registrations"), (TODAY, "list_registrations_today")]
    )
    async def test_a_page_of_today_or_of_a_period(self, asked: Any, operation: str) -> None:
        items = [{"journal_no": "99000001", "status": "X1"}]
        lookups, exchange = service(**{operation: (Answered(body={}), {"items": items})})
        found = await lookups.list_registrations({"from_time": None, "from_date": None, **asked}, context=CONTEXT)
        assert (found.verdict, found.record) == (Verdict.MATCH, {"items": items})
        assert exchange.asked == [(operation, asked)]

    async def test_an_empty_page_is_an_answer_and_a_failure_is_none(self) -> None:
        """POP-05."""
        lookups, _ = service(list_registrations=(Answered(body={}), {}))
        assert (await lookups.list_registrations(PERIOD, context=CONTEXT)).record == {"items": []}
        for failure in (Unsettled("cut"), (Refused(code="0", reason="x"), {})):
            lookups, _ = service(list_registrations=failure)
            found = await lookups.list_registrations(PERIOD, context=CONTEXT)
            assert (found.verdict, found.record) == (Verdict.UNDETERMINED, {})

    @pytest.mark.parametrize("offset", [0, 50])
    async def test_an_empty_page_says_nothing_of_what_was_skipped(self, offset: int) -> None:
        lookups, _ = service(list_registrations=(Absent(), {}))
        found = await lookups.list_registrations({**PERIOD, "offset": offset}, context=CONTEXT)
        assert found.verdict is Verdict.NOT_FOUND
        assert ("beyond those that were skipped" in found.explanation) is bool(offset)

    async def test_one_dossier_is_read_by_its_number(self) -> None:
        record = {"journal_no": "99000001", "contact": {"full_name": "X"}}
        lookups, exchange = service(read_registration=(Answered(body={}), record))
        found = await lookups.read_registration({"journal_no": "99000001", "purpose": {}}, context=CONTEXT)
        assert (found.verdict, found.record) == (Verdict.MATCH, record)
        assert exchange.asked == [("read_registration", {"journal_no": "99000001", "purpose": {}})]

    async def test_an_unknown_dossier_is_not_found_and_the_sentence_is_about_a_number(self) -> None:
        lookups, _ = service(read_registration=(Absent(), {}))
        found = await lookups.read_registration({"journal_no": "1"}, context=CONTEXT)
        assert found.verdict is Verdict.NOT_FOUND
        assert "số này" in found.explanation_vi
