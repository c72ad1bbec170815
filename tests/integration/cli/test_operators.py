"""Operators on the command line: the first one, who acts, and what takes four eyes."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psycopg
import pyotp
import pytest
from commands import Run, typed
from postgres import reachable_folder

PASSWORD = "bốn con trâu đen"


@pytest.fixture(scope="module")
def lienthong(database_url: str) -> Iterator[Run]:
    with reachable_folder() as state:
        yield typed(database_url, state, LIENTHONG_APPROVALS__REQUIRED="true", LIENTHONG_APPROVALS__MANY="2")


def hire(lienthong: Run, login: str, role: str) -> str:
    """The secret of the second factor."""
    made = lienthong("operators", "add", login, "--role", role, stdin=f"{PASSWORD}\n{PASSWORD}\n")
    assert made.returncode == 0, made.stderr
    assert PASSWORD not in made.stdout + made.stderr
    return parse_qs(urlsplit(made.stdout.splitlines()[0]).query)["secret"][0]


def enter(lienthong: Run, login: str, secret: str, home: Path) -> dict[str, str]:
    code = pyotp.TOTP(secret).at(datetime.now(UTC))
    entered = lienthong("login", login, stdin=f"{PASSWORD}\n{code}\n", XDG_CONFIG_HOME=str(home))
    assert entered.returncode == 0, entered.stderr
    assert (home / "lienthong" / "session").stat().st_mode & 0o777 == 0o600
    return {"XDG_CONFIG_HOME": str(home)}


def leaves(database_url: str) -> list[tuple[str, str]]:
    with psycopg.connect(database_url) as connection:
        found = connection.execute("SELECT leaf FROM lienthong.audit_leaf ORDER BY index").fetchall()
    acts = [json.loads(bytes(leaf[0])) for leaf in found]
    return [(act["operation"], act["actor"]) for act in acts]


def test_whoever_has_logged_in_acts_by_name_until_they_log_out(
    lienthong: Run, database_url: str, tmp_path: Path
) -> None:
    """SEC-04 (part), SEC-12 (part)."""
    an = enter(lienthong, "an", hire(lienthong, "an", "operator"), tmp_path)
    assert lienthong("delivery", "pause", "national_portal", **an).returncode == 0
    assert lienthong("operators", "sessions", **an).stdout.count("an ") >= 1
    token = (tmp_path / "lienthong" / "session").read_text().strip()
    assert lienthong("logout", **an).returncode == 0
    assert not (tmp_path / "lienthong" / "session").exists()
    assert lienthong("delivery", "resume", "national_portal", **an).returncode == 0
    acts = leaves(database_url)
    assert ("pause_target", "operator:an") in acts
    assert ("log_out", "operator:an") in acts
    assert next(actor for operation, actor in acts if operation == "resume_target").startswith("admin:")
    stale = lienthong("delivery", "pause", "national_portal", LIENTHONG_SESSION=token)
    assert (stale.returncode, "lienthong login" in stale.stderr) == (2, True)


def test_whoever_has_logged_in_does_what_their_roles_allow_and_no_more(lienthong: Run, tmp_path: Path) -> None:
    """SEC-17 (part)."""
    xem = enter(lienthong, "xem", hire(lienthong, "xem", "viewer"), tmp_path)
    for command in (
        ("operators", "roles", "xem", "--role", "administrator"),
        ("operators", "reset-totp", "xem"),
        ("clients", "add", "moi", "--scope", "citizens:read"),
        ("delivery", "pause", "national_portal"),
        ("audit", "copy", str(tmp_path / "log")),
    ):
        refused = lienthong(*command, **xem)
        assert (refused.returncode, "This takes the right" in refused.stderr) == (2, True), command
    own = lienthong("operators", "password", "xem", stdin="bốn con trâu nâu\nbốn con trâu nâu\n", **xem)
    assert own.returncode == 0, own.stderr


def test_a_wrong_password_is_told_in_one_sentence(lienthong: Run, tmp_path: Path) -> None:
    refused = lienthong("login", "nobody", stdin="x\n000000\n", XDG_CONFIG_HOME=str(tmp_path))
    assert (refused.returncode, "Traceback" in refused.stderr) == (2, False)
    assert "caller.not_authenticated" in refused.stderr


def test_accounts_are_listed_changed_closed_and_reviewed(lienthong: Run) -> None:
    hire(lienthong, "chi", "viewer")
    assert lienthong("operators", "roles", "chi", "--role", "auditor").returncode == 0
    apart = lienthong("operators", "roles", "chi", "--role", "auditor", "--role", "operator")
    assert (apart.returncode, "caller.roles_apart" in apart.stderr) == (2, True)
    assert "otpauth://" in lienthong("operators", "reset-totp", "chi").stdout
    assert lienthong("operators", "disable", "chi").returncode == 0
    assert re.search(r"chi .*auditor", lienthong("operators", "list").stdout)
    assert re.search(r"chi .*disabled", lienthong("operators", "review").stdout)
    assert lienthong("operators", "enable", "chi").returncode == 0
    unlike = lienthong("operators", "password", "chi", stdin="bốn con trâu nâu\nbốn con trâu đỏ\n")
    assert "caller.password" in unlike.stderr


def held(database_url: str, *keys: str) -> None:
    with psycopg.connect(database_url) as connection:
        for key in keys:
            connection.execute(
                "INSERT INTO lienthong.stream (tenant, target, key, tail, held, trouble_code, created_at) "
                "VALUES ('H99', 'payment', %s, 1, true, 'partner.refused', now())",
                (key,),
            )


def test_many_are_released_after_a_second_person_allowed_exactly_these(
    lienthong: Run, database_url: str, tmp_path: Path
) -> None:
    """PDP-13, SEC-09 (part)."""
    held(database_url, "P1", "P2", "P3")
    release = ("delivery", "release-all", "payment", "--code", "partner.refused", "--yes")
    alone = lienthong(*release)
    assert (alone.returncode, "caller.needs_approval" in alone.stderr) == (2, True)
    duc = enter(lienthong, "duc", hire(lienthong, "duc", "operator"), tmp_path / "duc")
    em = enter(lienthong, "em", hire(lienthong, "em", "operator"), tmp_path / "em")
    told = lienthong(*release, **duc)
    assert told.returncode == 2
    words = re.search(r"approvals (ask .*?) --reason", told.stderr)
    assert words
    asked = lienthong("approvals", *words[1].split(), "--reason", "Bên nhận đã sửa", **duc)
    assert asked.returncode == 0, asked.stderr
    number = asked.stdout.partition(":")[0]
    own = lienthong("approvals", "allow", number, **duc)
    assert (own.returncode, "caller.own_request" in own.stderr) == (2, True)
    assert number in lienthong("approvals", "list", **em).stdout
    assert lienthong("approvals", "allow", number, **em).returncode == 0
    held(database_url, "P4")
    other = lienthong(*release, **duc)
    assert (other.returncode, "caller.needs_approval" in other.stderr) == (2, True)
    with psycopg.connect(database_url) as connection:
        connection.execute("DELETE FROM lienthong.stream WHERE key = 'P4'")
    assert "Released 3 of 3" in lienthong(*release, **duc).stdout
    acts = leaves(database_url)
    assert acts.count(("release_stream", "operator:duc")) == 3
    assert ("decide_approval", "operator:em") in acts


def test_a_few_are_released_by_one(lienthong: Run, database_url: str) -> None:
    held(database_url, "Q1", "Q2")
    done = lienthong("delivery", "release-all", "payment", "--code", "partner.refused", "--yes")
    assert "Released 2 of 2" in done.stdout, done.stderr


def test_the_doctor_warns_where_one_person_may_do_everything(lienthong: Run) -> None:
    told = lienthong("doctor", LIENTHONG_SANDBOX="false", LIENTHONG_APPROVALS__REQUIRED="false")
    assert "approvals.required" in told.stdout
    assert "approvals.required" not in lienthong("doctor", LIENTHONG_SANDBOX="false").stdout


def test_whoever_has_logged_in_does_nothing_that_their_roles_do_not_allow(
    lienthong: Run, database_url: str, tmp_path: Path
) -> None:
    """SEC-17 (part): an operator makes no administrator, no key for a client and no legal hold."""
    it = enter(lienthong, "ngoc", hire(lienthong, "ngoc", "operator"), tmp_path)
    for words in (
        ["operators", "add", "ma", "--role", "administrator"],
        ["operators", "sessions", "--end", "ngoc"],
        ["clients", "add", "ma", "--scope", "citizens:read"],
        ["retention", "hold", "--index-range", "0-1", "--reason", "thử"],
        ["audit", "copy", str(tmp_path / "copy.jsonl")],
    ):
        refused = lienthong(*words, stdin=f"{PASSWORD}\n{PASSWORD}\n", **it)
        assert refused.returncode == 2, words
        assert "caller.right" in refused.stderr
    assert not {"ma"} & set(lienthong("operators", "list", **it).stdout.split())
