"""`lienthong keys list` and `check`: our keys, whom we trust, until when they hold. No secret is ever shown."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer
from cryptography import x509
from rich.table import Column, Table

from gateway.bootstrap import utc_now
from gateway.bootstrap.trusting import Fetching, contexts_of
from gateway.cli.output import console
from gateway.database.doctor import Finding, Level
from gateway.domain import VIETNAM
from gateway.sdk import ConfigurationError, GatewayError, TransientRemoteError
from gateway.settings import Settings, load_settings
from gateway.signing.certificates import name_of, read_certificates
from gateway.signing.expiry import Ending, expiring, held_certificates
from gateway.signing.keys import Rotation, load_keys
from gateway.signing.settings import EVER, NEVER
from gateway.signing.trust import Fetch, Partner, load_trust


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """Keys and trusts, as the settings say."""

    keys: Mapping[str, Rotation]
    trust: Mapping[str, Partner]

    @classmethod
    def read(cls, settings: Settings, *, fetch: Fetch) -> Ring:
        async def alarm(kind: str, about: str) -> None:
            """Whoever runs the command is told by it."""

        keys = load_keys(settings.keys, environment=os.environ)
        trust = load_trust(settings.trust, keys=keys, fetch=fetch, clock=utc_now, alarm=alarm)
        return cls(keys=keys, trust=trust)

    def endings(self, at: datetime) -> Sequence[Ending]:
        return expiring(held_certificates(self.keys, self.trust, at=at), at)


def list_keys() -> None:
    """Names, holders, serial numbers, key ids and times; never a secret. Danh sách khoá và chứng thư số."""
    ring = Ring.read(load_settings(), fetch=_nothing)
    ours = Table("name", "kept in", "holder", _whole("serial"), _whole("kid"), "valid until", "since", "until")
    for name, rotation in ring.keys.items():
        for turn in rotation.turns:
            held = _holder(turn.key.certificate)
            ours.add_row(name, turn.source, *held[:2], turn.key.kid, held[2], _day(turn.since), _day(turn.until))
    theirs = Table("trust", "domain", "what", "holder", _whole("serial"), "valid until")
    for name, partner in ring.trust.items():
        for kind, certificate in partner.certificates:
            theirs.add_row(name, partner.domain.value, kind, *_holder(certificate))
    console.print(ours if ring.keys else "No key is set. Chưa khai báo khoá nào.")
    console.print(theirs if ring.trust else "No trust is set. Chưa khai báo nơi tin cậy nào.")


def check(
    file: Annotated[
        Path | None, typer.Argument(help="PEM: a certificate and its chain. Chứng thư số cần kiểm tra.")
    ] = None,
    *,
    trust: Annotated[str, typer.Option(help="Name in [trust]; none: all. Tên trong [trust].")] = "",
) -> None:
    """Ask about revocation now, check, and say in words what is wrong. Kiểm tra chứng thư số ngay bây giờ."""
    findings = asyncio.run(_checked(load_settings(), file=file, name=trust))
    for finding in findings:
        mark = "✓" if finding.level is Level.OK else "✗"
        console.print(f"{mark} {finding.text_vi}\n  {finding.text}")
    raise typer.Exit(1 if any(finding.level is Level.ERROR for finding in findings) else 0)


async def _checked(settings: Settings, *, file: Path | None, name: str) -> list[Finding]:
    fetching = Fetching()
    try:
        ring = Ring.read(settings, fetch=fetching)
        if name and name not in ring.trust:
            raise ConfigurationError(f"There is no [trust.{name}].", vi=f"Không có [trust.{name}].", what="trust")
        chosen = {one: partner for one, partner in ring.trust.items() if name in ("", one)}
        return [
            await _finding(f"trust.{one}", partner, certificates)
            for one, partner in chosen.items()
            for certificates in _asked_for(partner, file)
        ] + ([] if file or name else list(_endings(ring)))
    finally:
        await fetching.close()


def _asked_for(partner: Partner, file: Path | None) -> Iterator[Sequence[x509.Certificate]]:
    if file is not None:
        yield read_certificates([file], where="file")
        return
    for kind, certificate in partner.certificates:
        if kind == "pinned":
            yield (certificate,)


async def _finding(where: str, partner: Partner, certificates: Sequence[x509.Certificate]) -> Finding:
    now, holder = utc_now(), name_of(certificates[0])
    await partner.learn(certificates, at=now)
    try:
        partner.check(certificates[0], certificates[1:], at=now)
    except GatewayError as exc:
        return Finding(
            Level.ERROR,
            f"{where}: {holder}: {exc.detail} ({exc.error_code})",
            f"{where}: {holder}: {exc.detail_vi} ({exc.error_code})",
        )
    return Finding(Level.OK, f"{where}: {holder} is believed.", f"{where}: {holder}: tin cậy.")


def examine(settings: Settings) -> list[Finding]:
    """For `lienthong doctor`; the network is not asked."""
    if not (settings.keys or settings.trust or settings.tls):
        return []
    try:
        ring = Ring.read(settings, fetch=_nothing)
        contexts_of(settings)
    except GatewayError as exc:
        return [Finding(Level.ERROR, exc.detail, exc.detail_vi)]
    told = Finding(
        Level.OK,
        f"{len(ring.keys)} keys and {len(ring.trust)} trusts can be used.",
        f"Dùng được {len(ring.keys)} khoá và {len(ring.trust)} nơi tin cậy.",
    )
    return [told, *_endings(ring)]


def _endings(ring: Ring) -> Iterator[Finding]:
    for ending in ring.endings(utc_now()):
        held, level = ending.held, Level.ERROR if ending.days < 0 else Level.WARNING
        what, day = f"{held.name} ({name_of(held.certificate)})", held.certificate.not_valid_after_utc
        yield Finding(
            level,
            f"{what}: the certificate ends on {_day(day)}. See docs/keys.md.",
            f"{what}: chứng thư số hết hạn ngày {day.astimezone(VIETNAM):%d/%m/%Y}. Xem docs/keys.md.",
        )


async def _nothing(url: str, **_: object) -> bytes:  # noqa: ARG001 - the shape of `Fetch`
    """These commands ask nobody."""
    raise TransientRemoteError("The network is not asked.", what="responder")


def _holder(certificate: x509.Certificate | None) -> tuple[str, str, str]:
    if certificate is None:
        return "", "", ""
    return name_of(certificate), f"{certificate.serial_number:x}", _day(certificate.not_valid_after_utc)


def _day(at: datetime) -> str:
    return "" if at in (EVER, NEVER) else f"{at.astimezone(VIETNAM):%Y-%m-%d}"


def _whole(name: str) -> Column:
    """People compare it with what a partner reads out: it is folded, never cut."""
    return Column(name, overflow="fold")
