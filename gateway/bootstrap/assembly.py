"""The capabilities, put on their ground and stores."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.ground import Ground, open_ground
from gateway.bootstrap.lazy import Lazy
from gateway.bootstrap.mappings import book_of, note_mappings
from gateway.bootstrap.stores import Stores
from gateway.settings import Settings

if TYPE_CHECKING:
    from gateway.api import Services
    from gateway.bootstrap.working import Work
    from gateway.console.desk import Desk


@dataclass(frozen=True, slots=True, kw_only=True)
class Gateway:
    """One process's gateway, open."""

    ground: Ground
    stores: Stores
    able: Capabilities
    serving: Lazy[Services]
    desks: Lazy[Desk]
    works: Lazy[Work]

    @property
    def services(self) -> Services:
        """What the API calls."""
        return self.serving.get()

    @property
    def desk(self) -> Desk:
        """What the console's pages call."""
        return self.desks.get()

    @property
    def work(self) -> Work:
        """What is done without being asked."""
        return self.works.get()

    @property
    def tenant(self) -> str:
        return self.ground.tenant

    @property
    def targets(self) -> tuple[str, ...]:
        return tuple(self.ground.exchange.targets)

    async def note_mappings(self) -> None:
        """Keeps the mappings that this process translates by, and alarms where one was changed silently."""
        await note_mappings(self.ground, book_of(self.ground, self.stores))


@asynccontextmanager
async def open_gateway(settings: Settings, dsn: str, *, serves: bool = False) -> AsyncIterator[Gateway]:
    """Everything, on a migrated database. `serves`: as of `open_ground`."""
    async with open_ground(settings, dsn, serves=serves) as ground:
        gateway = _assemble(ground, Stores.on(ground))
        try:
            yield gateway
        finally:
            await gateway.able.finish()
            if gateway.desks.made:
                await gateway.desk.diagnostics.finish()


def _assemble(ground: Ground, stores: Stores) -> Gateway:
    able = Capabilities.on(ground, stores)
    serving = Lazy(lambda: _services(ground, stores, able))
    return Gateway(
        ground=ground,
        stores=stores,
        able=able,
        serving=serving,
        desks=Lazy(lambda: _desk(ground, stores, able, services=serving.get())),
        works=Lazy(lambda: _work(ground, stores, able)),
    )


def _services(ground: Ground, stores: Stores, able: Capabilities) -> Services:
    from gateway.bootstrap.serving import services_of

    return services_of(ground, stores, able)


def _desk(ground: Ground, stores: Stores, able: Capabilities, *, services: Services) -> Desk:
    """The pages take as long to load as all the rest: most commands need none of them."""
    from gateway.bootstrap.console import desk_of

    return desk_of(ground, stores, able=able, services=services)


def _work(ground: Ground, stores: Stores, able: Capabilities) -> Work:
    from gateway.bootstrap.working import work_of

    return work_of(ground, stores, able)
