"""The dossier service over stores in memory, for unit tests."""

from __future__ import annotations

from typing import Any

from services import CONTEXT, Clock, ListedOutbox, ScriptedExchange, atomically, take_step

from gateway.dossiers.memory import MemoryDossiers
from gateway.dossiers.service import Dossiers

CODE = "000.00.05.H99-261120-0007"


async def payment_state(tenant: str, code: str) -> str:
    return "opened"


class House:
    def __init__(self) -> None:
        self.store = MemoryDossiers()
        self.outbox = ListedOutbox()
        self.service = Dossiers(
            self.store,
            self.outbox,  # type: ignore[arg-type]
            exchange=ScriptedExchange(),  # type: ignore[arg-type]
            atomically=atomically,
            clock=Clock(),
            payment_state=payment_state,
        )

    async def event(self, status: int, hour: int = 9, event_id: str = "", content: str = "Bước") -> Any:
        event = {
            "event_id": event_id or f"e{status}-{hour}",
            "status": status,
            "at": f"2026-11-20T{hour:02}:00:00+07:00",
            "content": content,
        }
        return await take_step(self.service, CODE, event, context=CONTEXT)
