"""Whether the stored tiles are what the rows say. A wrong tile hides nothing, but every proof made from it fails."""

from __future__ import annotations

from gateway.audit import tiles
from gateway.audit.findings import FoundError, wrong_tile
from gateway.audit.store import AuditReader
from gateway.audit.tiles import HEIGHT, WIDTH, TileId


class TileCheck:
    """Takes leaf hashes that were verified, in order, and compares each tile with them. Raises `FoundError`."""

    def __init__(self, reader: AuditReader, tenant: str) -> None:
        self._reader = reader
        self._tenant = tenant
        self._levels: list[list[bytes]] = [[] for _ in range(tiles.TOP + 1)]
        self._size = 0

    async def take(self, leaf_hash: bytes) -> None:
        self._levels[0].append(leaf_hash)
        self._size += 1
        level = 0
        while len(hashes := self._levels[level]) == WIDTH:
            await self._compare(TileId(level, (self._size >> HEIGHT * (level + 1)) - 1), hashes)
            self._levels[level + 1].append(tiles.fold(hashes))
            self._levels[level], level = [], level + 1

    async def finish(self) -> None:
        """Above the leaves, what is not full yet is made of stored roots."""
        for level, hashes in enumerate(self._levels):
            if level and hashes:
                await self._compare(TileId(level, self._size >> HEIGHT * (level + 1), len(hashes)), hashes)

    async def _compare(self, tile: TileId, hashes: list[bytes]) -> None:
        if (await self._reader.tiles(self._tenant, [tile])).get(tile) != b"".join(hashes):
            raise _wrong(tile)


def _wrong(tile: TileId) -> FoundError:
    under = 1 << HEIGHT * tile.level
    first = tile.first * under
    return wrong_tile(first, first + tile.width * under - 1)
