"""Finds secrets in a text by their shape (SEC-18). Pure.

Our own: client keys, operators' sessions, callback secrets, enrolment addresses, bearer tokens; and private keys of any
kind. `leak_watch.py` holds this against what a test run lets out, the house test against every tracked file."""

from __future__ import annotations

import re

SHAPES = {
    "a client's key": re.compile(r"(?<![A-Za-z0-9_])lt_[A-Z0-9.]{1,35}_[a-z0-9][a-z0-9-]{0,39}_[0-9a-f]{48}"),
    "an operator's session": re.compile(r"(?<![A-Za-z0-9_])lts_[A-Za-z0-9_-]{24,}"),
    "a callback's secret": re.compile(r"(?<![A-Za-z0-9_])whsec_[A-Za-z0-9+/_-]{24,}"),
    "a second factor": re.compile(r"otpauth://\S*secret=[A-Z2-7]{8,}", re.I),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----(?:\s|\\n)+[A-Za-z0-9+/]{16,}"),
    "a private JWK": re.compile(r'"d"\s*:\s*"[A-Za-z0-9_-]{32,}"'),
    "a token": re.compile(r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{16,}"),
    "a password in an address": re.compile(r"[a-z]+://[^\s:/@'\"]+:[^\s:/@'\"*…{}]+@[a-z0-9.-]+"),
}


def secret_found(text: str) -> str:
    """What of a secret stands in the text; empty: nothing."""
    return next((kind for kind, shape in SHAPES.items() if shape.search(text)), "")
