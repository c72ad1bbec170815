"""An issued dossier code."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

from gateway.domain import Context

OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class CodeRequest:
    """For which body, procedure and day of reception. `key`: the same request always gets the same code."""

    agency: str
    procedure: str
    received_on: date | None
    key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedCode:
    """Mã hồ sơ. `source`: `own`, or the id of the system that issued it."""

    code: str
    agency: str
    source: str


class NumberingService(Protocol):
    async def issue(self, request: CodeRequest, *, context: Context) -> IssuedCode:
        """The next code. `RemoteError`: the system above gave none, and no other is made up instead."""
