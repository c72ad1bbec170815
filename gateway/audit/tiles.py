"""The tree cut into tiles of 256 hashes (C2SP tlog-tiles, height 8). Pure.

Tile N of level L holds the hashes of the nodes of height 8·L from 256·N on: of level 0 leaf hashes, above it the roots
of the 256 tiles below. A full tile never changes again. One that is not full yet has a `width` smaller than 256, and is
made from what lies below it when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.audit.tree import HASH_SIZE, node_hash
from gateway.sdk.errors import NotFoundError

HEIGHT = 8
WIDTH = 1 << HEIGHT
TOP = 63 // HEIGHT
"""A log of 2^63 leaves has no level above."""
_PART = re.compile(r"(?P<start>(?:x\d{3}/)*)(?P<end>\d{3})(?:\.p/(?P<width>[1-9]\d{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class TileId:
    """Which tile, and how much of it."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def full(self) -> bool:
        return self.width == WIDTH

    @property
    def first(self) -> int:
        """Of its nodes, counted on its level."""
        return self.index * WIDTH


def parse(level: str, path: str) -> TileId:
    """Of an address `<L>/<N>[.p/<W>]`, where N is written in groups of three digits: 1234067 is `x001/x234/067`."""
    match = _PART.fullmatch(path)
    if not match or not level.isascii() or not level.isdigit() or int(level) > TOP or level != str(int(level)):
        raise absent()
    index = int(match["start"].replace("x", "").replace("/", "") + match["end"])
    tile = TileId(int(level), index, int(match["width"] or WIDTH))
    if path != place(tile) or tile.width > WIDTH:
        raise absent()
    return tile


def place(tile: TileId) -> str:
    """The address below its level."""
    groups = [f"{tile.index % 1000:03d}"]
    rest = tile.index // 1000
    while rest:
        groups.insert(0, f"x{rest % 1000:03d}")
        rest //= 1000
    return "/".join(groups) + ("" if tile.full else f".p/{tile.width}")


def due(tiled: int, size: int, *, most: int) -> Iterator[TileId]:
    """The tiles that a log of `size` leaves has in full and one that is stored up to leaf `tiled` lacks, each after
    what it is made of; at most so many of level 0, with what they complete above."""
    for index in range(tiled // WIDTH, min(size // WIDTH, tiled // WIDTH + most)):
        yield TileId(0, index)
        level, done = 1, index + 1
        while done % WIDTH == 0:
            done //= WIDTH
            yield TileId(level, done - 1)
            level += 1


def width_at(size: int, tile: TileId) -> int:
    """How many hashes of the tile exist in a log of `size` leaves."""
    nodes = size >> (HEIGHT * tile.level)
    return max(0, min(WIDTH, nodes - tile.first))


def split(hashes: bytes) -> list[bytes]:
    return [hashes[start : start + HASH_SIZE] for start in range(0, len(hashes), HASH_SIZE)]


def fold(hashes: list[bytes]) -> bytes:
    """The node above a power of two of hashes."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


def absent() -> NotFoundError:
    return NotFoundError("The log has no such tile.", vi="Nhật ký không có ô này.")
