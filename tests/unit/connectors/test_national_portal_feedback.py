"""Answers, published questions and ratings in doubt: what the portal shows decides, and only that."""

from __future__ import annotations

import json
import unicodedata
from typing import Any

import pytest
from systems import bench

from gateway.sdk import Absent, Answered, Call, CannotTell, Outcome, Refused, SendNow, Settlement, TookEffect, WireReply

ANSWER = {
    "HOIDAPID": 90001,
    "MADONVI": "000.00.05.H99",
    "NGUOITRALOI": "Lê Văn Thử",
    "CHUCVUNGUOITRALOI": "Chuyên viên",
    "NGAYTRALOI": "20260105090000",
    "NOIDUNGTRALOI": "Chỉ cần tờ khai.",
}
QUESTION = {"HOIDAPID": 7, "MaLinhVuc": "G03-GD10", "NOIDUNG": "Nộp ở đâu?", "MADONVI": "H99", "TENDONVI": "Sở"}
OURS = {"HOIDAPID": "7", "NOIDUNG": "Nộp ở đâu?"}


def call(operation: str, body: Any) -> Call:
    return bench("national_portal").call(operation, body)


def settled(operation: str, body: Any, answer: Outcome, **settings: Any) -> Settlement:
    connector: Any = bench("national_portal", **settings).connector
    return connector.settle(call(operation, body), answer)  # type: ignore[no-any-return]  # Any


def shown(*items: Any) -> Outcome:
    return Answered(body={"items": list(items)}) if items else Absent()


def test_an_answer_is_asked_for_by_its_question() -> None:
    connector: Any = bench("national_portal").connector
    question = connector.question(call("answer_question", ANSWER))
    assert (question.operation, question.body) == ("read_answer", {"cauhoiid": "90001"})


def test_figures_of_ratings_are_shown_nowhere() -> None:
    connector: Any = bench("national_portal").connector
    assert isinstance(connector.question(call("publish_ratings", {})), CannotTell)
    assert isinstance(settled("publish_ratings", {}, Refused(code="-1", reason="")), CannotTell)


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([], SendNow),
        ([{"TRALOIID": "", "NOIDUNGTRALOI": ""}], SendNow),
        ([{"TRALOIID": None, "NOIDUNGTRALOI": None}], SendNow),
        ([{"NOIDUNGTRALOI": "Chỉ cần tờ khai."}], TookEffect),
        ([{"NOIDUNGTRALOI": unicodedata.normalize("NFD", " Chỉ cần  tờ khai.\n")}], TookEffect),
        ([{"NOIDUNGTRALOI": "Trả lời trước."}, {"NOIDUNGTRALOI": "Chỉ cần tờ khai."}], TookEffect),
        ([{"NOIDUNGTRALOI": "Chỉ cần"}], CannotTell),
        ([{"NOIDUNGTRALOI": "Trả lời trước."}], CannotTell),
        ([{"NOIDUNGTRALOI": 5}], CannotTell),
        ([{"TRALOIID": 70001}], CannotTell),
        ([{}], CannotTell),
    ],
    ids=str,
)
def test_an_answer_is_sent_again_only_when_the_portal_shows_none(items: Any, expected: type) -> None:
    assert isinstance(settled("answer_question", ANSWER, shown(*items)), expected)


@pytest.mark.parametrize("operation", ["answer_question", "publish_question"])
def test_a_refused_question_proves_nothing(operation: str) -> None:
    body = ANSWER if operation == "answer_question" else QUESTION
    assert isinstance(settled(operation, body, Refused(code="-1", reason="")), CannotTell)


@pytest.mark.parametrize(
    ("items", "whole", "partial"),
    [
        ([OURS], TookEffect, TookEffect),
        ([{**OURS, "HOIDAPID": 7}], TookEffect, TookEffect),
        ([{**OURS, "NOIDUNG": "Nộp"}], CannotTell, CannotTell),
        ([{"HOIDAPID": 8, "NOIDUNG": "Nộp ở đâu?"}], SendNow, CannotTell),
        ([], SendNow, CannotTell),
        ([{"NOIDUNG": "Nộp ở đâu?"}], CannotTell, CannotTell),
        ([{}], CannotTell, CannotTell),
    ],
    ids=str,
)
def test_a_missing_question_did_not_arrive_only_if_the_list_is_known_to_be_whole(
    items: Any, whole: type, partial: type
) -> None:
    """What LayDanhSachHoiDapBoCoQuan leaves out is not public (4.7); a province starts with `false`."""
    for is_whole, expected in ((True, whole), (False, partial)):
        found = settled("publish_question", QUESTION, shown(*items), questions_are_listed=is_whole)
        assert isinstance(found, expected)


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"result": []}, Absent()),
        ({"result": {}}, Absent()),
        (
            {"result": {"TRALOIID": 1, "NOIDUNGTRALOI": "a"}},
            Answered(body={"items": [{"TRALOIID": 1, "NOIDUNGTRALOI": "a"}]}),
        ),
        ({"result": [{"NOIDUNGTRALOI": "a"}]}, Answered(body={"items": [{"NOIDUNGTRALOI": "a"}]})),
    ],
    ids=str,
)
def test_the_result_of_an_answer_may_be_one_object_or_a_list(document: Any, expected: Outcome) -> None:
    content = json.dumps({"error_code": "00", **document}).encode()
    connector = bench("national_portal").connector
    found = connector.interpret(call("read_answer", {"cauhoiid": "1"}), WireReply(status=200, content=content))
    assert found == expected
