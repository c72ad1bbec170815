"""Who calls: HTTP Basic with a hash for a password, and the headers around it (contract, 3.2 and 2, T2)."""

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
HEADERS = {"x_road_client": "x-road-client", "api_key": "apikey"}
"""Names of headers that are not those of their switches."""


def password(*, sv_url: str, username: str, timestamp: str, secret: str) -> str:
    """`lowercase_hex(SHA256(sv_url + username + timestamp + secret))`, UTF-8, no separators."""
    return hashlib.sha256(f"{sv_url}{username}{timestamp}{secret}".encode()).hexdigest()


def check(headers: Mapping[str, str], operation: str, *, settings: Settings, now: datetime) -> None:
    """Raises `Refusal` with 401 unless the hash is over this very `Timestamp`, user and service path, and the headers
    that the switches want are there."""
    if settings.text("credentials") == "hash":
        _check_hash(headers, operation, settings=settings, now=now)
    elif "authorization" in headers or "timestamp" in headers:
        raise Refusal(401, "MOCK-401-TWICE", "the platform proves itself; the caller sends no Basic authorization")
    for header in ("x_road_client", "api_key", "esb_source_type", "esb_source_username"):
        required, name = settings.text(header), HEADERS.get(header, header)
        if required and headers.get(name) != required:
            raise Refusal(401, f"MOCK-401-{name.upper()}", f"header {name} is missing or not the one agreed")


def check_officer(headers: Mapping[str, str], officer: str, *, settings: Settings) -> None:
    """`AuthHash: b64(keyName:keyPass)`, each officer's own (2, T2)."""
    keys = settings.table("auth_hash")
    expected = base64.b64encode(keys.get(officer, "").encode()).decode()
    if keys and (not keys.get(officer) or not hmac.compare_digest(headers.get("authhash", ""), expected)):
        raise Refusal(401, "MOCK-401-AUTHHASH", "header AuthHash is missing or not this officer's")


def _check_hash(headers: Mapping[str, str], operation: str, *, settings: Settings, now: datetime) -> None:
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
