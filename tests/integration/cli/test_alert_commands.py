"""`lienthong alerts` as an administrator uses it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from commands import Run, typed
from postgres import reachable_folder


@pytest.fixture(scope="module")
def state() -> Iterator[Path]:
    with reachable_folder() as folder:
        yield folder


@pytest.fixture(scope="module")
def lienthong(database_url: str, state: Path) -> Run:
    return typed(database_url, state)


def test_rules_and_receivers_are_set_up_on_the_command_line(lienthong: Run) -> None:
    suggested = lienthong("alerts", "suggest")
    assert (suggested.returncode, suggested.stdout.splitlines()[-1]) == (0, "Added · Đã thêm: 8")
    assert lienthong("alerts", "suggest").stdout.splitlines()[-1] == "Added · Đã thêm: 0"
    added = lienthong("alerts", "add", "Giữ nhiều", "held", "--at", "10", "3", "--about", "payment")
    assert added.returncode == 0, added.stderr
    number = added.stdout.split()[1].rstrip(".")
    refused = lienthong("alerts", "add", "Ngược", "held", "--at", "3", "10")
    assert refused.returncode != 0
    assert lienthong("alerts", "switch", number, "--off").returncode == 0
    assert lienthong("alerts", "remove", number).returncode == 0
    assert lienthong("alerts", "remove", number).returncode != 0


def test_a_webhooks_secret_is_shown_once_and_a_test_waits_to_be_sent(lienthong: Run) -> None:
    added = lienthong("alerts", "add-receiver", "Trực ban", "webhook", "https://tin.example.vn/x")
    assert added.returncode == 0, added.stderr
    assert "whsec_" in added.stdout
    number = added.stdout.split()[1].rstrip(".")
    assert lienthong("alerts", "test", number).returncode == 0
    told = lienthong("alerts", "told")
    assert "waiting" in told.stdout
    listed = lienthong("alerts", "list").stdout
    assert "Trực ban" in listed
    assert "whsec_" not in listed
    assert lienthong("alerts", "remove-receiver", number).returncode == 0
    assert lienthong("alerts", "test", number).returncode != 0
