"""Diagnostics and mappings, put together."""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable

import httpx

from gateway.alarms.model import Occasion
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
from gateway.mapping.book import Book, Shelf
from gateway.mapping.versions import Versions
from gateway.observability import own_context
from gateway.registry import mappings_directory
from gateway.settings import Settings


def book_of(ground: Ground, stores: Stores) -> Book:
    shelves = {
        name: Shelf(
            directory=mappings_directory(type(system.connector)),
            engine=system.mappings,
            title=system.connector.manifest.title,
            title_vi=system.connector.manifest.title_vi,
        )
        for name, system in ground.exchange.systems.items()
    }
    return Book(shelves, Versions(stores.console.mapping_versions, tenant=ground.tenant, clock=utc_now))


async def note_mappings(ground: Ground, book: Book) -> None:
    """Whoever changed one without a new number is looked for: evidence names the number alone."""
    for source in await book.note():
        occasion = Occasion(
            kind="mapping_changed_silently",
            about=f"mapping:{source.system}/{source.operation}",
            facts={"version": source.version, "digest": source.digest[:12]},
        )
        await ground.alarms.raise_alarm(occasion, context=own_context(ground.tenant))


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
    return Diagnostics(stores.console.diagnoses, house, recorder=ground.recorder)


def _contexts(settings: Settings) -> Callable[[str], ssl.SSLContext]:
    """By system or platform, made when one is first tried: keys are read for it."""
    made: dict[str, ssl.SSLContext] = {}

    def context(name: str) -> ssl.SSLContext:
        if name not in made:
            made[name] = contexts_of(settings).get(name) or httpx.create_ssl_context(trust_env=False)
        return made[name]

    return context
