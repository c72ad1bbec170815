"""The mappings of all systems to read in: as they stand, as they were, and tried on a sample that goes nowhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from gateway.mapping.engine import Mappings, Tried
from gateway.mapping.model import Direction
from gateway.mapping.source import Example, Source, Used, read_examples, read_sources
from gateway.mapping.versions import Versions
from gateway.sdk.errors import FieldProblem, NotFoundError, ProtocolViolation
from gateway.sdk.inbound import strict_object


@dataclass(frozen=True, kw_only=True)
class Shelf:
    """One system's: what translates, and the folder that it was made from."""

    directory: Path
    title: str
    title_vi: str
    engine: Mappings

    @cached_property
    def mappings(self) -> Mapping[str, Source]:
        return read_sources(self.directory)


class Book:
    """Sổ ánh xạ. Read once; a process that serves reads it as it starts (`note`), when the exchange does."""

    def __init__(self, shelves: Mapping[str, Shelf], versions: Versions) -> None:
        self.shelves = shelves
        self._versions = versions

    async def note(self) -> list[Source]:
        """Keep what is used from now on; what changed without a new number is returned (`Versions.note`)."""
        return await self._versions.note(
            [source for shelf in self.shelves.values() for source in shelf.mappings.values()]
        )

    def source(self, system: str, operation: str) -> Source:
        """As it translates now. `NotFoundError`."""
        found = self._shelf(system).mappings.get(operation)
        if found is None:
            raise _unknown()
        return found

    def examples(self, system: str, operation: str) -> Sequence[Example]:
        return read_examples(self._shelf(system).directory, operation)

    async def used(self, system: str, operation: str) -> Sequence[Used]:
        """Every text that ever translated here, the newest first."""
        return await self._versions.listed(system, operation)

    def try_out(self, system: str, operation: str, *, direction: Direction, text: str) -> Tried:
        """A sample in JSON; nothing is sent and nothing is kept. What is not JSON is told as a problem of the whole."""
        self.source(system, operation)
        try:
            document = strict_object(text.encode())
        except (ProtocolViolation, UnicodeEncodeError):
            wrong = FieldProblem(
                "",
                "This is not one JSON object that everybody reads alike.",
                "Đây không phải một đối tượng JSON hợp lệ.",
            )
            return Tried(body={}, problems=(wrong,), steps=())
        return self._shelf(system).engine.try_out(operation, direction, document)

    def _shelf(self, system: str) -> Shelf:
        found = self.shelves.get(system)
        if found is None:
            raise _unknown()
        return found


def _unknown() -> NotFoundError:
    return NotFoundError("There is no such mapping.", vi="Không có ánh xạ này.")
