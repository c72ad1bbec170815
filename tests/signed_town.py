"""A scheme that anybody can check by eye: the sender's name and the time in a header, the digest of the body beside it.
It stands in for the real ones where only the exchange is tested."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from cryptography import x509

from gateway.exchange.safeguards import Layer
from gateway.sdk import TrustError
from gateway.signing.protection import Mark, Message, with_headers
from gateway.signing.settings import Domain, ProtectionSettings


class Sealing:
    """Implements `Protection`. `us` signs, `them` is believed."""

    def __init__(self, us: str = "us", them: str = "them", *, header: str = "x-sealed") -> None:
        self.us, self.them, self.header = us, them, header

    def sign(self, message: Message, *, at: datetime, answers: Message | None = None) -> Message:
        said = "|".join((self.us, at.isoformat(), _digest(message), self._of(answers)))
        return with_headers(message, {self.header: said})

    def verify(self, message: Message, *, at: datetime, answers: Message | None = None) -> None:
        parts = message.headers.get(self.header, "").split("|")
        is_right = len(parts) == 4 and parts[0] == self.them and parts[2] == _digest(message)
        if not is_right or parts[3] != self._of(answers):
            raise TrustError("unsealed", vi="chưa niêm phong", what="unsealed")

    def reveal(self, message: Message) -> Message:
        return replace(message, headers={k: v for k, v in message.headers.items() if k != self.header})

    def mark(self, message: Message) -> Mark:
        seal = message.headers[self.header]
        at = datetime.fromisoformat(seal.split("|")[1])
        return Mark(digest=hashlib.sha256(seal.encode()).digest(), until=at + timedelta(seconds=300))

    def unsafe_certificates(self, message: Message) -> Sequence[x509.Certificate]:
        return ()

    def _of(self, answers: Message | None) -> str:
        return answers.headers.get(self.header, "").replace("|", "/") if answers else ""

    @property
    def other(self) -> Sealing:
        """The partner's side of it."""
        return Sealing(self.them, self.us, header=self.header)


class Learning:
    """Implements `Trust` as far as the exchange uses it: counts what it was to learn."""

    domain = Domain.TECHNICAL

    def __init__(self) -> None:
        self.times = 0

    async def learn(self, certificates: Sequence[x509.Certificate], *, at: datetime) -> None:
        self.times += 1


def layer(sealing: Sealing | None = None, **rule: Any) -> Layer:
    said = {"scheme": "jws", "key": "us", "trust": "them", **rule}
    return Layer(
        rule=ProtectionSettings(**said),
        protection=sealing or Sealing(),
        trust=Learning(),  # type: ignore[arg-type]  # it learns, and nothing else is asked of it here
    )


def _digest(message: Message) -> str:
    return hashlib.sha256(message.content).hexdigest()
