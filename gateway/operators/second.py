"""The second factor: codes by time (TOTP, RFC 6238), and recovery codes for the day when the telephone is lost."""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime

import pyotp

STEP_S = 30
AROUND = (0, -1, 1)
"""Steps before and after that are accepted (RFC 6238 5.2)."""
ISSUER = "Lien Thong"
RECOVERY_CODES = 10
SECRET_CHARACTERS = 32
"""160 bits (RFC 4226 4, R6)."""


def new_secret() -> str:
    return pyotp.random_base32(SECRET_CHARACTERS)


def uri_of(secret: str, *, login: str, tenant: str) -> str:
    """What the authenticator app reads."""
    return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=login, issuer_name=f"{ISSUER} {tenant}")


def step_of(secret: str, code: str, *, at: datetime) -> int | None:
    """The time step whose code it is; None: of none around now. That each is used once is the store's to see to."""
    now = int(at.timestamp()) // STEP_S
    totp = pyotp.TOTP(secret, interval=STEP_S)
    given = "".join(code.split())
    found = None
    for away in AROUND:
        right = hmac.compare_digest(totp.generate_otp(now + away).encode(), given.encode())
        found = now + away if right and found is None else found
    return found


def new_recovery_codes() -> tuple[str, ...]:
    """80 bits each, in four groups."""
    texts = [secrets.token_hex(10) for _ in range(RECOVERY_CODES)]
    return tuple("-".join(text[start : start + 5] for start in range(0, 20, 5)) for text in texts)


def plain_recovery(code: str) -> str:
    """As it is digested: without what people put in between."""
    return "".join(code.split()).replace("-", "").lower()
