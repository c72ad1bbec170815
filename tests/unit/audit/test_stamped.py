"""A checkpoint is stamped by an authority over its own protocol, and the package proves the time."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from gateway.audit import exhibits, package
from gateway.audit.attesting import Attesting, Patience
from gateway.audit.exhibits import Source
from gateway.audit.memory import MemoryAudit
from gateway.cli.main import app as commands
from gateway.sdk import TransientRemoteError, WireReply, WireRequest
from gateway.signing import Keyring
from gateway.signing.model import Trust
from gateway.signing.settings import Domain, Revocation, TrustSettings
from gateway.signing.stamps import Stamper
from gateway.signing.trust import load_trust
from mocks.tsa.app import CERTIFICATE, STAMP, create_app

T = "H99"
BASE = "http://tsa.example"
PATIENCE = Patience(stamp_every=timedelta(seconds=60), overdue=timedelta(hours=1))


def now() -> datetime:
    return datetime.now(UTC)


class Way:
    """Into the mock, without a socket."""

    def __init__(self) -> None:
        self.app = create_app()

    async def send(self, request: WireRequest, **_: object) -> WireReply:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self.app)) as client:
            reply = await client.request(
                request.method, request.url, headers=dict(request.headers), content=request.content
            )
        return WireReply(status=reply.status_code, headers=dict(reply.headers), content=reply.content)


async def _nobody(url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
    raise TransientRemoteError("offline")


async def _quiet(kind: str, about: str) -> None: ...


def trust_of(pem: Path) -> Trust:
    own = TrustSettings(domain=Domain.PUBLIC, pinned=(pem,), revocation=Revocation.NONE)
    return load_trust({"tsa": own}, keys={}, fetch=_nobody, clock=now, alarm=_quiet)["tsa"]


async def certificate(way: Way, file: Path) -> Path:
    return written(file, (await way.send(WireRequest(method="GET", url=BASE + CERTIFICATE))).content)


@pytest.fixture
def way() -> Way:
    return Way()


async def packed(way: Way, store: MemoryAudit, keyring: Keyring, *, file: Path) -> tuple[Path, Path]:
    """A package with a stamp, and the certificate of who gave it."""
    pem = await certificate(way, file.with_suffix(".pem"))
    stamper = Stamper(way, url=BASE + STAMP, trust=trust_of(pem), clock=now)
    attesting = Attesting(store, T, transport=way, clock=now, patience=PATIENCE)
    assert list(await attesting.run([], stamper)) == []
    source = Source(reader=store, tenant=T, public_key=keyring.public_key, sealer=keyring, witnesses=[])
    return written(file, package.write(await exhibits.collect(source, [3]))), pem


def written(file: Path, content: bytes) -> Path:
    file.write_bytes(content)
    return file


def check(*words: str | Path) -> tuple[int, str]:
    told = CliRunner().invoke(commands, ["audit", "check", *map(str, words)])
    return told.exit_code, told.output


async def test_a_stamp_proves_when_the_checkpoint_existed(
    way: Way, grown: Callable[[], MemoryAudit], keyring: Keyring, tmp_path: Path
) -> None:
    """SIG-05 (part): the provider's time stamp is stored, and holds offline years after."""
    file, pem = await packed(way, grown(), keyring, file=tmp_path / "goi.zip")
    key = package.named(T, keyring.public_key)
    code, said = check(file, "--key", key, "--tsa", pem)
    assert (code, "says the time-stamping authority" in said) == (0, True)
    code, said = check(file, "--key", key)
    assert (code, "who made it was not checked" in said) == (0, True)


async def test_the_stamp_of_another_authority_is_not_believed(
    way: Way, grown: Callable[[], MemoryAudit], keyring: Keyring, tmp_path: Path
) -> None:
    file, _ = await packed(way, grown(), keyring, file=tmp_path / "goi.zip")
    other = await certificate(Way(), tmp_path / "khac.pem")
    code, said = check(file, "--tsa", other)
    assert (code, "WRONG" in said) == (1, True)
