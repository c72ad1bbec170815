"""A mock that demands signatures, and a gateway that is configured for it: settings, key files, trust, exchange."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import tenacity
from pytest import MonkeyPatch  # noqa: PT013 - a type
from services import CONTEXT, ListedRecorder
from systems import bench

from gateway.alarms.memory import MemoryAlarms
from gateway.alarms.service import Alarms
from gateway.bootstrap.trusting import Fetching, Trusting
from gateway.exchange.attempt import Attempts
from gateway.exchange.model import Exchanged
from gateway.exchange.service import GatewayExchange
from gateway.settings import Settings
from gateway.signing.certificates import thumbprint
from mocks._kit import pki
from mocks._kit.signatures import Signing, Witness
from mocks._kit.signatures.web import HmacWitness, HttpWitness, JwsWitness
from mocks._kit.signatures.xml import Signer, SoapWitness

SECRET_ENV = "SIGNED_BENCH_SECRET"


@dataclass
class Parties:
    """The province and the national system, each with a certificate of another authority, and what they share."""

    folder: Path
    ours: pki.Holder = field(default_factory=lambda: pki.root("CA tỉnh (mẫu)").issue("Tỉnh Thử Nghiệm"))
    authority: pki.Authority = field(default_factory=lambda: pki.root("CA chuyên dùng (mẫu)"))
    secret: str = field(default_factory=lambda: secrets.token_hex(32))

    def __post_init__(self) -> None:
        self.theirs = self.authority.issue("CSDLQG (mẫu)")

    def settings(self, system: str, *rules: Mapping[str, Any], trust: Mapping[str, Any] | None = None) -> Settings:
        """The settings of a province whose rules are `rules`; `trust` instead of the pinned certificate."""
        ours = self.ours.write_pem(self.folder / "ours.pem")
        theirs = self.theirs.write_certificate(self.folder / "theirs.pem")
        pinned = {"domain": "technical", "pinned": [theirs], "revocation": "none"}
        shared = {"domain": "technical", "secret": "chung", "revocation": "none"}
        return Settings(
            state=self.folder,
            sandbox=True,
            keys={
                "tinh": [{"source": "pem", "path": ours}],
                "chung": [{"source": "secret", "password_env": SECRET_ENV, "kid": "chung"}],
            },
            trust={"doi-tac": trust or pinned, "chung": shared},
            protection={system: [{"key": "tinh", "trust": "doi-tac", **rule} for rule in rules]},
        )


class SignedBench:
    """One system behind its mock, which signs. `now` is the gateway's clock and the witness's."""

    def __init__(self, name: str, witness: Witness | None, settings: Settings, **own: Any) -> None:
        self.recorder, self.signing = ListedRecorder(), list[Signing]()
        self.alarms = Alarms(MemoryAlarms(), recorder=self.recorder, clock=_now)
        trusting = Trusting.read(settings, fetch=Fetching(), alarm=self._alarm)
        system = bench(name, way=self._signing(witness) if witness else lambda app: app, **own).system
        systems = trusting.guarded({name: system})
        attempts = Attempts(self.recorder, clock=_now, monotonic=time.monotonic, alarms=self.alarms)
        self.exchange = GatewayExchange(systems, attempts, clock=_now, routes={}, wait=tenacity.wait_none())

    def _signing(self, witness: Witness) -> Callable[[Any], Signing]:
        def way(app: Any) -> Signing:
            self.signing.append(Signing(app, witness, unsigned={"/token"}))
            return self.signing[0]

        return way

    async def _alarm(self, kind: str, about: str) -> None:
        raise AssertionError(f"{kind} about {about}")

    async def ask(self, operation: str, canonical: Mapping[str, Any]) -> Exchanged:
        return await self.exchange.ask(operation, canonical, context=replace(CONTEXT), reference="R")

    @property
    def leaf(self) -> Any:
        return self.recorder.entries[-1]


def _now() -> datetime:
    return datetime.now(UTC)


def witness_of(scheme: str, parties: Parties, monkeypatch: MonkeyPatch) -> tuple[Witness, dict[str, Any]]:
    """The mock's side of a scheme, and the rule for ours."""
    key, kid = parties.theirs.key, thumbprint(parties.theirs.key.public_key())
    theirs = parties.ours.certificate.public_key()
    if scheme == "hmac":
        monkeypatch.setenv(SECRET_ENV, parties.secret)
        return HmacWitness(secret=parties.secret.encode(), kid="chung"), {"scheme": scheme, "trust": "chung"}
    if scheme == "wsse-x509":
        signer = Signer(key=key, certificate=parties.theirs.certificate)  # type: ignore[arg-type]  # one of ours
        return SoapWitness(signer=signer, theirs=parties.ours.certificate), {"scheme": scheme}
    if scheme == "jws":
        return JwsWitness(key=key, kid=kid, theirs=theirs), {"scheme": scheme}  # type: ignore[arg-type]  # one of ours
    return HttpWitness(key=key, kid=kid, theirs=theirs), {"scheme": scheme}  # type: ignore[arg-type]  # one of ours
