"""W3C Trace Context, by the specification's own examples and rules."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.observability import accept_trace, continue_trace

ID, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
GOOD = f"00-{ID}-{SPAN}-01"
OUTGOING = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")


def test_a_trace_is_followed_with_a_span_of_our_own() -> None:
    trace = accept_trace([GOOD], [])
    assert (trace.trace_id, trace.flags) == (ID, 1)
    assert trace.span_id != SPAN
    assert OUTGOING.fullmatch(trace.traceparent)


@pytest.mark.parametrize(
    "header",
    [f"cc-{ID}-{SPAN}-01-what-the-future-will-be-like", f"cc-{ID}-{SPAN}-01", f"01-{ID}-{SPAN}-01-", f" {GOOD}\t"],
)
def test_a_later_version_is_read_as_far_as_it_is_known(header: str) -> None:
    assert accept_trace([header], []).trace_id == ID
    assert accept_trace([header], []).traceparent.startswith("00-")


@pytest.mark.parametrize(
    "header",
    [
        "", "00", GOOD + "-", GOOD + "-x", GOOD + ".", f"ff-{ID}-{SPAN}-01", f"cc-{ID}-{SPAN}-01.x",
        f"00-{'0' * 32}-{SPAN}-01", f"00-{ID}-{'0' * 16}-01", f"00-{ID.upper()}-{SPAN}-01", f"00-{ID[:-1]}-{SPAN}-01",
        f"00-{ID}0-{SPAN}-01", f"00-{ID}-{SPAN}-1", f"00-{ID}-{SPAN}-xx", f"0-{ID}-{SPAN}-01", f"00-{ID}_{SPAN}-01",
        f"00-{ID[:-1]}١-{SPAN}-01", f"{GOOD},{GOOD}",
    ],
)  # fmt: skip
def test_a_malformed_parent_begins_a_new_trace_and_drops_the_state(header: str) -> None:
    trace = accept_trace([header], ["a=1"])
    assert trace.trace_id != ID
    assert trace.tracestate == ""
    assert OUTGOING.fullmatch(trace.traceparent)


def test_two_parents_are_none() -> None:
    assert accept_trace([GOOD, GOOD], ["a=1"]).trace_id != ID
    assert accept_trace([], ["a=1"]).tracestate == ""


@pytest.mark.parametrize(("flags", "kept"), [("00", 0), ("01", 1), ("ff", 1), ("02", 0)])
def test_only_known_flags_are_handed_on(flags: str, kept: int) -> None:
    assert accept_trace([f"00-{ID}-{SPAN}-{flags}"], []).flags == kept


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        (["a=1,b=2"], "a=1,b=2"),
        (["a=1", "b=2"], "a=1,b=2"),
        (["a=1, ,b=2,,", ""], "a=1,b=2"),
        (["fw529a3039@dt=FfAAAA", "a b=1"], ""),
        (["a=1,a=2"], ""),
        (["A=1"], ""),
        (["a=1,b"], ""),
        (["a="], ""),
        (["a=x=y"], ""),
        ([f"{'a' * 257}=1"], ""),
        ([f"a={'x' * 257}"], ""),
        ([f"a={'x' * 256}"], f"a={'x' * 256}"),
        ([",".join(f"k{n}=1" for n in range(33))], ""),
        ([",".join(f"k{n}=1" for n in range(32))], ",".join(f"k{n}=1" for n in range(32))),
        (["a=é"], ""),
        (["a=1\r\nx: y"], ""),
    ],
)
def test_the_state_is_one_list_or_dropped_alone(headers: list[str], kept: str) -> None:
    trace = accept_trace([GOOD], headers)
    assert (trace.trace_id, trace.tracestate) == (ID, kept)


@given(st.lists(st.text(max_size=60), max_size=3), st.lists(st.text(max_size=60), max_size=3))
def test_whatever_comes_what_goes_out_is_well_formed(parents: list[str], states: list[str]) -> None:
    trace = accept_trace(parents, states)
    assert OUTGOING.fullmatch(trace.traceparent)
    assert trace.tracestate.isascii()
    assert "\n" not in trace.tracestate


def test_a_stored_trace_goes_on_and_a_missing_one_begins() -> None:
    assert continue_trace(ID).trace_id == ID
    assert len(continue_trace("").trace_id) == 32


def test_what_looks_like_a_persons_number_does_not_travel_on() -> None:
    """PDP-15."""
    for state in ("a=099185000001", "a=x;id:099185000001;y,b=1"):
        assert accept_trace([GOOD], [state]).tracestate == ""
    for state in ("rojo=00f067aa0ba902b7", "nr=0-0-1349956-41346604-1569367663277", "a=0991850000012"):
        assert accept_trace([GOOD], [state]).tracestate == state
