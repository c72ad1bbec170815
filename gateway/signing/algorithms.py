"""The algorithms that are used and accepted (TT 39/2017; SIG-12). What is not here does not exist: no SHA-1, no MD5, no
RSA below 2048 bits, no `none`, and no HMAC whose secret is anybody's public key."""

from __future__ import annotations

from enum import StrEnum

SMALLEST_RSA = 2048
"""Bits."""
SMALLEST_SECRET = 32
"""Bytes of an HMAC secret."""


class Algorithm(StrEnum):
    """By their JOSE names (RFC 7518, RFC 8037); each scheme translates them into its own."""

    RS256 = "RS256"
    RS384 = "RS384"
    RS512 = "RS512"
    PS256 = "PS256"
    ES256 = "ES256"
    ES384 = "ES384"
    EDDSA = "EdDSA"
    HS256 = "HS256"
    """Shared secrets only."""
