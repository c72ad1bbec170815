"""What a look-up answers. Canonical documents are plain mappings; their shape is the API schema of the same name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal, Protocol

from gateway.domain import Context, KinPlace, Reason, Verdict
from gateway.sdk.errors import Origin


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A field that the *gateway* compared, and how it differs. Never says which field the ministry compared."""

    field: str
    how: str
    """`different`, or `similar`: nothing differs but what `why` names."""
    why: tuple[Reason, ...] = ()


class Gap(StrEnum):
    """Why a field that was given was not compared, or not wholly."""

    NOT_ASKED = "not_asked"
    NOT_IN_RECORD = "not_in_record"
    OTHER_DOCUMENT = "other_document"
    ONLY_YEAR = "only_year"
    NO_STREET = "no_street"
    UNKNOWN_PLACE = "unknown_place"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unchecked:
    """A field that was given and that the verdict does not cover, or not wholly."""

    field: str
    gap: Gap


class Caution(StrEnum):
    """What an officer should look at although nothing was refused for it."""

    CHECK_DIGIT = "check_digit"


Comparer = Literal["register", "gateway"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """The verdict on a citizen, an enterprise or its representative, with what it rests on."""

    verdict: Verdict
    system: str
    """The system that was asked; empty when none is configured."""
    reference: str
    """The call id under which the national system was asked, or, when there was no call, the trace id: quote it in an
    enquiry. Never empty."""
    audit_index: int | None
    checked_at: datetime
    explanation: str
    explanation_vi: str
    compared: tuple[str, ...] = ()
    compared_by: Comparer | None = None
    """Who compared: a register says yes or no to what it was asked; otherwise the gateway compared with a record."""
    differences: tuple[Difference, ...] = ()
    unchecked: tuple[Unchecked, ...] = ()
    cautions: tuple[Caution, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """For an enterprise: its legal status as the registry words it, never as yes or no (BIZ-04), its name and what kind
    of subject it is (BIZ-06)."""
    fault: Origin | None = None
    """Whose fault it is that the verdict is `undetermined`."""
    recheck: str = ""
    """The operation by which it can be asked again later (POP-10); empty unless `undetermined`."""
    trouble: str = ""
    """With `undetermined`: the code of the error that kept us from an answer; empty when there was an answer that
    allows no conclusion."""
    retry_after_s: float | None = None
    """With `undetermined`: in how many seconds it is worth asking again, where that is known (the system said so; it is
    left in peace until then; too many ask it just now)."""


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
    cautions: tuple[Caution, ...] = ()
    facts: Mapping[str, Any] = field(default_factory=dict)
    """What is known beside the record: of a citizen `data_as_of`, of an enterprise `subject_type`."""
    fault: Origin | None = None
    retry_after_s: float | None = None
    """As of a `Verification`."""


class SamePlace(Protocol):
    """What the register of places knows of old and new names (ORG-03, ORG-10). Empty answers: nobody knows it."""

    async def kin_of(self, code: str, *, context: Context) -> Sequence[KinPlace]:
        """The place itself, what it became and what it was made of."""

    async def kin_named(self, name: str, *, within: Sequence[str], context: Context) -> Sequence[KinPlace]:
        """The same for a place that is known by its name and by the names of what it lies in."""


class LookupService(Protocol):
    """`context.purpose` is mandatory; without it every method raises `NotAllowedError`. Each asks one question of a
    register, `verify_citizen` a second one when the first is answered with *no*. A register that gives no answer is
    `undetermined`, not an error."""

    async def verify_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """`personal_id`, `full_name`, `birth_date`; optional `gender` and `permanent_address`, with which the record is
        read and compared."""

    async def lookup_citizen(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The record, cut down to `fields`."""

    async def lookup_account(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The accounts at the portal of `number`."""

    async def lookup_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The record of `enterprise_code`, cut down to `fields`; None: those that are free and public (BIZ-03)."""

    async def verify_enterprise(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """`enterprise_code`, and what is given of `name`, `head_office`, `representative_name`."""

    async def verify_representative(self, asked: Mapping[str, Any], *, context: Context) -> Verification:
        """Whether `full_name`, with `personal_id` if given, is a legal representative of `enterprise_code` (BIZ-05)."""

    async def list_registrations(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """Registration dossiers of today (`from_time`, `to_time`) or of a period (`from_date`, `to_date`), a page of
        `limit` from `offset`: `record` is {items}."""

    async def read_registration(self, asked: Mapping[str, Any], *, context: Context) -> Found:
        """The registration dossier `journal_no`."""
