"""Who answers wrong leaves a case with all rounds, and the result says who and why."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from comparison import machine, questions, running, table
from comparison.cases import CASES
from comparison.figures import compared
from comparison.running import Plan, Stage
from comparison.subjects import Running

Answer = Callable[[dict[str, Any]], dict[str, Any]]
CITIZEN = replace(CASES["citizen"], subjects=("bare", "by_hand"), lines=1)
PLAN = Plan(rounds=2, seconds=0.5, warm_s=0.05)


@contextmanager
def answering(answer: Answer) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            self._say({})

        def do_POST(self) -> None:
            self._say(answer(json.loads(self.rfile.read(int(self.headers["Content-Length"])))))

        def _say(self, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode()
            self.wfile.write(head + body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        serving.start()
        yield server.server_address[1]
        server.shutdown()
        serving.join()


def right(asked: dict[str, Any]) -> dict[str, Any]:
    is_known = (asked["personal_id"], asked["full_name"], asked["birth_date"]) in questions.PEOPLE
    return {"verdict": "match" if is_known else "mismatch"}


def yes(_: dict[str, Any]) -> dict[str, Any]:
    return {"verdict": "match"}


class Forgetful:
    """Right as long as it is tried out; from the second stranger on it says yes to everybody."""

    def __init__(self) -> None:
        self._strangers = 0

    def __call__(self, asked: dict[str, Any]) -> dict[str, Any]:
        self._strangers += right(asked)["verdict"] == "mismatch"
        return right(asked) if self._strangers < 2 else yes(asked)


def no(_: dict[str, Any]) -> dict[str, Any]:
    return {"verdict": "mismatch"}


@pytest.mark.parametrize(
    "wrong", [yes, Forgetful(), no], ids=["yes to all", "yes to all once it was tried out", "no to all"]
)
def test_who_answers_wrong_leaves_and_is_named_and_the_others_stay(wrong: Answer) -> None:
    with answering(right) as good, answering(wrong) as bad:
        stage = Stage(cores=machine.cores(), upstream=good, upstream_pid=0)
        stage.running = {"bare": Running("bare", (good,), ()), "by_hand": Running("by_hand", (bad,), ())}
        rounds, absent = running.run(CITIZEN, stage, PLAN, say=lambda _: None)
    assert list(rounds) == ["bare"]
    assert len(rounds["bare"]) == PLAN.rounds
    assert absent["by_hand"].startswith("left in round ")
    assert '"verdict"' in absent["by_hand"]
    head = {"on": "", "machine": "", "load_before": 0, "load_after": 0, "options": {"rounds": 2, "seconds": 1.0}}
    case = {**head, "cores": machine.cores().told(), "title": "", "work": "", "lines": 1, "absent": absent}
    text = table.markdown({"cases": {"citizen": {**case, "subjects": compared(rounds, ours="gateway")}}})
    assert "by hand | absent: left in round " in text


def test_every_question_that_has_an_answer_for_strangers_asks_for_one() -> None:
    for asked in (questions.citizen("key"), questions.enterprise("key"), questions.raw_citizen(0)):
        makes = [asked.make(number) for number in range(questions.STRANGER_FIRST + 1)]
        assert makes[-1] not in makes[:-1]
        assert asked.complaint(questions.STRANGER_FIRST, 200, b'{"verdict": "match"}').startswith(
            "of a stranger, 200: "
        )
