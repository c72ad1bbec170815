"""Recognise operators: by a session of ours, or by a token of the province's identity provider."""

from __future__ import annotations

from typing import Protocol

from gateway.operators.model import Operator
from gateway.operators.sessions import Sessions
from gateway.sdk.errors import NotAuthenticatedError, TrustError


class TokenReader(Protocol):
    """Reads tokens of an identity provider."""

    async def read(self, token: str, *, nonce: str | None = None) -> Operator:
        """`TrustError`: it proves nobody, or no second factor, or answers to another nonce."""


class Operators:
    """Implements `OperatorService`."""

    def __init__(self, sessions: Sessions, *, tenant: str, tokens: TokenReader | None = None) -> None:
        self._sessions = sessions
        self._tenant = tenant
        self._tokens = tokens

    async def authenticate(self, authorization: str | None) -> Operator:
        scheme, _, token = (authorization or "").partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise nobody()
        if token.startswith("lts_"):
            operator = await self._sessions.operator_of(self._tenant, token)
            if operator is not None:
                return operator
        elif self._tokens is not None:
            try:
                return await self._tokens.read(token)
            except TrustError as exc:
                raise nobody() from exc
        raise nobody()

    async def recognise(self, token: str, *, is_used: bool = True) -> Operator | None:
        """Whose session it is. `is_used`: a person did something; what a browser asks for by itself keeps no session
        open."""
        return await self._sessions.operator_of(self._tenant, token, is_used=is_used)


def nobody() -> NotAuthenticatedError:
    return NotAuthenticatedError("No session, or it is over. Log in again.", vi="Chưa đăng nhập hoặc phiên đã hết.")
