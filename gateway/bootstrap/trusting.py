"""Keys, trust and protection, as the settings say."""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import httpx

from gateway.bootstrap.clock import utc_now
from gateway.exchange.safeguards import Layer, Safeguards
from gateway.exchange.system import System
from gateway.exchange.transport import HttpTransport
from gateway.sdk import ConfigurationError, SystemSettings, TransientRemoteError, WireRequest
from gateway.settings import Settings
from gateway.signing.expiry import Held, held_certificates
from gateway.signing.keys import Rotation, load_keys
from gateway.signing.schemes import protection
from gateway.signing.settings import Domain, ProtectionSettings, TlsSettings
from gateway.signing.tls import client_context
from gateway.signing.trust import Partner, load_trust
from gateway.signing.trust.fetching import LONGEST_S, MOST_BYTES, Alarm

if TYPE_CHECKING:
    from gateway.signing.pdf import SignedPdf


@dataclass(frozen=True, slots=True, kw_only=True)
class Trusting:
    """Our keys, and whom we believe, by their names in the settings; read once."""

    settings: Settings
    keys: Mapping[str, Rotation]
    trust: Mapping[str, Partner]

    @classmethod
    def read(cls, settings: Settings, *, fetch: Fetching, alarm: Alarm) -> Trusting:
        """`ConfigurationError` names the setting that is wrong, and nothing of a key."""
        keys = load_keys(settings.keys, environment=os.environ)
        trust = load_trust(settings.trust, keys=keys, fetch=fetch, clock=utc_now, alarm=alarm)
        return cls(settings=settings, keys=keys, trust=trust)

    def guarded(self, systems: Mapping[str, System]) -> dict[str, System]:
        """The systems, each with the rules that protect it."""
        if unknown := self.settings.protection.keys() - systems.keys():
            names = ", ".join(sorted(unknown))
            raise ConfigurationError(
                f"protection names {names}, which is not configured.",
                vi=f"protection nêu {names}: hệ thống chưa được cấu hình.",
                what="protection",
            )
        return {name: replace(system, safeguards=self._safeguards(name)) for name, system in systems.items()}

    def _safeguards(self, system: str) -> Safeguards:
        rules = self.settings.protection.get(system, ())
        for rule in rules:
            if rule.scheme == "jwe" and not any(_stands_beneath(other, rule) for other in rules):
                raise ConfigurationError(
                    f"protection.{system}: jwe hides and proves no sender; put a rule that signs before it.",
                    vi=f"protection.{system}: jwe chỉ mã hoá, không chứng minh bên gửi; đặt một quy tắc ký trước nó.",
                    what="protection",
                )
        return Safeguards(
            [
                Layer(
                    rule=rule,
                    protection=protection(rule, keys=self.keys, trust=self.trust),
                    trust=self.trust[rule.trust],
                )
                for rule in rules
            ]
        )

    def held(self, at: datetime) -> list[Held]:
        """Every certificate that something depends on."""
        return list(held_certificates(self.keys, self.trust, at=at))

    @property
    def seals(self) -> SignedPdf | None:
        """What results must be signed by (SIG-08); None: nobody asks. A link between systems signs no document
        (SIG-07)."""
        name = self.settings.results.trust
        if not name:
            return None
        found = self.trust.get(name)
        if found is None or found.domain is Domain.TECHNICAL:
            raise ConfigurationError(
                f"results.trust names {name}, which is not in [trust], or of a domain that signs no document.",
                vi=f"results.trust nêu {name}: không có trong [trust], hoặc thuộc miền không ký văn bản.",
                what="results",
            )
        from gateway.signing.pdf import SignedPdf  # pyHanko takes long to load

        return SignedPdf(found)


def _stands_beneath(other: ProtectionSettings, rule: ProtectionSettings) -> bool:
    """Whether it signs the same messages."""
    same = (other.operations, other.since, other.direction) == (rule.operations, rule.since, rule.direction)
    return same and other.scheme != "jwe" and other.replies == rule.replies


def contexts_of(settings: Settings) -> dict[str, ssl.SSLContext]:
    """By system or platform; those of which the same is said share one, and with it the roots in memory. Keys are read
    only where one of them wants a certificate of ours."""
    wanted = {own.key for own in settings.tls.values()}
    keys = load_keys({name: own for name, own in settings.keys.items() if name in wanted}, environment=os.environ)
    made: dict[TlsSettings, ssl.SSLContext] = {}
    for name, own in settings.tls.items():
        if own not in made:
            made[own] = client_context(own, keys, at=utc_now(), name=f"tls.{name}")
    return {name: made[own] for name, own in settings.tls.items()}


class Fetching:
    """What trust asks of the network: the status of certificates. Implements `signing.trust.Fetch`."""

    def __init__(self) -> None:
        limits = {"timeout_s": LONGEST_S * 0.4, "connect_timeout_s": LONGEST_S * 0.2, "max_reply_bytes": MOST_BYTES}
        self._transport = HttpTransport(SystemSettings(base_url="", max_connections=4, **limits))
        self._asking = set[asyncio.Task[Any]]()

    async def __call__(self, url: str, *, content: bytes | None = None, media_type: str = "") -> bytes:
        request = WireRequest(
            method="GET" if content is None else "POST",
            url=url,
            headers={"Content-Type": media_type} if media_type else {},
            content=content or b"",
        )
        asking = asyncio.current_task()
        assert asking is not None
        self._asking.add(asking)
        try:
            reply = await self._transport.send(request)
        except httpx.InvalidURL as exc:
            raise TransientRemoteError("A certificate names an address that is none.") from exc
        finally:
            self._asking.discard(asking)
        if reply.status != 200:
            raise TransientRemoteError("The responder did not answer.", what="responder")
        return reply.content

    async def close(self) -> None:
        """Ends who still asks: a question is a task of its own (`signing.trust.asking`) and outlives who wanted it."""
        ended = list(self._asking)
        for asking in ended:
            asking.cancel()
        await asyncio.gather(*ended, return_exceptions=True)
        await self._transport.close()
