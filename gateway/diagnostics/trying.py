"""Try one way, step by step. A step that needs another which failed is not tried, and says so."""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

import structlog
from cryptography import x509

from gateway.diagnostics import certificates
from gateway.diagnostics.model import (
    Endpoint,
    Fact,
    Finding,
    Network,
    NotReachedError,
    Step,
    Verdict,
)
from gateway.diagnostics.ways import Way
from gateway.exchange.names import is_address
from gateway.signing.trust.fetching import Fetch

Report = Callable[[Sequence[Finding]], Awaitable[None]]
"""Told after each step what is known by then."""

log = structlog.get_logger()


class Talk(Protocol):
    """The steps that speak with the system: log-in, harmless call, and what time it said it was (`talking`)."""

    async def login(self) -> Finding: ...
    async def call(self) -> Finding: ...
    def clock(self) -> Finding: ...


class Trying:
    """What every try has: the network, who is asked about revocation, the clocks."""

    def __init__(
        self,
        network: Network,
        *,
        fetch: Fetch,
        tls: Callable[[str], ssl.SSLContext],
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._network = network
        self._fetch = fetch
        self._tls = tls
        self._clock = clock
        self._monotonic = monotonic

    async def reach(self, way: Way, report: Report) -> list[Finding]:
        """The steps of the network alone."""
        return await self._all(self._reaching(way), None, report)

    async def all(self, way: Way, talk: Talk, report: Report, *, limit_s: float) -> list[Finding]:
        """Every step, in `limit_s` seconds at most."""
        known: list[Finding] = []

        async def keep(findings: Sequence[Finding]) -> None:
            known[:] = findings
            await report(findings)

        try:
            async with asyncio.timeout(limit_s):
                return await self._all(self._reaching(way), talk, keep)
        except TimeoutError:
            why = "out_of_time"
        except Exception:
            log.exception("diagnosis_failed", system=way.system.id)
            why = "interrupted"
        return completed(known, why)

    def _reaching(self, way: Way) -> _Reaching:
        return _Reaching(way.endpoint(self._tls), network=self._network, fetch=self._fetch, clock=self._clock)

    async def _all(self, reaching: _Reaching, talk: Talk | None, report: Report) -> list[Finding]:
        findings: list[Finding] = []
        steps: list[tuple[Step, Callable[[], Awaitable[Finding]]]] = [*reaching.steps()]
        if talk is not None:
            steps += [(Step.LOGIN, talk.login), (Step.CALL, talk.call), (Step.CLOCK, _later(talk.clock))]
        for step, act in steps:
            if gone := _blocking(findings, step):
                findings.append(Finding(step=step, verdict=Verdict.NOT_TRIED, why="earlier_failed", facts=gone))
            else:
                began = self._monotonic()
                found = await act()
                findings.append(replace(found, took_ms=round((self._monotonic() - began) * 1000)))
            await report(findings)
        return findings


def completed(known: Sequence[Finding], why: str) -> list[Finding]:
    """With the step that was under way, of which nothing can be told, and those that were not reached."""
    left = [step for step in Step if step not in {finding.step for finding in known}]
    return [
        *known,
        *(Finding(step=step, verdict=Verdict.UNKNOWN, why=why) for step in left[:1]),
        *(Finding(step=step, verdict=Verdict.NOT_TRIED, why="earlier_failed") for step in left[1:]),
    ]


_NEEDS: Mapping[Step, tuple[Step, ...]] = {
    Step.TCP: (Step.DNS,),
    Step.TLS: (Step.TCP,),
    Step.CERTIFICATE: (Step.TLS,),
    Step.REVOCATION: (Step.CERTIFICATE,),
    Step.LOGIN: (Step.TCP, Step.TLS, Step.CERTIFICATE),
    Step.CALL: (Step.LOGIN,),
    Step.CLOCK: (Step.TCP, Step.TLS, Step.CERTIFICATE),  # whatever answered says what time it is, refusals too
}


def _blocking(findings: Sequence[Finding], step: Step) -> dict[str, Fact]:
    """What stands in the way of a step; empty: nothing."""
    stops = {Verdict.FAILED, Verdict.NOT_TRIED}
    needed = [one for one in findings if one.step in _NEEDS.get(step, ()) and one.verdict in stops]
    return {"blocked_by": needed[-1].step.value} if needed else {}


def _later(read: Callable[[], Finding]) -> Callable[[], Awaitable[Finding]]:
    async def act() -> Finding:
        return read()

    return act


class _Reaching:
    """The steps of the network to one endpoint; each leaves what the next one needs."""

    def __init__(self, to: Endpoint, *, network: Network, fetch: Fetch, clock: Callable[[], datetime]) -> None:
        self._to = to
        self._network = network
        self._fetch = fetch
        self._clock = clock
        self._chain: list[x509.Certificate] = []
        self._refusal: NotReachedError | None = None

    def steps(self) -> Sequence[tuple[Step, Callable[[], Awaitable[Finding]]]]:
        return (
            (Step.DNS, self._dns),
            (Step.TCP, self._tcp),
            (Step.TLS, self._tls),
            (Step.CERTIFICATE, self._certificate),
            (Step.REVOCATION, self._revocation),
        )

    async def _dns(self) -> Finding:
        facts: dict[str, Fact] = {"host": self._to.host}
        if is_address(self._to.host):
            return Finding(step=Step.DNS, verdict=Verdict.NOT_APPLICABLE, why="address_given", facts=facts)
        try:
            found = await self._network.resolve(self._to)
        except NotReachedError as exc:
            return _failed(Step.DNS, exc, facts)
        return Finding(
            step=Step.DNS, verdict=Verdict.GOOD, why="dns_found", facts=facts | {"addresses": ", ".join(found[:5])}
        )

    async def _tcp(self) -> Finding:
        facts: dict[str, Fact] = {"host": self._to.host, "port": self._to.port}
        try:
            address = await self._network.connect(self._to)
        except NotReachedError as exc:
            return _failed(Step.TCP, exc, facts)
        return Finding(step=Step.TCP, verdict=Verdict.GOOD, why="tcp_open", facts=facts | {"address": address})

    async def _tls(self) -> Finding:
        """A certificate that does not hold is the next step's: the handshake itself came so far."""
        if self._to.tls is None:
            return _plain(self._to.host)
        try:
            made = await self._network.handshake(self._to)
        except NotReachedError as exc:
            if not exc.is_certificate:
                return _failed(Step.TLS, exc, {})
            self._refusal = exc
            try:
                made = await self._network.look(self._to)
            except NotReachedError as other:
                return _failed(Step.TLS, other, {})
        self._chain = certificates.read_chain(made.chain)
        facts: dict[str, Fact] = {"version": made.version, "cipher": made.cipher}
        return Finding(step=Step.TLS, verdict=Verdict.GOOD, why="tls_agreed", facts=facts)

    async def _certificate(self) -> Finding:
        if self._to.tls is None:
            return Finding(step=Step.CERTIFICATE, verdict=Verdict.NOT_APPLICABLE, why="no_certificate")
        if self._refusal is not None:
            return _failed(Step.CERTIFICATE, self._refusal, certificates.described(self._chain))
        return certificates.judged(self._chain, at=self._clock())

    async def _revocation(self) -> Finding:
        if self._to.tls is None:
            return Finding(step=Step.REVOCATION, verdict=Verdict.NOT_APPLICABLE, why="no_certificate")
        return await certificates.revocation(self._chain, fetch=self._fetch, at=self._clock())


def _failed(step: Step, exc: NotReachedError, facts: Mapping[str, Fact]) -> Finding:
    said: dict[str, Fact] = {"said": exc.said} if exc.said else {}
    return Finding(step=step, verdict=Verdict.FAILED, why=exc.why, facts={**facts, **said})


def _plain(host: str) -> Finding:
    is_here = host == "localhost" or (is_address(host) and ipaddress.ip_address(host).is_loopback)
    if is_here:
        return Finding(step=Step.TLS, verdict=Verdict.NOT_APPLICABLE, why="plain_here")
    return Finding(step=Step.TLS, verdict=Verdict.ATTENTION, why="plain")
