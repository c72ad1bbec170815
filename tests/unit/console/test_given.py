"""What people type is read strictly, and never repeated in an error."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from gateway.console import given
from gateway.sdk.errors import RequestError, UnprocessableError


@drawn(st.sets(st.integers(0, 500), max_size=200))
def test_rows_are_written_in_runs_and_read_back(rows: set[int]) -> None:
    assert given.rows(given.written(tuple(rows))) == tuple(sorted(rows))


@pytest.mark.parametrize(
    ("text", "found"),
    [("", ()), ("12", (12,)), ("12, 15-17", (12, 15, 16, 17)), (" 3  1 ", (3, 1)), ("5-5", (5,))],
)
def test_rows_are_named_alone_or_from_to(text: str, found: tuple[int, ...]) -> None:
    assert given.rows(text) == found


@pytest.mark.parametrize("text", ["x", "1-", "-1", "5-3", "1-2-3", "0-1000", "1-600 700-1200", "²", "9" * 17])
def test_what_is_no_row_or_too_many_is_refused(text: str) -> None:
    with pytest.raises(UnprocessableError):
        given.rows(text)


def test_a_moment_is_vietnams_unless_it_says_otherwise() -> None:
    assert given.moment("2026-11-24T10:00", "/x") == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert given.moment("2026-11-24T10:00+00:00", "/x") == datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
    assert given.moment_or_none("  ", "/x") is None
    assert given.local(datetime(2026, 11, 24, 3, 0, tzinfo=UTC)) == "2026-11-24T10:00:00"
    with pytest.raises(UnprocessableError):
        given.moment("hôm qua", "/x")


@pytest.mark.parametrize("text", ["099000000013", "HS 123456789", "0912345678"])
def test_a_reference_is_no_personal_number_and_the_error_does_not_repeat_it(text: str) -> None:
    with pytest.raises(UnprocessableError) as caught:
        given.reference(text)
    assert text not in f"{caught.value.detail}{caught.value.detail_vi}{caught.value.fields}"


def test_a_reference_is_taken_without_its_blanks() -> None:
    assert given.reference(" 000.00.05.H99-261123-0007 ") == "000.00.05.H99-261123-0007"


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59:59-12:00", "1999-12-31T23:59"])
def test_a_moment_in_a_year_that_nobody_means_is_refused(text: str) -> None:
    with pytest.raises(UnprocessableError):
        given.moment(text, "/x")
    with pytest.raises(ValidationError):
        TypeAdapter(given.Moment).validate_python(text)


def test_a_field_that_was_left_empty_says_nothing() -> None:
    field = TypeAdapter(Annotated[given.Moment | None, given.EMPTY])
    assert field.validate_python("") is None
    assert field.validate_python("2026-11-24T10:00") == datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
    assert TypeAdapter(given.Day).validate_python("") is None


@pytest.mark.parametrize("name", ["7", "B-1", "a~b"])
def test_a_list_goes_on_where_its_address_says(name: str) -> None:
    at = datetime(2026, 11, 24, 3, 0, 0, 5, tzinfo=UTC)
    assert given.place(given.placed(at, name)) == (at, name)
    assert given.place("") is None


@pytest.mark.parametrize(
    "text", ["x", "~", "~x", "2026-11-24T10:00~x", "2026-11-24T10:00+00:00", "2026-11-24T10:00+00:00~"]
)
def test_an_address_that_is_not_ours_goes_on_nowhere(text: str) -> None:
    with pytest.raises(RequestError):
        given.place(text)
