"""A partner with a certificate, its authority with a responder, and a gateway that trusts them: for the tests."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography import x509

from gateway.sdk import TransientRemoteError
from gateway.signing.settings import Domain, TrustSettings
from gateway.signing.trust import Partner, load_trust
from mocks._kit import pki
from mocks._kit.revocations import Responder, State

OCSP, CRL = "http://ca.example.vn/ocsp", "http://ca.example.vn/crl"
NAME = "Trung tâm dữ liệu quốc gia"
NOW = pki.NOW


@dataclass
class TrustHouse:
    """`issuer` is the intermediate that certifies the partner."""

    folder: Path
    root: pki.Authority = field(
        default_factory=lambda: pki.root("Root công vụ", defaults=pki.Wanted(ocsp=OCSP, crl=CRL))
    )
    other_root: pki.Authority = field(default_factory=lambda: pki.root("Root công cộng"))
    now: datetime = NOW
    alarms: list[tuple[str, str]] = field(default_factory=list)
    fetched: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.issuer = self.root.authority("CA công vụ", pki.Wanted())
        self.responder = Responder(authority=self.issuer, stranger=self.other_root)
        self.above = Responder(authority=self.root, stranger=self.other_root)
        self.known: dict[int, x509.Certificate] = {}

    def leaf(self, **wanted: Any) -> pki.Holder:
        found = self.issuer.issue(NAME, pki.Wanted(ocsp=OCSP, crl=CRL, **wanted))
        self.known[found.certificate.serial_number] = found.certificate
        return found

    def file(self, *certificates: x509.Certificate) -> Path:
        path = self.folder / f"{len(list(self.folder.iterdir()))}.pem"
        path.write_bytes(pki.pem(*certificates))
        return path

    def settings(self, **changes: Any) -> TrustSettings:
        given: dict[str, Any] = {
            "domain": Domain.OFFICIAL,
            "roots": (self.file(self.root.certificate),),
            "names": (NAME,),
            "crls": (self._written("root.crl", self.above.listed()),),
        }
        return TrustSettings(**given | changes)

    def trust(self, *, keys: Any = None, others: dict[str, TrustSettings] | None = None, **changes: Any) -> Partner:
        settings = {"c06": self.settings(**changes), **(others or {})}
        return load_trust(settings, keys=keys or {}, fetch=self.fetch, clock=lambda: self.now, alarm=self.alarm)["c06"]

    async def fetch(self, url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
        self.fetched.append(url)
        state = self.responder.crl_state if url == CRL else self.responder.state
        if state is State.DOWN:
            raise TransientRemoteError("down")
        if url == CRL:
            return self.responder.listed()
        assert content is not None
        assert media_type == "application/ocsp-request"
        return self.responder.answer(content, next(reversed(self.known.values())))

    async def alarm(self, kind: str, about: str) -> None:
        self.alarms.append((kind, about))

    def _written(self, name: str, content: bytes) -> Path:
        path = self.folder / name
        path.write_bytes(content)
        return path
