"""Recognise operators."""

from __future__ import annotations

from gateway.operators.model import Operator
from gateway.sdk.errors import NotAuthenticatedError


class NoOperators:
    """Nobody runs this gateway over HTTP. Implements `OperatorService`."""

    async def authenticate(self, authorization: str | None) -> Operator:  # noqa: ARG002 - nobody is known
        raise NotAuthenticatedError("No session, or it is over. Log in again.", vi="Chưa đăng nhập hoặc phiên đã hết.")
