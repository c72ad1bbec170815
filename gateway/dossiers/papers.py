"""What the stored files that a dossier names add to its delivery (SYN-07).

A system that is sent files gets each one once per dossier, before the dossier that names it. Any other is given links,
which expire: they stand in the message alone, so the stored document is what the province said, whenever it is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol

import orjson

from gateway.delivery.model import UPLOAD, StreamKey
from gateway.dossiers.telling import STEP, Told
from gateway.exchange.model import Exchange
from gateway.sdk.errors import FieldProblem, TrustError, UnprocessableError
from gateway.sdk.wire import Attachment


class FileShelf(Protocol):
    """Stored files, as far as dossiers care."""

    async def unknown(self, tenant: str, file_ids: Iterable[str]) -> frozenset[str]:
        """Those that are not stored."""

    async def file(self, tenant: str, file_id: str) -> Attachment:
        """Compared with its digest, and ready to be read."""

    async def assign(self, stream: StreamKey, file_ids: Sequence[str]) -> Sequence[str]:
        """Note that they go out in `stream`; those that did not before."""

    def link(self, tenant: str, file_id: str) -> str:
        """Where the file can be fetched for a while."""


class Seals(Protocol):
    """Says whether a result is the signed document that it must be."""

    async def verify(self, content: bytes, *, at: datetime) -> None:
        """`TrustError` otherwise."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a dossier cannot name a file."""

    what: str
    detail: str
    detail_vi: str


WHOLE = 2
"""Results that are in memory at a time: a signature is verified over all of a document."""

UNKNOWN = Fault(
    "unknown_file", "No file has this id; send PUT /v1/files/{id} first.", "Chưa có tệp này; hãy gửi tệp trước."
)


class Papers:
    """The files of dossiers on their way out."""

    def __init__(
        self,
        shelf: FileShelf,
        exchange: Exchange,
        *,
        clock: Callable[[], datetime],
        seals: Seals | None = None,
    ) -> None:
        """`seals`: results are published only when their signatures hold (SIG-08); None: nobody asks."""
        self._shelf = shelf
        self._exchange = exchange
        self._clock = clock
        self._seals = seals
        self._whole = asyncio.Semaphore(WHOLE)

    async def faults(self, documents: Iterable[Mapping[str, Any]], *, tenant: str) -> Mapping[str, Fault]:
        """The ids of files that these name and must not: never handed over, or a result that is not signed as it
        should be."""
        listed = list(documents)
        named = {paper["file_id"] for _, paper in _named(listed)}
        if not named:
            return {}
        found = dict.fromkeys(await self._shelf.unknown(tenant, named), UNKNOWN)
        if self._seals is not None:
            results = {paper["file_id"] for document in listed for _, paper in _named(document.get("results", []))}
            for file_id in results - found.keys():
                if fault := await self._unsealed(file_id, self._seals, tenant=tenant):
                    found[file_id] = fault
        return found

    async def _unsealed(self, file_id: str, seals: Seals, *, tenant: str) -> Fault | None:
        try:
            async with self._whole:
                await seals.verify(await (await self._shelf.file(tenant, file_id)).whole(), at=self._clock())
        except TrustError as exc:
            return Fault("result_signature", f"{exc.detail} It is not published.", f"{exc.detail_vi} Chưa công bố.")
        return None

    def fit(self, told: Sequence[Told], *, stream: StreamKey) -> list[Told]:
        """The same messages, fit for their target: with links, unless it is sent the files themselves. A step carries
        no papers; they go with the dossier."""
        if self._takes_files(stream):
            return list(told)
        link = partial(self._shelf.link, stream.tenant)
        return [one if one.operation == STEP else _linked_message(one, link) for one in told]

    async def uploads(self, documents: Iterable[Mapping[str, Any]], *, stream: StreamKey) -> list[Told]:
        """What goes before these to a target that is sent files: each file that did not go there before."""
        if not self._takes_files(stream):
            return []
        names = {paper["file_id"]: paper["name"] for document in documents for _, paper in _named(document)}
        if not names:
            return []
        new = await self._shelf.assign(stream, list(names))
        return [Told(UPLOAD, {"file": file_id, "name": names[file_id]}) for file_id in new]

    def _takes_files(self, stream: StreamKey) -> bool:
        return self._exchange.offers(UPLOAD, target=stream.target)


def check(document: Mapping[str, Any], faults: Mapping[str, Fault]) -> None:
    """`UnprocessableError` naming each paper whose file cannot be named."""
    if not faults:
        return
    found = [(pointer, faults[paper["file_id"]]) for pointer, paper in _named(document) if paper["file_id"] in faults]
    if found:
        first = found[0][1]
        fields = [FieldProblem(f"{pointer}/file_id", fault.detail, fault.detail_vi) for pointer, fault in found]
        raise UnprocessableError(first.detail, vi=first.detail_vi, what=first.what, fields=fields)


def _named(document: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Every paper that names a stored file, wherever it stands, and a JSON pointer to it."""
    return _walk(document, "") if _names_any(document) else ()


def _names_any(document: Any) -> bool:
    """Hardly any document names one, and each is looked through several times: so first as bytes. A text that says the
    same has its quotes escaped there."""
    return b'"file_id":' in orjson.dumps(document, default=dict)


def _walk(value: Any, pointer: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
    if isinstance(value, Mapping) and "file_id" in value:
        yield pointer, value
    pairs = value.items() if isinstance(value, Mapping) else enumerate(value) if isinstance(value, list) else ()
    for name, inner in pairs:
        yield from _walk(inner, f"{pointer}/{name}")


def _linked_message(told: Told, link: Callable[[str], str]) -> Told:
    return Told(told.operation, _linked(told.document, link)) if _names_any(told.document) else told


def _linked(value: Any, link: Callable[[str], str]) -> Any:
    """A copy in which every such paper has a link beside its file's id."""
    if isinstance(value, list):
        return [_linked(inner, link) for inner in value]
    if not isinstance(value, Mapping):
        return value
    copy = {name: _linked(inner, link) for name, inner in value.items()}
    return {**copy, "url": link(value["file_id"])} if "file_id" in value else copy
