"""What the stored files that a dossier names add to its delivery (SYN-07).

A system that is sent files gets each one once per dossier, before the dossier that names it. Any other is given links,
which expire: they stand in the message alone, so the stored document is what the province said, whenever it is sent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Protocol

from gateway.delivery.model import StreamKey
from gateway.dossiers.telling import STEP, Told
from gateway.exchange.model import Exchange
from gateway.sdk.errors import FieldProblem, UnprocessableError

UPLOAD = "upload_file"
"""Hands a stored file over; offered by systems that want files before what names them."""


class FileShelf(Protocol):
    """Stored files, as far as dossiers care."""

    async def unknown(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        """Those that are not stored."""

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        """Note that they go out in `stream`; those that did not before."""

    def link(self, tenant: str, file_id: str) -> str:
        """Where the file can be fetched for a while."""


class Papers:
    """The files of dossiers on their way out."""

    def __init__(self, shelf: FileShelf, exchange: Exchange) -> None:
        self._shelf = shelf
        self._exchange = exchange

    async def check(self, document: Mapping[str, Any], *, tenant: str) -> None:
        """`UnprocessableError` naming each paper whose file was never handed over."""
        named = list(_named(document))
        unknown = await self._shelf.unknown(tenant, {paper["file_id"] for _, paper in named}) if named else ()
        english, vietnamese = (
            "No file has this id; send PUT /v1/files/{id} first.",
            "Chưa có tệp này; hãy gửi tệp trước.",
        )
        fields = [
            FieldProblem(f"{pointer}/file_id", english, vietnamese)
            for pointer, paper in named
            if paper["file_id"] in unknown
        ]
        if fields:
            raise UnprocessableError(english, vi=vietnamese, what="unknown_file", fields=fields)

    async def out(self, told: Sequence[Told], *, stream: StreamKey) -> list[Told]:
        """The same messages, fit for their target. A step carries no papers; they go with the dossier."""
        fit: list[Told] = []
        for one in told:
            names = {paper["file_id"]: paper["name"] for _, paper in _named(one.document)}
            if not names or one.operation == STEP:
                fit.append(one)
            elif self._exchange.offers(UPLOAD, target=stream.target):
                new = await self._shelf.assign(stream, list(names))
                fit += [*(Told(UPLOAD, {"file": file_id, "name": names[file_id]}) for file_id in new), one]
            else:
                fit.append(Told(one.operation, _linked(one.document, partial(self._shelf.link, stream.tenant))))
        return fit


def _named(value: Any, pointer: str = "") -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Every paper that names a stored file, wherever it stands, and a JSON pointer to it."""
    if isinstance(value, Mapping) and "file_id" in value:
        yield pointer, value
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from _named(inner, f"{pointer}/{name}")


def _linked(value: Any, link: Callable[[str], str]) -> Any:
    """A copy in which every such paper has a link beside its file's id."""
    if isinstance(value, list):
        return [_linked(inner, link) for inner in value]
    if not isinstance(value, Mapping):
        return value
    copy = {name: _linked(inner, link) for name, inner in value.items()}
    return {**copy, "url": link(value["file_id"])} if "file_id" in value else copy
