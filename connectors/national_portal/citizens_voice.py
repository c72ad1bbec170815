"""What became of an answer or a published question whose acknowledgement was lost (contract, section 4.7). Pure.

Nothing public says that the portal recognises a repeat, so only what it shows decides; figures of ratings are shown
nowhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from gateway.sdk import Absent, Answered, Call, CannotTell, Outcome, SendNow, Settlement, TookEffect

PUBLISH, ANSWER, RATE = "publish_question", "answer_question", "publish_ratings"
OPERATIONS = frozenset({PUBLISH, ANSWER, RATE})


def question(call: Call) -> Call | Settlement:
    """The look-up that shows it; ratings are shown nowhere."""
    asked: dict[str, tuple[str, Mapping[str, Any]]] = {
        ANSWER: ("read_answer", {"cauhoiid": str(call.body.get("HOIDAPID", ""))}),
        PUBLISH: ("list_published_questions", {}),
    }
    if call.operation not in asked:
        return _unclear()
    operation, body = asked[call.operation]
    return replace(call, operation=operation, body=body, grant=None, hints={}, parts=())


def settle(call: Call, answer: Outcome, *, all_listed: bool) -> Settlement:
    """`all_listed`: the list of the agency's questions is known to show every published one, so that a missing one
    did not arrive."""
    if not isinstance(answer, Answered | Absent):
        return _unclear()
    items: Sequence[Mapping[str, Any]] = answer.body["items"] if isinstance(answer, Answered) else ()
    if call.operation == ANSWER:
        return _settle_answer(call, items)
    own = [item for item in items if str(item.get("HOIDAPID", "")) == str(call.body["HOIDAPID"])]
    if any(_same(item.get("NOIDUNG"), call.body["NOIDUNG"]) for item in own):
        return TookEffect(reference=call.call_id)
    readable = all(item.get("HOIDAPID") for item in items)
    return SendNow(call=call) if all_listed and readable and not own else _unclear()


def _settle_answer(call: Call, items: Sequence[Mapping[str, Any]]) -> Settlement:
    """Ours is there, or none at all. Another text may be an earlier answer, or ours cut short: a person compares."""
    if any(_same(item.get("NOIDUNGTRALOI"), call.body["NOIDUNGTRALOI"]) for item in items):
        return TookEffect(reference=call.call_id)
    unanswered = all("NOIDUNGTRALOI" in item and not _words(item["NOIDUNGTRALOI"]) for item in items)
    return SendNow(call=call) if unanswered else _unclear()


def _same(shown: Any, sent: str) -> bool:
    return isinstance(shown, str) and _words(shown) == _words(sent)


def _words(text: Any) -> str:
    """Its words, whatever the Unicode form and spacing; case counts. A null is no words."""
    return " ".join(unicodedata.normalize("NFC", str(text)).split()) if text is not None else ""


def _unclear() -> CannotTell:
    return CannotTell(
        reason="What the portal shows does not decide whether this arrived; compare there by hand, then release it.",
        reason_vi="Những gì Cổng cho thấy chưa đủ để biết nội dung này đã tới hay chưa; cần cán bộ xem trên Cổng.",
    )
