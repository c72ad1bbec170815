"""A look-up as restraint sees it, what is known of those before it, and what may follow from that."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """The most look-ups in a minute, an hour and a day of the clock in Vietnam."""

    minute: int
    hour: int
    day: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Patterns:
    """What is still ordinary work; more is a search for people (47/2020 Art 8.2-8.3, POP-07).

    The same officer, dossier and person again is no further step of a search, and counts at its first time only.
    `people_per_dossier`: distinct people that a client asked about for one dossier, as long as marks are kept.
    `people_per_hour`: distinct people that one officer asked about in an hour.
    `neighbours`: distinct numbers, alike but for their last digits, that one officer asked about in a day;
    `client_neighbours`: the same of all officers of one client.
    `dossiers_per_person`: dossiers under which one officer asked about one person in a day.
    `questions_per_person`: different questions (another name, another birth date) that one officer put about one person
    in a day; `client_questions_per_person`: the same of all officers of one client. Whoever has a number could find out
    the rest by trying.
    `miss_share`: of what an officer (in an hour, from `misses_from` people on) or a client (from `client_misses_from`
    on) asked, how much may be unknown to the register or not fit, 0 to 1.
    """

    people_per_dossier: int
    people_per_hour: int
    neighbours: int
    client_neighbours: int
    dossiers_per_person: int
    questions_per_person: int
    client_questions_per_person: int
    miss_share: float
    misses_from: int
    client_misses_from: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`neighbour_digits`: how many last digits do not count when numbers are called neighbours."""

    officer: Rates
    client: Rates
    patterns: Patterns
    neighbour_digits: int
    blocked_for: timedelta
    kept_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look-up that wants to leave. `subject`: keyed digest of the number asked about, `near`: of the number without
    its last digits; None: it is about nobody in particular, or about no person. The number itself is nowhere here."""

    tenant: str
    officer: str
    """`<client>/<agency id>/<login>`: the login alone may exist twice, and it is the client's word. A client that names
    the officers and dossiers of another one must not have them blocked."""
    client: str
    dossier: str
    """`<client>/<dossier code>`."""
    subject: bytes | None = None
    near: bytes | None = None
    question: bytes | None = None
    """Keyed digest of all that was said about a person: the same again is no further guess. None: it is about an
    enterprise, whose details are free to everybody and are written in as many ways as there are people."""

    @property
    def parties(self) -> tuple[str, str, str]:
        """Who and what can be blocked."""
        return f"officer:{self.officer}", f"client:{self.client}", f"dossier:{self.dossier}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """A stretch of the clock in which look-ups of `party` are counted."""

    party: str
    span: str
    began_at: datetime
    ends_at: datetime
    most: int


class Seen(NamedTuple):
    """What is known at the moment of a look-up, this one included. `rates`: in the order of the windows asked for.
    Of a party that was blocked before, only what came after counts. `blocked`: the party that is blocked now, in which
    case nothing was counted."""

    blocked: str = ""
    rates: Sequence[int] = ()
    people_per_dossier: int = 0
    people_per_hour: int = 0
    misses_per_hour: int = 0
    neighbours: int = 0
    client_neighbours: int = 0
    dossiers_per_person: int = 0
    questions_per_person: int = 0
    client_questions_per_person: int = 0
    client_people: int = 0
    client_misses: int = 0
    missed_before: bool = False
    """Whether the last answer to this very question was that the register does not know it or that it does not fit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """Why a look-up is refused. `retry_after_s` says that it is a rate, which passes by itself; `holds`: who and what
    is blocked from now on."""

    kind: str
    about: str
    count: int
    most: int
    holds: tuple[str, ...] = ()
    retry_after_s: float | None = None
