"""Proofs of a log of any size from a handful of tiles: which nodes a proof needs (pure), then one reading of them.

An inclusion proof (RFC 9162, 2.1.3) shows that a leaf stands in the tree of a checkpoint; a consistency proof (2.1.4)
that a newer tree only appended to an older one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from gateway.audit import tiles, tree
from gateway.audit.store import AuditReader
from gateway.audit.tiles import HEIGHT, WIDTH, TileId
from gateway.sdk.errors import IntegrityError, NotFoundError


@dataclass(frozen=True, slots=True)
class Node:
    """The root of the full subtree of 2^height leaves that begins at leaf index·2^height."""

    height: int
    index: int

    @property
    def level(self) -> int:
        return self.height // HEIGHT

    @property
    def start(self) -> int:
        """Its first hash, counted on its tile level."""
        return self.index << (self.height % HEIGHT)

    @property
    def count(self) -> int:
        return 1 << (self.height % HEIGHT)


Span = tuple[int, int]
"""Leaves from the first to before the second."""


def inclusion_spans(index: int, size: int) -> list[Span]:
    """The subtrees whose roots are the proof, nearest sibling first."""
    spans, first, last = list[Span](), 0, size
    while last - first > 1:
        middle = first + _split(last - first)
        if index < middle:
            spans.append((middle, last))
            last = middle
        else:
            spans.append((first, middle))
            first = middle
    return spans[::-1]


def consistency_spans(old: int, new: int) -> list[Span]:
    spans, first, last, known = list[Span](), 0, new, True
    if not 0 < old < new:
        return []
    while last != old:
        middle = first + _split(last - first)
        if old <= middle:
            spans.append((middle, last))
            last = middle
        else:
            spans.append((first, middle))
            first, known = middle, False
    if not known:
        spans.append((first, last))
    return spans[::-1]


def nodes_of(span: Span) -> Iterator[Node]:
    """The full subtrees that a span is made of, largest first; it begins where the largest may begin."""
    first, last = span
    while first < last:
        height = (last - first).bit_length() - 1
        yield Node(height, first >> height)
        first += 1 << height


def tiles_of(nodes: Iterable[Node], size: int) -> set[TileId]:
    """The tiles that hold the nodes, each as wide as it is in the log of `size` leaves."""
    found = set[TileId]()
    for node in nodes:
        tile = TileId(node.level, node.start // WIDTH)
        found.add(TileId(tile.level, tile.index, tiles.width_at(size, tile)))
    return found


class Prover:
    """Proofs of one tenant's log."""

    def __init__(self, reader: AuditReader, tenant: str) -> None:
        self._reader = reader
        self._tenant = tenant

    async def inclusion(self, index: int, size: int) -> Sequence[bytes]:
        """That leaf `index` stands in the first `size`; `NotFoundError` where there is no such leaf or size."""
        if not 0 <= index < size:
            raise _no_such_size()
        return await self.roots(inclusion_spans(index, size), size)

    async def consistency(self, old: int, new: int) -> Sequence[bytes]:
        """That the first `new` leaves begin with the first `old`. Nothing needs to be shown of an empty log."""
        if not 0 <= old <= new:
            raise _no_such_size()
        return await self.roots(consistency_spans(old, new), new)

    async def root(self, size: int) -> bytes:
        """Of the first `size` leaves."""
        if size == 0:
            return tree.EMPTY_ROOT
        return (await self.roots([(0, size)], size))[0]

    async def roots(self, spans: Sequence[Span], size: int) -> Sequence[bytes]:
        """Of each span of the first `size` leaves."""
        if size > (await self._reader.head(self._tenant)).size:
            raise _no_such_size()
        wanted = tiles_of((node for span in spans for node in nodes_of(span)), size)
        found = await self._reader.tiles(self._tenant, sorted(wanted))
        if len(found) < len(wanted):
            raise IntegrityError("The log lacks hashes.", vi="Nhật ký thiếu mã băm.", what="audit_tile")
        by_place = {(tile.level, tile.index): tiles.split(hashes) for tile, hashes in found.items()}
        return [_root(span, by_place) for span in spans]


def _root(span: Span, by_place: Mapping[tuple[int, int], Sequence[bytes]]) -> bytes:
    peaks = []
    for node in nodes_of(span):
        at = node.start % WIDTH
        peaks.append(tiles.fold(list(by_place[node.level, node.start // WIDTH][at : at + node.count])))
    return tree.Frontier(span[1] - span[0], tuple(peaks)).root()


def _split(count: int) -> int:
    return 1 << ((count - 1).bit_length() - 1)


def _no_such_size() -> NotFoundError:
    return NotFoundError("The log has no such leaf or size.", vi="Nhật ký không có dòng hoặc kích thước này.")
