"""The mappings that this process translates by, and the versions of them that were ever used."""

from __future__ import annotations

from gateway.alarms.model import Occasion
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.mapping.book import Book, Shelf
from gateway.mapping.versions import Versions
from gateway.observability import own_context
from gateway.registry import mappings_directory


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
    return Book(shelves, Versions(stores.mapping_versions, tenant=ground.tenant, clock=utc_now))


async def note_mappings(ground: Ground, book: Book) -> None:
    """Whoever changed one without a new number is looked for: evidence names the number alone."""
    for source in await book.note():
        occasion = Occasion(
            kind="mapping_changed_silently",
            about=f"mapping:{source.system}/{source.operation}",
            facts={"version": source.version, "digest": source.digest[:12]},
        )
        await ground.alarms.raise_alarm(occasion, context=own_context(ground.tenant))
