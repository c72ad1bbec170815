"""Paths that were found once. A search takes milliseconds and partners sign with the same certificate all day, so a
path that held is remembered while all of its certificates are in time. Of revocation nothing is remembered here:
`statuses` is asked each time, and whatever it learns holds from the next message on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Self

from cryptography import x509

from gateway.signing.certificates import fingerprint

MOST = 1_000
"""Paths of one trust; a stranger may send a partner's certificate with ever another chain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A path, and what of it is asked about revocation, each with its fingerprint. `begins`, `ends`: between them every
    certificate of the path is valid. `uses`: for which use (time stamps, or else signing) the signer's certificate was
    found to be issued."""

    path: tuple[x509.Certificate, ...]
    asked: tuple[tuple[bytes, x509.Certificate], ...]
    begins: datetime
    ends: datetime
    uses: set[bool] = field(default_factory=set)

    @classmethod
    def of(cls, path: tuple[x509.Certificate, ...], *, asked: Sequence[x509.Certificate]) -> Self:
        return cls(
            path=path,
            asked=tuple((fingerprint(one), one) for one in asked),
            begins=max(one.not_valid_before_utc for one in path),
            ends=min(one.not_valid_after_utc for one in path),
        )


class Known:
    """By the signer's certificate and the chain that came with it: by these very objects, which whoever reads messages
    keeps (to compare certificates costs more than all else here). What was refused is looked at anew each time."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, ...], tuple[tuple[x509.Certificate, ...], Found]] = {}

    def at(self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], at: datetime) -> Found | None:
        # An id is nobody else's while its certificate is kept beside it.
        _, found = self._found.get((id(certificate), *map(id, chain)), ((), None))
        return found if found is not None and found.begins <= at <= found.ends else None

    def keep(self, certificate: x509.Certificate, chain: Sequence[x509.Certificate], found: Found) -> None:
        self._found[(id(certificate), *map(id, chain))] = ((certificate, *chain), found)
        while len(self._found) > MOST:
            del self._found[next(iter(self._found))]
