"""What a look-up answers. Canonical documents are plain mappings; their shape is the API schema of the same name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from gateway.domain import Context, Verdict


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that the *gateway* compared, and how it differs. Never says which field the ministry compared."""

    field: str
    how: str
    """`different`, or `similar`: only marks, spacing or case differ."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The verdict on a citizen or an enterprise, with what it rests on."""

    verdict: Verdict
    system: str
    reference: str
    """The call id under which the national system was asked; quote it in an enquiry."""
    audit_index: int | None
    checked_at: datetime
    explanation: str
    explanation_vi: str
    compared: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For an enterprise: its legal status as the registry words it, never as yes or no (BIZ-04)."""
    trouble: str = ""
    """With `undetermined`: the code of the error that kept us from an answer; empty when there was an answer that
    allows no conclusion."""
    retry_after_s: float | None = None
    """How long the system asked us to wait, where it said so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """The answer to a look-up: `verdict` is match (found), not_found, not_permitted or undetermined."""

    verdict: Verdict
    system: str
    reference: str
    audit_index: int | None
    checked_at: datetime
    explanation: str
    explanation_vi: str
    record: Mapping[str, Any] = field(default_factory=dict, repr=False)


class LookupService(Protocol):
    """`context.purpose` is mandatory; without it every method raises `NotAllowedError`."""

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification: ...
    async def lookup_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Found: ...
    async def lookup_account(self, asked: Mapping[str, Any], *, context: Context) -> Found: ...
    async def lookup_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Found: ...
    async def verify_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Verification: ...
