"""A partner tried from the command line, and by the doctor."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from commands import Run, typed
from postgres import reachable_folder

NOBODY = {"LIENTHONG_SYSTEMS": json.dumps({"national_portal": {"base_url": "http://127.0.0.1:1/forward"}})}


@pytest.fixture(scope="module")
def lienthong(database_url: str) -> Iterator[Run]:
    with reachable_folder() as state:
        yield typed(database_url, state)


def test_a_partner_that_nobody_answers_for_ends_badly_and_is_a_leaf(lienthong: Run) -> None:
    told = lienthong("diagnose", "national_portal", **NOBODY)
    assert told.returncode == 1, told.stderr
    assert "Việc của đối tác" in told.stdout
    assert "The partner's turn" in told.stdout
    assert told.stdout.count("an earlier step failed") == 6


@pytest.mark.parametrize("words", [("nowhere",), ("national_portal", "--over", "http://127.0.0.1/")])
def test_only_what_is_configured_is_tried(lienthong: Run, words: tuple[str, ...]) -> None:
    told = lienthong("diagnose", *words, **NOBODY)
    assert (told.returncode, "caller.not_found" in told.stderr) == (2, True)


def test_the_doctor_reaches_partners_when_asked_and_not_else(lienthong: Run) -> None:
    assert "national_portal (direct)" not in lienthong("doctor", **NOBODY).stdout
    told = lienthong("doctor", "--partners", **NOBODY)
    assert told.returncode == 1
    assert "national_portal (direct), Connection (TCP): Refused" in told.stdout
