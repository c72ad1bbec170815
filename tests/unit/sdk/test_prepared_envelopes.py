"""When a template is made: at the start what was foreseen, beside the caller what was not, and never in its way."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import structlog
from small_contracts import ANSWER, ASK, contract, schema
from structlog.testing import capture_logs
from zeep_watch import by_zeep

from gateway.sdk.soap import MOST_TEMPLATES, SoapContract

TEXTS = schema(ASK.format(code="xs:string", note="xs:string") + ANSWER)
YES_OR_NO = schema(ASK.format(code="xs:boolean", note="xs:string") + ANSWER)
"""zeep writes `true` for most texts, so no template can."""
WARNING = {"event": "envelopes_are_not_prepared", "operation": "Ask", "log_level": "warning"}
Work = Callable[[], None]


def asked(made: SoapContract, **values: Any) -> tuple[bytes, int]:
    return by_zeep(lambda: made.write("Ask", values))


def learned() -> None:
    """What was begun beside us is done."""
    for thread in threading.enumerate():
        if thread.name == "envelopes":
            thread.join(10)


class TestForeseen:
    def test_it_is_written_without_zeep_from_the_first_time_on(self, tmp_path: Path) -> None:
        made = contract(tmp_path, TEXTS)
        _, probes = by_zeep(lambda: made.prepare("Ask", {"code": "-", "note": "-"}))
        assert probes > 15
        content, by_hand = asked(made, code="a", note="Trần")
        assert by_hand == 0
        assert "note>Trần</" in content.decode()

    def test_a_difference_is_told_at_the_start_and_zeep_goes_on_writing(self, tmp_path: Path) -> None:
        begun: list[Work] = []
        made = contract(tmp_path, YES_OR_NO, beside=begun.append)
        with capture_logs() as logs:
            made.prepare("Ask", {"code": "-", "note": "-"})
        assert logs == [WARNING]
        with capture_logs() as logs:
            for _ in range(2):
                content, written = asked(made, code="yes", note="a")
                assert written == 1
                assert b"code>true</" in content
        assert (logs, begun) == ([], [])

    @pytest.mark.parametrize("values", [{"code": 7}, {"unknown": "-"}])
    def test_what_no_template_can_write_is_told_at_the_start(self, tmp_path: Path, values: dict[str, Any]) -> None:
        made = contract(tmp_path, TEXTS)
        with capture_logs() as logs:
            made.prepare("Ask", values)
        assert logs == [WARNING]


class TestUnforeseen:
    def test_zeep_writes_the_callers_own_and_the_rest_is_left_to_others(self, tmp_path: Path) -> None:
        begun: list[Work] = []
        made = contract(tmp_path, TEXTS, beside=begun.append)
        first, *written = asked(made, code="a", note="b")
        again, *more = asked(made, code="a", note="b")
        assert (written, more, len(begun)) == ([1], [1], 1)  # nobody learns what is being learned
        begun[0]()
        assert asked(made, code="a", note="b") == (first, 0) == (again, 0)

    async def test_it_is_learned_in_another_thread_than_the_loops(self, tmp_path: Path) -> None:
        contract(tmp_path, TEXTS)
        made = SoapContract(tmp_path / "x.wsdl")  # as a connector makes it
        first, written = asked(made, code="a", note="b")
        learned()
        assert (written, asked(made, code="a", note="b")) == (1, (first, 0))

    def test_a_difference_is_told_from_there(self, tmp_path: Path) -> None:
        told: list[tuple[str, str]] = []

        def note(_: object, level: str, event: dict[str, Any]) -> Any:
            told.append((f"{level}: {event['event']}", threading.current_thread().name))
            raise structlog.DropEvent

        contract(tmp_path, YES_OR_NO)
        made = SoapContract(tmp_path / "x.wsdl")
        before = structlog.get_config()["processors"]
        structlog.configure(processors=[note])
        try:
            assert asked(made, code="yes")[1] == 1
            learned()
            assert asked(made, code="yes")[1] == 1
        finally:
            structlog.configure(processors=before)
        assert told == [("warning: envelopes_are_not_prepared", "envelopes")]

    def test_there_is_an_end_to_what_is_learned(self, tmp_path: Path) -> None:
        made = contract(tmp_path, TEXTS)
        with capture_logs() as logs:
            for number in range(MOST_TEMPLATES):
                made.prepare("Ask", {f"unknown{number}": "-"})
            assert asked(made, code="a")[1] == 1
            assert asked(made, code="a")[1] == 1
        assert logs == [WARNING]

    def test_what_zeep_wrote_leaves_though_no_thread_can_be_started(self, tmp_path: Path) -> None:
        tries = list[Work]()

        def begin(work: Work) -> None:
            tries.append(work)
            if len(tries) < 3:
                raise RuntimeError("can't start new thread")
            work()

        made = contract(tmp_path, TEXTS, beside=begin)
        with capture_logs() as logs:
            assert [asked(made, code="a")[1] for _ in range(2)] == [1, 1]
        assert logs == [WARNING]
        asked(made, code="a")
        assert asked(made, code="a")[1] == 0  # once there is a thread it is learned all the same

    def test_a_fault_of_ours_in_learning_is_told_and_zeep_goes_on_writing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        made = contract(tmp_path, TEXTS)
        monkeypatch.setattr(made, "_leaves_free", lambda _: 1 // 0)
        with capture_logs() as logs:
            content, _ = asked(made, code="a")
        assert b"code>a</" in content
        assert [line["event"] for line in logs] == ["envelope_not_learned", WARNING["event"]]
