"""Diagnostics, put together."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable

import httpx

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.bootstrap.trusting import Fetching, contexts_of
from gateway.diagnostics.network import Sockets
from gateway.diagnostics.service import Diagnostics, House
from gateway.diagnostics.talking import Talking
from gateway.diagnostics.trying import Trying
from gateway.diagnostics.ways import Way
from gateway.domain import Context
from gateway.settings import Settings


def trying_of(settings: Settings, fetching: Fetching) -> Trying:
    """As the exchange connects: the same roots, the same certificate of ours."""
    return Trying(Sockets(), fetch=fetching, tls=_contexts(settings), clock=utc_now, monotonic=time.monotonic)


def diagnostics_of(ground: Ground, stores: Stores) -> Diagnostics:
    def talk(way: Way, context: Context, reference: str) -> Talking:
        return Talking(
            way,
            ground.attempts,
            permits=ground.agreements,
            context=context,
            reference=reference,
            clock=utc_now,
            monotonic=time.monotonic,
        )

    house = House(
        systems=ground.exchange.systems,
        trying=trying_of(ground.settings, ground.fetching),
        talk=talk,
        tenant=ground.tenant,
        settings=ground.settings.diagnostics,
        clock=utc_now,
    )
    return Diagnostics(stores.office.diagnoses, house, recorder=ground.recorder)


def _contexts(settings: Settings) -> Callable[[str], ssl.SSLContext]:
    """By system or platform, made when one is first tried: keys are read for it."""
    made: dict[str, ssl.SSLContext] = {}

    def context(name: str) -> ssl.SSLContext:
        if name not in made:
            made[name] = contexts_of(settings).get(name) or httpx.create_ssl_context(trust_env=False)
        return made[name]

    return context
