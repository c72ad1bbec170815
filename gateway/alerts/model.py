"""A rule over a figure, how it stands, whom to tell, and what is told. Nothing here is about a citizen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Metric(StrEnum):
    """What is watched, with its unit; of each system by itself, but for the last two."""

    SUCCESS = "success"
    """Per cent of the calls of 15 minutes without a technical fault of theirs."""
    P95 = "p95"
    """Milliseconds within which 95 of 100 answers of 15 minutes came, approximately."""
    OLDEST = "oldest"
    """Age in minutes of the oldest message that is not delivered."""
    HELD = "held"
    """Streams that wait for a person."""
    BACKLOG = "backlog"
    """Messages that are not delivered."""
    CERTIFICATE = "certificate"
    """Days until the next certificate ends."""
    AGREEMENT = "agreement"
    """Days until the agreement ends."""
    ALARMS = "alarms"
    """Alarms that wait for a person, of one kind or of all."""
    LAG = "lag"
    """Leaves of the log that are not counted yet: figures are behind by so much."""


LOW_IS_BAD = frozenset({Metric.SUCCESS, Metric.CERTIFICATE, Metric.AGREEMENT})
OF_NO_SYSTEM = frozenset({Metric.ALARMS, Metric.LAG})


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """Quy tắc báo tin. Raised when the figure has been at `raise_at` or beyond for `for_s` seconds, cleared when it has
    been at `clear_at` or better for as long. Nothing between the two changes anything. Within `quiet_s` of having told
    it, the same is not told again. `subject`: a system, or a kind of alarm; empty: each system by itself, all alarms.
    `receivers`: ids; none: all. `id` 0: not stored yet."""

    id: int = 0
    name: str
    metric: Metric
    subject: str = ""
    raise_at: float
    clear_at: float
    for_s: int = 0
    quiet_s: int = 0
    receivers: tuple[int, ...] = ()
    is_on: bool = True

    def is_bad(self, value: float) -> bool:
        return value <= self.raise_at if self.metric in LOW_IS_BAD else value >= self.raise_at

    def is_good(self, value: float) -> bool:
        return value >= self.clear_at if self.metric in LOW_IS_BAD else value <= self.clear_at


class Channel(StrEnum):
    """How somebody is told."""

    EMAIL = "email"
    WEBHOOK = "webhook"


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiver:
    """Whom to tell. `secret` signs what a webhook is sent; it is shown once."""

    id: int = 0
    name: str
    channel: Channel
    address: str = field(repr=False)
    secret: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a rule stands on one subject. `since`: since when the figure is beyond the threshold that would change it.
    `told_at`: when it was told last that it is raised. `is_told`: whether this time was told."""

    is_raised: bool = False
    since: datetime | None = None
    told_at: datetime | None = None
    is_told: bool = False


class Happened(StrEnum):
    """What is told."""

    RAISED = "raised"
    RECOVERED = "recovered"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What is told, whoever is told. `value`: the figure then."""

    happened: Happened
    at: datetime
    rule: str = ""
    metric: Metric | None = None
    subject: str = ""
    value: float | None = None
    threshold: float | None = None


class TellingState(StrEnum):
    """`waiting` is the only state that another one follows."""

    WAITING = "waiting"
    TOLD = "told"
    DROPPED = "dropped"
    """Its receiver was removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """One piece of news for one receiver. `event_id`: what the receiver knows it by, the same at each try. `trouble`:
    code of what kept the newest try from arriving."""

    id: int = 0
    event_id: str
    receiver_id: int
    news: News
    created_at: datetime
    due: datetime | None
    state: TellingState = TellingState.WAITING
    tries: int = 0
    trouble: str = ""


Figures = Mapping[tuple[Metric, str], float | None]
"""By metric and subject; None: not known, which is neither good nor bad."""
