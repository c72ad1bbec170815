"""One configured national system: its connector, its mapping, and the way there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from gateway.exchange.breaker import Breaker
from gateway.exchange.transport import Transport
from gateway.mapping import Mappings
from gateway.sdk import Connector, Operation, SystemSettings


@dataclass(frozen=True, kw_only=True)
class System:
    """Everything that an exchange with one system needs."""

    connector: Connector
    mappings: Mappings
    settings: SystemSettings
    transport: Transport
    breaker: Breaker

    @property
    def id(self) -> str:
        return self.connector.manifest.id

    @cached_property
    def operations(self) -> dict[str, Operation]:
        return {operation.name: operation for operation in self.connector.manifest.operations}
