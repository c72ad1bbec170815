"""Everything that the pages call; `bootstrap` fills it in."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.api.services import Services
from gateway.delivery.store import Outbox
from gateway.diagnostics.service import Diagnostics
from gateway.diagnostics.signatures import Signatures
from gateway.mapping.book import Book
from gateway.operators.service import Operators


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Bàn điều khiển: the services of the API, and what people see beyond it."""

    services: Services
    operators: Operators
    outbox: Outbox
    targets: tuple[str, ...]
    """Ids of the configured systems."""
    book: Book
    diagnostics: Diagnostics
    signatures: Signatures
