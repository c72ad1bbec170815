"""How workers work."""

from __future__ import annotations

from dataclasses import dataclass, field

from gateway.delivery.backoff import Backoff


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """`streams`: how many it serves at a time of each target, so that a slow one takes nothing from the others.
    `gather_s`: how long it lets what becomes due come together, once it has taken all that was due; and where there was
    more, how long at most it waits until half of the places are free. `settle_after_s`: how long a target is left in
    peace before it is asked about a message whose answer is missing; it may still be working on it. `doubts`: how often
    a question whose answer could not be read is asked again before a person looks; a question changes nothing there."""

    streams: int = 20
    lease_s: float = 60.0
    poll_s: float = 1.0
    gather_s: float = 0.01
    settle_after_s: float = 15.0
    doubts: int = 5
    backoff: Backoff = field(default_factory=Backoff)
