"""A partner tried step by step: what was tried, how it came out, and what was seen. No personal data anywhere."""

from __future__ import annotations

import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Protocol


class Step(StrEnum):
    """In the order in which they are tried."""

    DNS = "dns"
    TCP = "tcp"
    TLS = "tls"
    CERTIFICATE = "certificate"
    REVOCATION = "revocation"
    LOGIN = "login"
    CALL = "call"
    CLOCK = "clock"
    """Last, since it is read off whatever the others were answered."""


class Verdict(StrEnum):
    """How a step came out. What cannot be told is never good, and never failed."""

    GOOD = "good"
    ATTENTION = "attention"
    """It works, and somebody should act before it does not."""
    FAILED = "failed"
    UNKNOWN = "unknown"
    NOT_TRIED = "not_tried"
    """An earlier step failed, or time was over."""
    NOT_APPLICABLE = "not_applicable"


Fact = str | int | float
"""`Finding.facts` are shown by `words.FACTS`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """How one step came out. `why` is a key of `words.WORDS`, which say it and whose turn it is."""

    step: Step
    verdict: Verdict
    why: str
    facts: Mapping[str, Fact] = field(default_factory=dict)
    took_ms: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One try of one way to one system. `ended_at` None: it is under way, or the process was ended over it."""

    tenant: str
    system: str
    id: str
    line: str
    actor: str
    began_at: datetime
    ended_at: datetime | None = None
    findings: tuple[Finding, ...] = ()

    @property
    def verdict(self) -> Verdict:
        """The worst of what was told."""
        told = {finding.verdict for finding in self.findings}
        order = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.ATTENTION)
        return next((one for one in order if one in told), Verdict.GOOD if self.findings else Verdict.UNKNOWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Endpoint:
    """Where a way leads first: the system, or the platform in between; from the settings, never from a person.
    `tls`: whom we believe there and who we are; None: plain HTTP. `patience_s`: for each step of the network."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    patience_s: float = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Handshake:
    """What TLS agreed on. `chain`: the peer's certificates in DER, its own first; with its root if verified."""

    version: str
    cipher: str
    chain: Sequence[bytes] = field(default=(), repr=False)


class NotReachedError(Exception):
    """A step of the network failed. `why`: a key of `words.WORDS`; `said`: the library's own word, for a search."""

    def __init__(self, why: str, *, said: str = "", is_certificate: bool = False) -> None:
        super().__init__(why)
        self.why = why
        self.said = said
        self.is_certificate = is_certificate


class Network(Protocol):
    """The steps before anything is said. Each raises `NotReachedError`, and none sends a word of HTTP."""

    async def resolve(self, endpoint: Endpoint) -> Sequence[str]: ...

    async def connect(self, endpoint: Endpoint) -> str:
        """The address that took the connection."""

    async def handshake(self, endpoint: Endpoint) -> Handshake:
        """As every call of ours makes it: verified, or `is_certificate`."""

    async def look(self, endpoint: Endpoint) -> Handshake:
        """The same, believing nobody, to read the certificate that was refused."""
