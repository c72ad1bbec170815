"""The answer to a token call."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from gateway.platforms.model import TokenSettings
from gateway.platforms.tokens import Tokens
from gateway.sdk import GatewayError, ProtocolViolation, WireReply

NOW = datetime(2026, 11, 25, tzinfo=UTC)


def tokens(dialect: str = "T1") -> Tokens:
    credentials = {"T1": {"consumer_key": "k", "consumer_secret": "s"}, "T3": {"key": "k"}}[dialect]
    settings = {"dialect": dialect, "url": "http://p/token", "credentials": credentials, "life_s": 50}
    return Tokens(TokenSettings(**settings), platform="p")  # type: ignore[arg-type]  # pydantic reads it


def granted(document: Any, dialect: str = "T1") -> Any:
    return tokens(dialect).grant(WireReply(status=200, content=json.dumps(document).encode()), now=NOW)


def test_a_token_lives_as_long_as_it_is_told() -> None:
    found = granted({"access_token": "T", "expires_in": 3600})
    assert (found.token, found.expires_in_s) == ("T", 3600.0)
    assert "T" not in repr(found)


@pytest.mark.parametrize("said", [{}, {"expires_in": "soon"}, {"expires_in": True}, {"expires_in": None}])
def test_a_token_of_unknown_life_lives_as_long_as_is_set(said: Any) -> None:
    assert granted({"access_token": "T", **said}).expires_in_s == 50.0


def test_t3_names_the_moment_and_is_renewed_five_minutes_before() -> None:
    """Contract section 2, T3."""
    until = (NOW + timedelta(minutes=20)).isoformat()
    assert granted({"token": "T", "refreshToken": "R", "expiryDate": until}, "T3").expires_in_s == 900.0
    past = (NOW - timedelta(minutes=20)).isoformat()
    assert granted({"token": "T", "expiryDate": past}, "T3").expires_in_s == 0.0


def test_a_moment_without_a_zone_is_not_guessed() -> None:
    assert granted({"token": "T", "expiryDate": "2026-11-25T01:00:00"}, "T3").expires_in_s == 0.0
    assert granted({"token": "T", "expiryDate": "mai"}, "T3").expires_in_s == 0.0


@pytest.mark.parametrize(
    "said", [{}, {"access_token": ""}, {"access_token": 1}, {"access_token": "a\r\nb: c"}, {"token": "T"}, []]
)
def test_what_is_no_token_is_refused(said: Any) -> None:
    with pytest.raises(ProtocolViolation):
        granted(said)


@pytest.mark.parametrize("status", [201, 204, 301, 400, 401, 403, 500, 503])
def test_another_status_grants_nothing(status: int) -> None:
    with pytest.raises(GatewayError):
        tokens().grant(WireReply(status=status, content=b'{"access_token":"T"}'), now=NOW)
