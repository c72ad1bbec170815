"""The yearly review of rights (SEC-12): clients and scopes that nobody uses, keys that end or never do. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from gateway.clients.model import Client
from gateway.domain import VIETNAM

UNUSED = timedelta(days=90)
"""A right or a client that was not used for so long stands out."""
ENDS_SOON = timedelta(days=30)
WORDS: Mapping[str, tuple[str, str]] = {
    "unused": (f"không dùng quá {UNUSED.days} ngày", f"not used for {UNUSED.days} days"),
    "scope_unused": ("quyền không dùng", "scope not used"),
    "key_endless": ("khoá không có hạn", "key without an end"),
    "key_ended": ("khoá đã hết hạn", "key has ended"),
    "key_ends": ("khoá sắp hết hạn", "key ends"),
    "unlimited": ("không giới hạn cơ quan, thủ tục, mạng", "no limit but scopes"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One of `WORDS`. `about`: which scope, or which day."""

    kind: str
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Used:
    """What is known of all clients' use: by client the last day of a call, by client and scope the last day of it."""

    days: Mapping[str, datetime]
    rights: Mapping[tuple[str, str], date]


def findings_of(client: Client, used: Used, *, at: datetime) -> Sequence[Finding]:
    """Of one that is not revoked."""
    last, since = used.days.get(client.client_id), (at - UNUSED).astimezone(VIETNAM).date()
    found = [] if last and at - last < UNUSED else [Finding(kind="unused")]
    for scope in sorted(client.scopes):
        on = used.rights.get((client.client_id, scope.value))
        if on is None or on < since:
            found.append(Finding(kind="scope_unused", about=scope.value))
    if key := about_key(client, at=at):
        found.append(key)
    if not (client.agencies or client.procedures or client.networks):
        found.append(Finding(kind="unlimited"))
    return found


def about_key(client: Client, *, at: datetime) -> Finding | None:
    """What is worth a word about its key."""
    if not client.secret_digest:
        return None
    if client.secret_until is None:
        return Finding(kind="key_endless")
    if client.secret_until <= at:
        return Finding(kind="key_ended")
    if client.secret_until - at < ENDS_SOON:
        return Finding(kind="key_ends", about=f"{client.secret_until:%Y-%m-%d}")
    return None
