"""Questions and answers (hỏi đáp), and ratings (đánh giá) as figures of a month."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from gateway.delivery.model import StreamView
from gateway.domain import Context


class Source(StrEnum):
    """Which list of questions."""

    PORTAL = "portal"
    """Asked by citizens at the portal; with who they are, so that they can be answered."""
    AGENCY = "agency"
    """Published by the agency itself."""


class Kind(StrEnum):
    """What a message is about: the first word of its stream's key."""

    QUESTION = "question"
    ANSWER = "answer"
    RATINGS = "ratings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Levels:
    """How many people chose each level."""

    very_satisfied: int
    satisfied: int
    dissatisfied: int

    @property
    def people(self) -> int:
        return self.very_satisfied + self.satisfied + self.dissatisfied

    def shares(self) -> dict[str, str]:
        """Whole percents that add up to 100%: what is left by rounding down goes to the largest remainders."""
        counts = {name: getattr(self, name) for name in self.__slots__}
        whole = {name: count * 100 // self.people for name, count in counts.items()}
        left = 100 - sum(whole.values())
        for name in sorted(counts, key=lambda name: -(counts[name] * 100 % self.people))[:left]:
            whole[name] += 1
        return {name: f"{share}%" for name, share in whole.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """Stored durably under `key`; delivery will follow. `again`: the very same was taken in before and is not sent a
    second time."""

    key: str
    again: bool = False


class FeedbackService(Protocol):
    """Reading raises `RemoteError` when the portal cannot be asked. Each write raises before anything is stored, or
    returns after the commit."""

    async def questions(
        self, source: Source, *, agencies: Collection[str], context: Context
    ) -> Sequence[Mapping[str, Any]]: ...
    async def answer_to(self, question_id: int, *, context: Context) -> Mapping[str, Any]: ...
    async def publish(self, question: Mapping[str, Any], *, context: Context) -> Told: ...
    async def answer(self, answer: Mapping[str, Any], *, context: Context) -> Told: ...
    async def publish_ratings(self, ratings: Mapping[str, Any], *, context: Context) -> Told: ...
    async def deliveries(self, key: str, *, context: Context) -> Sequence[StreamView]: ...
