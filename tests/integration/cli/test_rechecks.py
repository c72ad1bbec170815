"""`lienthong rechecks` and the addresses of clients, over a real database."""

from __future__ import annotations

import json
from collections.abc import Iterator

import psycopg
import pytest
from commands import Run, typed
from postgres import reachable_folder


@pytest.fixture(scope="module")
def lienthong(database_url: str) -> Iterator[Run]:
    with reachable_folder() as state:
        yield typed(database_url, state)


def acts(database_url: str) -> list[tuple[str, str]]:
    with psycopg.connect(database_url) as connection:
        leaves = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    found = [json.loads(bytes(leaf[0])) for leaf in leaves]
    assert "whsec_" not in json.dumps(found)
    return [(act["operation"], act["reference"]) for act in found]


def test_an_address_is_registered_with_a_secret_shown_once(lienthong: Run, database_url: str) -> None:
    """SEC-12 (part)."""
    added = lienthong("clients", "add", "a", "--scope", "citizens:verify", "--callback", "https://a.example/cb?t=1")
    assert added.returncode == 0, added.stderr
    key, secret = added.stdout.split()
    assert (key[:5], secret[:6]) == ("lt_H9", "whsec_")
    again = lienthong("clients", "callback", "a", "https://b.example/cb")
    assert again.returncode == 0, again.stderr
    assert again.stdout.strip().startswith("whsec_")
    assert again.stdout.strip() != secret
    listed = lienthong("clients", "list").stdout
    assert "https://b.example/cb" in listed
    assert "whsec_" not in listed
    assert lienthong("clients", "callback", "a", "--off").returncode == 0
    assert "b.example" not in lienthong("clients", "list").stdout
    done = [("add_client", "a"), ("set_callback", "a"), ("set_callback", "a"), ("remove_callback", "a")]
    assert acts(database_url) == done


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["a", "http://a.example/cb"], "caller.callback_address"),
        (["a", "https://169.254.169.254/latest"], "caller.callback_address"),
        (["a"], "caller.callback_address"),
        (["nobody", "https://a.example/cb"], "caller.not_found"),
    ],
)
def test_an_address_that_is_none_is_refused_in_words(lienthong: Run, arguments: list[str], code: str) -> None:
    refused = lienthong("clients", "callback", *arguments)
    assert (refused.returncode, code in refused.stderr) == (2, True), refused.stderr
    assert "Traceback" not in refused.stderr


def test_a_client_with_a_wrong_address_is_not_added(lienthong: Run) -> None:
    assert lienthong("clients", "add", "b", "--scope", "citizens:verify", "--callback", "ftp://x").returncode == 2
    assert " b " not in lienthong("clients", "list").stdout


def test_rechecks_are_listed_shown_and_hurried(lienthong: Run, database_url: str) -> None:
    assert "Không có yêu cầu nào" in lienthong("rechecks", "list").stdout
    with psycopg.connect(database_url) as connection:
        connection.execute(
            "INSERT INTO lienthong.recheck (tenant, recheck_id, client_id, operation, dossier_code, reference, "
            "trace_id, created_at, due, state, callback, request) VALUES ('H99', 'R0001', 'a', 'verify_citizen', "
            "'000.00.05.H99-261123-0007', '', '', now(), now() + interval '1 hour', 'waiting', 'none', '\\x00')"
        )
    listed = lienthong("rechecks", "list", "--state", "waiting").stdout
    assert ("R0001" in listed, "000.00.05.H99-261123-0007" in listed) == (True, True)
    assert "R0001" not in lienthong("rechecks", "list", "--state", "given_up").stdout
    assert "Đang chờ xác thực lại" in lienthong("rechecks", "show", "R0001").stdout
    hurried = lienthong("rechecks", "hurry", "R0001")
    assert hurried.returncode == 0, hurried.stderr
    with psycopg.connect(database_url) as connection:
        assert connection.execute("SELECT due <= now() FROM lienthong.recheck").fetchone() == (True,)
    assert acts(database_url)[-1] == ("hurry_recheck", "R0001")
    for command in ("show", "hurry"):
        assert lienthong("rechecks", command, "R0002").returncode == 2


@pytest.mark.parametrize("command", [["rechecks"], ["rechecks", "list"], ["clients", "callback"]])
def test_every_command_explains_itself_in_both_languages(lienthong: Run, command: list[str]) -> None:
    said = lienthong(*command, "--help").stdout
    assert "Usage" in said
    assert any(letter in said for letter in "ăâđêôơưạảấầẩẫậắằếềểễệ")
