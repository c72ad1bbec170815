"""Keys and certificates, ours and theirs: until when they hold. Nothing secret is shown, and nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Annotated, NamedTuple

from cryptography import x509
from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from gateway.console.admin_desk import Vault
from gateway.console.visit import Visit, visit
from gateway.operators.model import Right
from gateway.signing.certificates import name_of
from gateway.signing.expiry import LEVELS
from gateway.signing.settings import EVER, NEVER

router = APIRouter()
Viewer = Annotated[Visit, Depends(visit(Right.LOOK))]
MOST = 100


class Row(NamedTuple):
    """One key or certificate. `left`: days that its certificate still holds; None: it has none."""

    name: str
    kind: str
    holder: str
    serial: str
    kid: str
    since: datetime | None
    until: datetime | None
    left: int | None

    @property
    def level(self) -> int | None:
        """The nearest of `LEVELS` that is reached."""
        return None if self.left is None else min((days for days in LEVELS if self.left < days), default=None)


@router.get("/console/keys", name="keys")
async def keys(visitor: Viewer, count: Annotated[bool, Query()] = False) -> Response:
    """`count`: how many keys of bodies an older one still wraps, too; that reads all of them, which is for whoever can
    do something about it."""
    if count:
        visitor.needs(Right.ADMINISTER)
    vault, now = visitor.desk.admin.vault, visitor.desk.services.clock()
    return visitor.page(
        "keys/index.html",
        ours=list(_ours(vault, now))[:MOST],
        theirs=list(_theirs(vault, now))[:MOST],
        vault=vault,
        elsewhere=await vault.elsewhere() if count else None,
        administers=visitor.may(Right.ADMINISTER),
    )


def _ours(vault: Vault, now: datetime) -> Iterator[Row]:
    for name, rotation in vault.keys.items():
        for turn in rotation.turns:
            since, until = _told(turn.since), _told(turn.until)
            yield _row(name, turn.source, turn.key.certificate, now=now)._replace(
                kid=turn.key.kid, since=since, until=until
            )


def _theirs(vault: Vault, now: datetime) -> Iterator[Row]:
    for name, partner in vault.trust.items():
        for kind, certificate in partner.certificates:
            yield _row(name, kind, certificate, now=now)


def _row(name: str, kind: str, certificate: x509.Certificate | None, *, now: datetime) -> Row:
    if certificate is None:
        return Row(name, kind, "", "", "", None, None, None)
    until = certificate.not_valid_after_utc
    serial = f"{certificate.serial_number:x}"
    return Row(name, kind, name_of(certificate), serial, "", None, until, (until - now).days)


def _told(at: datetime) -> datetime | None:
    return None if at in (EVER, NEVER) else at
