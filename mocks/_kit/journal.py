"""The journal: everything a mock received, and everything it sent by itself (an IPN, for example).

Tests read it to prove what went over the wire and how often. Secrets in headers are replaced by a short fingerprint, so
that two of them can be compared and neither can be used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any

from mocks._kit.clock import Clock, utc_now

SECRET_HEADERS = frozenset(
    {"authorization", "proxy-authorization", "cookie", "apikey", "lgspaccesstoken", "authhash", "auth"}
)


@dataclass(slots=True, kw_only=True)
class Entry:
    """One exchange. `status` and `reply` stay empty when no answer was sent (a cut connection).

    `direction` is `received` for a call to the mock and `sent` for a call that the mock makes. `facts` are the mock's
    own observations (`request.state.facts`), for example the operation and whether a record was found.
    """

    seq: int
    at: datetime
    direction: str
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: str
    status: int | None = None
    reply: str = ""
    fault: str | None = None
    facts: dict[str, Any] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self) | {"at": self.at.isoformat()}


class Journal:
    """Entries in the order of arrival; `seq` counts from 1 and is never used twice, not even after `clear`."""

    def __init__(self, clock: Clock = utc_now) -> None:
        self.entries: list[Entry] = []
        self._clock = clock
        self._seq = 0

    def receive(self, *, method: str, path: str, query: str, headers: Iterable[tuple[str, str]], body: str) -> Entry:
        return self._add("received", (method, path, query), headers=headers, body=body)

    def send(self, method: str, url: str, *, headers: Iterable[tuple[str, str]] = (), body: str = "") -> Entry:
        """Notes a call that the mock is about to make; set `status` and `reply` of the entry when the answer is in."""
        path, _, query = url.partition("?")
        return self._add("sent", (method, path, query), headers=headers, body=body)

    def calls(self, path: str = "") -> list[Entry]:
        """What was received at paths containing `path`."""
        return [entry for entry in self.entries if entry.direction == "received" and path in entry.path]

    def clear(self) -> None:
        self.entries.clear()

    def _add(
        self, direction: str, line: tuple[str, str, str], *, headers: Iterable[tuple[str, str]], body: str
    ) -> Entry:
        self._seq += 1
        method, path, query = line
        entry = Entry(
            seq=self._seq,
            at=self._clock(),
            direction=direction,
            method=method,
            path=path,
            query=query,
            headers={name.lower(): masked(name, value) for name, value in headers},
            body=body,
        )
        self.entries.append(entry)
        return entry


def masked(name: str, value: str) -> str:
    """The value of a header fit for the journal: `Bearer sha256:1a2b3c4d` in place of a token."""
    if name.lower() not in SECRET_HEADERS:
        return value
    scheme, space, secret = value.rpartition(" ")
    return f"{scheme}{space}sha256:{hashlib.sha256(secret.encode()).hexdigest()[:8]}"
