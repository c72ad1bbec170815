"""What becomes of an event, as pure functions.

waiting ──2xx──► delivered          waiting ──anything else──► waiting (later) ──too long──► given_up
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from gateway.callbacks.model import Event, EventState

DAY_S = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPolicy:
    """When and how many. The ladder is the wait before the second, third … try; its last step repeats. Seconds."""

    ladder_s: tuple[float, ...] = (5.0, 30.0, 300.0, 1800.0, 3600.0)
    give_up_after_s: float = 3 * DAY_S
    at_once: int = 4
    lease_s: float = 120.0
    poll_s: float = 1.0


def arrived(event: Event) -> Event:
    """The receiver said 2xx."""
    return replace(event, state=EventState.DELIVERED, tries=event.tries + 1, trouble="", due=None)


def not_arrived(event: Event, *, now: datetime, policy: CallPolicy, trouble: str, wait_s: float | None = None) -> Event:
    """Later again, until it has been too long."""
    step = policy.ladder_s[min(event.tries, len(policy.ladder_s) - 1)]
    due = now + timedelta(seconds=max(step, wait_s or 0.0))
    tried = replace(event, tries=event.tries + 1, trouble=trouble, due=due)
    last = event.created_at + timedelta(seconds=policy.give_up_after_s)
    return tried if due <= last else given_up(tried, trouble=trouble)


def given_up(event: Event, *, trouble: str) -> Event:
    return replace(event, state=EventState.GIVEN_UP, trouble=trouble, due=None)
