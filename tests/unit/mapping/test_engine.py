"""Translating: what is required is demanded, what is absent stays absent, what is unknown is never guessed."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.mapping import Mappings, load
from gateway.mapping.model import Direction
from gateway.sdk import ProtocolViolation
from gateway.sdk.errors import UnprocessableError

CODES = "ours,theirs,label_vi\nmale,1,Nam\nfemale,2,Nữ\nwoman,2,Nữ\n,9,Không rõ\n"
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("mapping") / "echo"
    (made / "codes").mkdir(parents=True)
    (made / "codes" / "sex.csv").write_text(CODES)
    return made


def mapping(folder: Path, *rules: str, direction: str = "request") -> Mappings:
    lines = "".join(f"  - {rule}\n" for rule in rules)
    (folder / "say.yaml").write_text(
        f"system: echo\noperation: say\nversion: 7\n{direction}:\n{lines}", encoding="utf-8"
    )
    return load(folder)


def sent(folder: Path, *rules: str, **document: Any) -> dict[str, Any]:
    return mapping(folder, *rules).request("say", document).body


def read(folder: Path, *rules: str, **document: Any) -> dict[str, Any]:
    return mapping(folder, *rules, direction="reply").reply("say", document)


def pointers(folder: Path, *rules: str, **document: Any) -> list[str]:
    with pytest.raises(UnprocessableError) as raised:
        sent(folder, *rules, **document)
    assert raised.value.error_code == "caller.not_translatable"
    return [problem.pointer for problem in raised.value.fields]


class TestAbsence:
    @pytest.mark.parametrize("empty", [None, "", "   ", [], {}])
    def test_what_was_not_said_is_left_out_defaulted_or_demanded(self, folder: Path, empty: Any) -> None:
        assert sent(folder, "{to: A, from: a}", a=empty) == {}
        assert sent(folder, '{to: A, from: a, default: ""}', a=empty) == {"A": ""}
        assert pointers(folder, "{to: A, from: a, required: true}", a=empty) == ["/a"]

    @pytest.mark.parametrize("said", [0, False, "0"])
    def test_nought_and_no_are_said(self, folder: Path, said: Any) -> None:
        assert sent(folder, "{to: A, from: a, required: true}", a=said) == {"A": said}

    def test_every_missing_field_is_named_at_once_also_inside_lists(self, folder: Path) -> None:
        rules = ("{to: A, from: a.b, required: true}", "{to: L, from: l, each: [{to: X, from: x, required: true}]}")
        assert pointers(folder, *rules, l=[{"x": 1}, {}, {"x": None}]) == ["/a/b", "/l/1/x", "/l/2/x"]

    def test_a_default_is_not_shared_between_messages(self, folder: Path) -> None:
        made = mapping(folder, "{to: A, from: a, default: []}")
        made.request("say", {}).body["A"].append(1)
        assert made.request("say", {}).body == {"A": []}


class TestPlaces:
    def test_paths_read_and_write_deep(self, folder: Path) -> None:
        rules = ("{to: A.B, from: a.b}", "{to: A.C, const: x}", "{to: D, from: l.1.v}")
        assert sent(folder, *rules, a={"b": 1}, l=[{}, {"v": 2}]) == {"A": {"B": 1, "C": "x"}, "D": 2}

    def test_a_list_of_one_that_collapsed_is_still_a_list(self, folder: Path) -> None:
        rule = "{to: l, from: L, each: [{to: x, from: X}]}"
        assert read(folder, rule, L={"X": "1"}) == read(folder, rule, L=[{"X": "1"}]) == {"l": [{"x": "1"}]}
        assert read(folder, "{to: x, from: L.0.X}", L={"X": "1"}) == {"x": "1"}

    def test_first_takes_the_first_that_was_said_and_join_all_of_them(self, folder: Path) -> None:
        assert sent(folder, "{to: A, from: [a, b, c], first: true}", b=" ", c="y") == {"A": "y"}
        assert sent(folder, '{to: A, from: [a, b, c], join: " "}', a="x ", c="y") == {"A": "x y"}

    def test_a_rule_with_a_condition_speaks_only_when_it_holds(self, folder: Path) -> None:
        rules = ("{to: D, from: b, when: '[0-9]{8}'}", "{to: Y, from: b, when: '[0-9]{4}'}")
        assert sent(folder, *rules, b="1985") == {"Y": "1985"}
        assert sent(folder, *rules, b="19850615") == {"D": "19850615"}
        assert sent(folder, *rules) == {}


class TestCodes:
    def test_codes_translate_both_ways(self, folder: Path) -> None:
        assert sent(folder, "{to: S, from: s, code: sex}", s="woman") == {"S": "2"}
        assert read(folder, "{to: s, from: S, code: sex}", S="2") == {"s": "female"}

    @pytest.mark.parametrize("unknown", ["3", "Male", "MALE", 1.0, True, "1 "])
    def test_an_unknown_code_is_never_guessed(self, folder: Path, unknown: Any) -> None:
        """COD ids: a code outside the list is refused on the way out and breaks the contract on the way in."""
        assert pointers(folder, "{to: S, from: s, code: sex}", s=unknown) == ["/s"]
        with pytest.raises(ProtocolViolation):
            read(folder, "{to: s, from: S, code: sex}", S=unknown)

    def test_a_label_keeps_their_code_and_claims_no_meaning_it_does_not_know(self, folder: Path) -> None:
        rule = "{to: s, from: S, label: sex}"
        assert read(folder, rule, S="2") == {"s": {"code": "2", "label_vi": "Nữ"}}
        assert read(folder, rule, S="77") == {"s": {"code": "77", "label_vi": None}}


class TestValues:
    @pytest.mark.parametrize(
        ("rule", "value", "written"),
        [
            ("number: string", 150000, "150000"),
            ("number: string", "007", "7"),
            ("number: integer", " -5 ", -5),
            ("text: {max: 3}", "abcdef", "abc"),
            ("text: {fold: upper}", "Trần thị", "TRẦN THỊ"),
            ("text: {fold: ascii}", "Đỗ Thị Mẫu", "Do Thi Mau"),
            ("text: {fold: nfc}", "Tra\u0302\u0300n", "Trần"),
            ('bool: ["1", "0"]', True, "1"),
            ('bool: ["1", "0"]', False, "0"),
            ('date: {read: iso, write: "%Y%m%d%H%M%S"}', "2026-11-23T02:00:00+00:00", "20261123090000"),
            ('date: {read: iso, write: "%Y%m%d%H%M%S"}', "2026-11-23T23:30:00Z", "20261124063000"),
            ('date: {read: iso, write: "%d/%m/%Y"}', "2026-02-28", "28/02/2026"),
        ],
    )
    def test_what_goes_out(self, folder: Path, rule: str, value: Any, written: Any) -> None:
        """COD-14: times are Viet Nam's on the wire."""
        assert sent(folder, f"{{to: A, from: a, {rule}}}", a=value) == {"A": written}

    @pytest.mark.parametrize(
        ("rule", "value"),
        [
            *[("number: integer", value) for value in ("1.0", 1.5, True, "--5", "-", "१२", "1e3", "9" * 5000, [1])],
            *[("text: {max: 3}", value) for value in (True, 1.5, [1], {"a": 1})],
            *[('bool: ["1", "0"]', value) for value in ("true", 1, "1")],
            *[
                ('date: {read: iso, write: "%Y%m%d"}', value)
                for value in ("2026-02-30", "20/11/2026", "2026", 5, "0990-01-01", "9999-12-31T23:59:59-12:00", "x")
            ],
        ],
    )
    def test_what_does_not_fit_is_named_and_not_bent(self, folder: Path, rule: str, value: Any) -> None:
        """COD-14: a date that does not exist is refused, not moved."""
        assert pointers(folder, f"{{to: A, from: a, {rule}}}", a=value) == ["/a"]

    @pytest.mark.parametrize(
        ("rule", "value", "meant"),
        [
            ('date: {read: "%Y%m%d", write: iso}', "19850615", "1985-06-15"),
            ('date: {read: "%Y%m%d%H%M%S", write: iso}', "20261123090000", "2026-11-23T09:00:00+07:00"),
            ('date: {read: "%d/%m/%Y %H:%M:%S", write: iso-date}', "02/01/2020 00:00:00", "2020-01-02"),
            ('bool: ["True", "False"]', "TRUE", True),
            ('bool: ["1", "0"]', 0, False),
        ],
    )
    def test_what_comes_in(self, folder: Path, rule: str, value: Any, meant: Any) -> None:
        assert read(folder, f"{{to: a, from: A, {rule}}}", A=value) == {"a": meant}

    @pytest.mark.parametrize("value", ["2026-11-23", "31022026", "", "0"])
    def test_a_reply_that_does_not_fit_is_a_violation_not_a_guess(self, folder: Path, value: str) -> None:
        with pytest.raises(ProtocolViolation, match="/A"):
            read(folder, '{to: a, from: A, required: true, date: {read: "%Y%m%d", write: iso}}', A=value)


class TestAnyInput:
    @given(st.integers(min_value=-2_000_000_000, max_value=7_000_000_000).map(lambda s: datetime.fromtimestamp(s, UTC)))
    def test_a_time_survives_the_way_there_and_back(self, folder: Path, moment: datetime) -> None:
        out = ('{to: A, from: a, date: {read: iso, write: "%Y%m%d%H%M%S"}}', moment.isoformat())
        wire = compiled(folder, out[0], "request").request("say", {"a": out[1]}).body["A"]
        back = compiled(folder, '{to: a, from: A, date: {read: "%Y%m%d%H%M%S", write: iso}}', "reply")
        assert datetime.fromisoformat(back.reply("say", {"A": wire})["a"]) == moment

    @given(st.dates(min_value=date(1900, 1, 1), max_value=date(2200, 1, 1)))
    def test_a_date_survives_the_way_there_and_back(self, folder: Path, day: date) -> None:
        out = compiled(folder, '{to: A, from: a, date: {read: iso, write: "%Y%m%d"}}', "request")
        back = compiled(folder, '{to: a, from: A, date: {read: "%Y%m%d", write: iso}}', "reply")
        assert back.reply("say", out.request("say", {"a": day.isoformat()}).body) == {"a": day.isoformat()}

    @given(ANYTHING)
    def test_no_value_raises_anything_but_what_is_documented(self, folder: Path, value: Any) -> None:
        for direction, error in (("request", UnprocessableError), ("reply", ProtocolViolation)):
            made = compiled(folder, EVERYTHING, direction)
            translate = made.request if direction == "request" else made.reply
            with contextlib.suppress(error):
                translate("say", {"a": value})


EVERYTHING = "\n  - ".join(
    f"{{to: A{number}, from: a, {verb}}}"
    for number, verb in enumerate(
        [
            "number: integer", "number: string", "text: {max: 3, fold: name}", 'bool: ["1", "0"]', "code: sex",
            "label: sex", "date: {read: iso, write: iso}", 'date: {read: "%Y%m%d", write: iso}',
            "each: [{to: x, from: x, number: integer}]", "required: true",
        ]
    )
)  # fmt: skip
_made: dict[tuple[str, str], Mappings] = {}


def compiled(folder: Path, rules: str, direction: str) -> Mappings:
    """Compiled once: hypothesis asks a hundred times."""
    if (rules, direction) not in _made:
        _made[rules, direction] = mapping(folder, rules, direction=direction)
    return _made[rules, direction]


def test_explaining_says_what_each_rule_did_and_no_value(folder: Path) -> None:
    rules = (
        "{to: A, from: a, number: integer}",
        "{to: B, const: x}",
        "{to: C, from: c}",
        "{to: D, from: d, default: 1}",
    )
    steps = mapping(folder, *rules).explain("say", Direction.REQUEST, {"a": "Trần Thị Mẫu"})
    assert [(step.to, step.result) for step in steps] == [
        ("A", "misfit"),
        ("B", "constant"),
        ("C", "left out"),
        ("D", "default"),
    ]
    assert "Mẫu" not in repr(steps)


def test_a_message_remembers_the_version_that_made_it(folder: Path) -> None:
    assert mapping(folder, "{to: A, from: a}").request("say", {"a": 1}).version == 7
