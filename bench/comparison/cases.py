"""The cases: what is asked, of whom, over how many connections, and on which cores the subject may run."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from comparison import questions
from comparison.questions import Asking
from comparison.subjects import FLOOR, GATEWAY

PYTHON = ("naive_async", "naive_threads", "by_hand")
NODE = ("fastify_soap", "fastify_by_hand")
LINES, MANY_LINES = 32, 256
SLOW_MS = 50.0
LOOK_UP: Mapping[str, int] = {"audit_leaf": 2}
STRANGE_CITIZEN: Mapping[str, int] = {"audit_leaf": 1}
"""For whom the register does not know the gateway asks once more."""
PAYMENT: Mapping[str, int] = {"audit_leaf": 2, "payment": 1}
LONGER = 2
"""So many times as long is a round of a case that is mostly waiting."""


@dataclass(frozen=True)
class Kind:
    """How subjects stand; cases of one kind are run on the same ones."""

    is_signed: bool = False
    processes: int = 1
    """Of each subject that can share a port among several."""
    register: tuple[tuple[str, int], ...] = ()
    """The register's own settings where they are not the product's."""
    settings: tuple[tuple[str, str], ...] = ()
    server: tuple[str, ...] = ()
    """More of the gateway's settings, and of PostgreSQL's."""

    @property
    def words(self) -> str:
        """Settings that are not the product's; empty: all are."""
        own = [f"{name.removeprefix('LIENTHONG_').lower().replace('__', '.')} {value}" for name, value in self.settings]
        own += [f"api.processes {self.processes}"] if self.processes > 1 else []
        own += [f"{name} {value} of the register" for name, value in self.register]
        own += [f"PostgreSQL's {word}" for word in self.server]
        return f"settings other than the product's: {', '.join(own)}" if own else ""


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
    kind: Kind = Kind()
    is_pinned: bool = True
    """The subject alone on its core; else it may use all of them."""
    leaves: Mapping[str, int] = field(default_factory=lambda: LOOK_UP)
    """Rows of ours that each answer leaves, by table."""
    of_a_stranger: Mapping[str, int] = field(default_factory=dict)
    """And that an answer of somebody who is not on record leaves more."""

    @property
    def waits(self) -> bool:
        return self.delay_ms > 0


EACH_CORE = len(os.sched_getaffinity(0))
EVERYBODY = (GATEWAY, FLOOR, "bare", *PYTHON, *NODE)
CASES: Mapping[str, Case] = {
    case.name: case
    for case in (
        Case(
            "citizen", "Citizen look-up", "REST → SOAP → REST",
            ask=questions.citizen, raw=questions.raw_citizen, subjects=EVERYBODY, of_a_stranger=STRANGE_CITIZEN,
        ),
        Case(
            "signed", "Citizen look-up, signed and verified", "REST → SOAP with WS-Security, RSA-2048 → REST",
            ask=questions.citizen, subjects=(GATEWAY, "bare", *PYTHON), kind=Kind(is_signed=True),
            of_a_stranger=STRANGE_CITIZEN,
        ),
        Case(
            "enterprise", "Enterprise look-up", "REST → REST with a token",
            ask=questions.enterprise, raw=questions.raw_enterprise, subjects=EVERYBODY,
        ),
        Case(
            "payment", "Payment INIT", "REST → REST with a checksum; ours keeps the payment durably",
            ask=questions.payment, raw=questions.raw_payment, subjects=EVERYBODY, leaves=PAYMENT,
        ),
        Case(
            "slow", f"Citizen look-up, upstream of {SLOW_MS:g} ms",
            "256 callers; Liên Thông and the FastAPI peers have a process for each core, the others one process; "
            "all may use all cores",
            ask=questions.citizen, raw=questions.raw_citizen, subjects=EVERYBODY, of_a_stranger=STRANGE_CITIZEN,
            lines=MANY_LINES, delay_ms=SLOW_MS, is_pinned=False,
            kind=Kind(processes=EACH_CORE, register=(("max_connections", MANY_LINES),)),
        ),
    )
}  # fmt: skip
