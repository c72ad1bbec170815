"""The cases: what is asked, of whom, over how many connections, and on which cores the subject may run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from comparison import questions
from comparison.questions import Asking
from comparison.subjects import FLOOR, GATEWAY

PYTHON = ("naive_async", "naive_threads", "by_hand")
NODE = ("fastify_soap", "fastify_by_hand")
LINES, MANY_LINES = 32, 256
SLOW_MS = 50.0
LONGER = 2
"""So many times as long is a round of a case that is mostly waiting."""


@dataclass(frozen=True)
class Case:
    """One question put to all who can answer it."""

    name: str
    title: str
    work: str
    ask: Callable[[str], Asking]
    """From the caller's key."""
    subjects: tuple[str, ...]
    raw: Callable[[int], Asking] | None = None
    """For the floor, from the upstream's port."""
    lines: int = LINES
    delay_ms: float = 0.0
    is_signed: bool = False
    is_pinned: bool = True
    """The subject alone on its core; else it may use all of them."""

    @property
    def waits(self) -> bool:
        return self.delay_ms > 0


EVERYBODY = (GATEWAY, FLOOR, "bare", *PYTHON, *NODE)
CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        Case(
            "citizen", "Citizen look-up", "REST → SOAP → REST",
            ask=questions.citizen, raw=questions.raw_citizen, subjects=EVERYBODY,
        ),
        Case(
            "signed", "Citizen look-up, signed and verified", "REST → SOAP with WS-Security, RSA-2048 → REST",
            ask=questions.citizen, subjects=(GATEWAY, "bare", *PYTHON), is_signed=True,
        ),
        Case(
            "enterprise", "Enterprise look-up", "REST → REST with a token",
            ask=questions.enterprise, raw=questions.raw_enterprise, subjects=EVERYBODY,
        ),
        Case(
            "payment", "Payment INIT", "REST → REST with a checksum; ours keeps the payment durably",
            ask=questions.payment, raw=questions.raw_payment, subjects=EVERYBODY,
        ),
        Case(
            "slow", f"Citizen look-up, upstream of {SLOW_MS:g} ms", "256 callers, all cores for everybody",
            ask=questions.citizen, raw=questions.raw_citizen, subjects=EVERYBODY,
            lines=MANY_LINES, delay_ms=SLOW_MS, is_pinned=False,
        ),
    )
}  # fmt: skip
