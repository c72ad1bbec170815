"""Who calls: HTTP Basic with a hash for a password, and the headers around it (contract, 3.2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime

from mocks._kit.settings import Settings
from mocks.population.refusals import Refusal

DIGITS = {"ms": 13, "s": 10}
PER_SECOND = {"ms": 1000, "s": 1}


def password(*, sv_url: str, username: str, timestamp: str, secret: str) -> str:
    """`lowercase_hex(SHA256(sv_url + username + timestamp + secret))`, UTF-8, no separators."""
    return hashlib.sha256(f"{sv_url}{username}{timestamp}{secret}".encode()).hexdigest()


def check(headers: Mapping[str, str], operation: str, *, settings: Settings, now: datetime) -> None:
    """Raises `Refusal` with 401 unless the hash is over this very `Timestamp`, user and service path."""
    username, given = _basic(headers.get("authorization", ""))
    if username != settings.text("username"):
        raise Refusal(401, "MOCK-401-USER", "unknown user name")
    timestamp = _timestamp(headers, settings, now=now)
    expected = password(
        sv_url=settings.table("sv_url").get(operation, ""),
        username=username,
        timestamp=timestamp,
        secret=settings.text("secret"),
    )
    if not hmac.compare_digest(given.encode(), expected.encode()):
        raise Refusal(401, "MOCK-401-HASH", "the password is not the hash of sv_url, user name, Timestamp and secret")
    for header, setting in (("x-road-client", "x_road_client"), ("apikey", "api_key")):
        required = settings.text(setting)
        if required and headers.get(header) != required:
            raise Refusal(401, f"MOCK-401-{header.upper()}", f"header {header} is missing or not the one agreed")


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    if scheme != "Basic" or not encoded:
        raise Refusal(401, "MOCK-401-BASIC", "no Basic authorization")
    try:
        pair = base64.b64decode(encoded, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError) as exc:
        raise Refusal(401, "MOCK-401-BASIC", "the Basic authorization cannot be decoded") from exc
    username, _, secret = pair.partition(":")
    return username, secret


def _timestamp(headers: Mapping[str, str], settings: Settings, *, now: datetime) -> str:
    """The header, of as many digits as its unit has. How far it may lie from our clock is UNKNOWN: a switch, off."""
    timestamp = headers.get("timestamp", "")
    unit = settings.text("timestamp_unit")
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) == DIGITS.get(unit)):
        raise Refusal(401, "MOCK-401-TIMESTAMP", f"header Timestamp is missing or no epoch time in {unit}")
    skew_s = abs(int(timestamp) / PER_SECOND[unit] - now.timestamp())
    if 0 < settings.number("clock_skew_s") < skew_s:
        raise Refusal(401, "MOCK-401-CLOCK", "header Timestamp is too far from the clock of this server")
    return timestamp
