"""Ask the target before a message is sent that it may have already."""

from __future__ import annotations

import structlog

from gateway.delivery.courier import Courier, context_of
from gateway.delivery.model import Claim, Message, Trouble, call_of
from gateway.delivery.troubles import NOT_TOLD
from gateway.sdk import Call, CannotTell, TookEffect

log = structlog.get_logger()


class Asking:
    """What is in doubt, and what the target says of it."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier

    def comes_first(self, claim: Claim, message: Message) -> bool:
        is_first = claim.acknowledged == 0
        return claim.doubts(message) or (is_first and self._courier.asks_first(claim.stream, message.operation))

    async def before(self, claim: Claim, message: Message) -> Call | TookEffect:
        """The call to send now, unless it took effect earlier. `HeldError`: the target does not tell."""
        call = call_of(message, known=claim.known)
        if not self.comes_first(claim, message):
            return call
        settlement = await self._courier.settle(claim.stream, call, context=context_of(claim.stream, message))
        if isinstance(settlement, TookEffect):
            log.info("message_had_arrived", target=claim.stream.target, operation=message.operation)
            return settlement
        if isinstance(settlement, CannotTell):
            raise HeldError(Trouble(code=NOT_TOLD, detail=settlement.reason, detail_vi=settlement.reason_vi))
        return settlement.call


class HeldError(Exception):
    """A person must look before this message goes out."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.code)
        self.trouble = trouble
