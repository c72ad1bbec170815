"""Certificates that end soon, ours and theirs, told in time: a partner needs weeks to take a new one. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from cryptography import x509

from gateway.signing.keys.rotation import Rotation
from gateway.signing.trust.partner import Partner

LEVELS = (90, 30, 7, 0)
"""Days ahead at which somebody is told; 0: it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A certificate that something depends on. `name`: the setting that brings it."""

    name: str
    certificate: x509.Certificate

    @property
    def id(self) -> str:
        """Tells two certificates of one name apart: the end of the serial number."""
        return f"{self.certificate.serial_number:x}"[-12:]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """One that has reached a level; `days` are left, below zero when it is over."""

    held: Held
    level: int
    days: int


def expiring(certificates: Iterable[Held], at: datetime) -> list[Ending]:
    """The next to end first."""
    found = []
    for held in certificates:
        left = held.certificate.not_valid_after_utc - at
        level = min((days for days in LEVELS if left.total_seconds() < days * 86_400), default=None)
        if level is not None:
            found.append(Ending(held=held, level=level, days=left.days))
    return sorted(found, key=lambda ending: ending.held.certificate.not_valid_after_utc)


def held_certificates(keys: Mapping[str, Rotation], trust: Mapping[str, Partner], *, at: datetime) -> Iterator[Held]:
    """Ours that are still used at `at`, and all of theirs."""
    for name, rotation in keys.items():
        for turn in rotation.turns:
            if turn.key.certificate is not None and at < turn.until:
                yield Held(name=f"keys.{name}", certificate=turn.key.certificate)
    for name, partner in trust.items():
        for kind, certificate in partner.certificates:
            yield Held(name=f"trust.{name}.{kind}", certificate=certificate)
