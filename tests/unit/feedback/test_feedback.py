"""Questions, answers and ratings: what is told, under which key, and once."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from services import CONTEXT, Clock, ListedOutbox, ScriptedExchange, atomically

from gateway.feedback.memory import MemoryFeedback
from gateway.feedback.model import Levels, Source
from gateway.feedback.service import Feedback
from gateway.sdk import (
    Absent,
    Answered,
    NotFoundError,
    ProtocolViolation,
    Refused,
    RemoteError,
    TransientRemoteError,
)
from gateway.sdk.errors import UnprocessableError
from gateway.signing import Keyring

ANSWER = {
    "id": 90001,
    "agency_code": "000.00.05.H99",
    "officer_name": "Lê Văn Thử",
    "at": "2026-11-23T09:00:00+07:00",
    "answer": "Chỉ cần tờ khai.",
}
RATINGS = {
    "month": "2026-10",
    "procedure_code": "1.009999",
    "agency_code": "000.00.05.H99",
    "agency_name": "Sở Ví Dụ",
    "overall": {"very_satisfied": 1, "satisfied": 1, "dissatisfied": 1},
}
DOWN = [TransientRemoteError("down"), ProtocolViolation("garbage"), (Refused(code="-1", reason=""), {})]


class House:
    def __init__(self, **answers: Any) -> None:
        self.exchange, self.outbox = ScriptedExchange(**answers), ListedOutbox()
        self.service = Feedback(
            MemoryFeedback(),
            self.outbox,  # type: ignore[arg-type]
            Keyring.ephemeral(),
            exchange=self.exchange,  # type: ignore[arg-type]
            atomically=atomically,
            clock=Clock(),
        )

    async def answer(self, **changes: Any) -> Any:
        return await self.service.answer({**ANSWER, **changes}, context=CONTEXT)

    async def rate(self, **changes: Any) -> Any:
        return await self.service.publish_ratings({**RATINGS, **changes}, context=CONTEXT)


def listed(*items: Any) -> Any:
    return Answered(body={}), {"items": list(items)}


async def test_both_lists_are_pulled() -> None:
    """SYN-14 (part)."""
    house = House(list_questions=listed({"id": 1}), list_published_questions=listed({"id": 2}))
    for source, number in ((Source.PORTAL, 1), (Source.AGENCY, 2)):
        found = await house.service.questions(source, agencies=(), context=CONTEXT)
        assert [item["id"] for item in found] == [number]


async def test_a_caller_of_some_agencies_sees_nobody_who_asked_another() -> None:
    house = House(
        list_questions=listed({"id": 1, "agency_code": "H99.1"}, {"id": 2, "agency_code": "H99.2"}, {"id": 3})
    )
    found = await house.service.questions(Source.PORTAL, agencies=("H99.2",), context=CONTEXT)
    assert [item["id"] for item in found] == [2]


@pytest.mark.parametrize("trouble", DOWN)
async def test_a_portal_that_does_not_answer_is_no_empty_list(trouble: Any) -> None:
    house = House(list_questions=trouble, read_answer=trouble)
    with pytest.raises(RemoteError):
        await house.service.questions(Source.PORTAL, agencies=(), context=CONTEXT)
    with pytest.raises(RemoteError):
        await house.service.answer_to(90001, context=CONTEXT)


@pytest.mark.parametrize("none", [(Absent(), {}), listed({}), listed({"answer_id": "5"})])
async def test_an_answer_without_words_is_none(none: Any) -> None:
    house = House(read_answer=none)
    with pytest.raises(NotFoundError):
        await house.service.answer_to(90001, context=CONTEXT)


async def test_what_is_told_has_a_key_that_names_nobody() -> None:
    """PDP-16 (part): keys are numbers, months, procedures and agencies."""
    house = House()
    question = {"id": 7, "field_code": "G03-GD10", "question": "Nộp ở đâu?", "agency_code": "H99", "agency_name": "Sở"}
    told = [
        await house.service.publish(question, context=CONTEXT),
        await house.answer(),
        await house.rate(),
    ]
    keys = ["question:7", "answer:90001", "ratings:2026-10:1.009999:000.00.05.H99"]
    assert [one.key for one in told] == [draft.stream.key for draft in house.outbox.drafts] == keys


async def test_the_very_same_is_taken_once_and_another_content_is_taken() -> None:
    """Also when the first answer was lost in a crash and the caller asks anew: the portal may not know a repeat."""
    house = House()
    told = [
        await house.answer(),
        await house.answer(),
        await house.answer(answer="Cần thêm bản sao."),
        await house.answer(),
    ]
    assert [one.again for one in told] == [False, True, False, False]
    assert [draft.body["answer"] for draft in house.outbox.drafts] == [
        "Chỉ cần tờ khai.",
        "Cần thêm bản sao.",
        "Chỉ cần tờ khai.",
    ]


async def test_nothing_is_told_from_the_future() -> None:
    house = House()
    for tell in (house.answer(at="2026-11-24T09:00:00+07:00"), house.rate(month="2026-12")):
        with pytest.raises(UnprocessableError) as raised:
            await tell
        assert raised.value.error_code == "caller.in_the_future"
    assert house.outbox.drafts == []
    assert not (await house.rate(month="2026-11")).again


async def test_ratings_are_shares_of_people_and_hold_nothing_else() -> None:
    """PDP-16 (part): no field could say who rated, or in which words."""
    house = House()
    await house.rate(service={"very_satisfied": 9, "satisfied": 1, "dissatisfied": 0})
    assert house.outbox.drafts[0].body == {
        "month": "2026-10",
        "procedure_code": "1.009999",
        "agency_code": "000.00.05.H99",
        "agency_name": "Sở Ví Dụ",
        "people": 3,
        "very_satisfied": "34%",
        "satisfied": "33%",
        "dissatisfied": "33%",
        "service_very_satisfied": "90%",
        "service_satisfied": "10%",
        "service_dissatisfied": "0%",
    }


@given(st.tuples(*[st.integers(0, 99_999_999)] * 3).filter(any))
def test_shares_add_up_to_the_whole_and_none_is_off_by_one(counts: tuple[int, int, int]) -> None:
    levels = Levels(very_satisfied=counts[0], satisfied=counts[1], dissatisfied=counts[2])
    shares = [int(share.removesuffix("%")) for share in levels.shares().values()]
    assert sum(shares) == 100
    assert all(abs(share - count * 100 / sum(counts)) < 1 for share, count in zip(shares, counts, strict=True))


async def test_a_key_under_which_nothing_was_told_is_not_found() -> None:
    with pytest.raises(NotFoundError):
        await House().service.deliveries("answer:1", context=CONTEXT)
