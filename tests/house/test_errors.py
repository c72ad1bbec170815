"""The error tree is data that the worker and the API read; a gap in it would be a wrong decision later."""

from __future__ import annotations

import re
import unicodedata

import pytest

from gateway.sdk import errors
from gateway.sdk.errors import GatewayError, Origin, Retry

TREE = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, GatewayError)]


@pytest.mark.parametrize("error", TREE, ids=lambda e: e.__name__)
def test_every_error_says_who_what_and_what_next(error: type[GatewayError]) -> None:
    assert re.fullmatch(r"(ours|operator|caller|partner|security)\.[a-z_]+", error.code)
    assert error.code.startswith(error.origin.value)
    assert isinstance(error.retry, Retry)
    assert 400 <= error.http_status <= 599
    assert (error.http_status < 500) == (error.origin in {Origin.CALLER, Origin.SECURITY})
    assert error.title_vi == unicodedata.normalize("NFC", error.title_vi)


def test_codes_are_unique() -> None:
    assert len({error.code for error in TREE}) == len(TREE)


def test_the_tree_drawn_in_the_docstring_names_every_error() -> None:
    assert errors.__doc__
    for error in TREE:
        assert error.__name__ in errors.__doc__, error.__name__


def test_a_named_fact_keeps_its_origin() -> None:
    error = errors.TransientRemoteError("x", what="circuit_open")
    assert error.error_code == "partner.circuit_open"
    assert error.retry is Retry.BACKOFF
