"""Which protection the messages with one system have on a day, and what carries it out (`gateway.signing`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from gateway.sdk import InboundRequest, TrustError, Unsettled, WireReply, WireRequest
from gateway.signing.model import Trust
from gateway.signing.protection import Mark, Message, Opened, Protection, opened
from gateway.signing.settings import ProtectionSettings

SIGNED = "signed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Layer:
    """One rule, with what it takes."""

    rule: ProtectionSettings
    protection: Protection
    trust: Trust


class Safeguard:
    """The layers that one message gets, the first one innermost: sign, then encrypt."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = tuple(layers)
        self._of_replies = tuple(layer for layer in layers if layer.rule.replies == SIGNED)

    @property
    def layers(self) -> Sequence[Layer]:
        return self._layers

    @property
    def layers_of_replies(self) -> Sequence[Layer]:
        return self._of_replies

    @property
    def schemes(self) -> str:
        return "+".join(layer.rule.scheme for layer in self._layers)

    @property
    def schemes_of_replies(self) -> str:
        """Empty: the partner's contract leaves them unsigned, and they are read unsafe."""
        return "+".join(layer.rule.scheme for layer in self._of_replies)

    @property
    def takes_twice(self) -> bool:
        """Whether the same bytes may come again, since the partner sends them so when our answer was lost."""
        return any(layer.rule.replays == "handled_again" for layer in self._layers)

    def sign(self, request: WireRequest, *, at: datetime) -> WireRequest:
        """What travels. `ConfigurationError`: no key is in force."""
        message = _of_request(request)
        for layer in self._layers:
            message = layer.protection.sign(message, at=at)
        return replace(request, headers=message.headers, content=message.content)

    async def read(self, reply: WireReply, *, answers: WireRequest, at: datetime) -> WireReply:
        """What a reply says, once it is verified. `TrustError`: nothing of it is believed. `Unsettled`: a proxy, or a
        system that is down, said something that nobody signed; it may mean anything but success."""
        try:
            read = await _verified(self._of_replies, _of_reply(reply), at=at, answers=_of_request(answers))
            message = read[-1].reveal() if read else _of_reply(reply)
        except TrustError as exc:
            if reply.status == 429 or reply.status >= 500:
                raise Unsettled("An unsigned error came instead of a signed answer.", what="unsigned_error") from exc
            raise
        return replace(reply, headers=message.headers, content=message.content)

    async def read_request(self, request: InboundRequest, *, at: datetime) -> tuple[InboundRequest, Mark]:
        """What an inbound call says, once it is verified, and what must not come twice. `TrustError`."""
        innermost = (await _verified(self._layers, _of_inbound(request), at=at, answers=None))[-1]
        mark, message = innermost.mark(), innermost.reveal()
        return replace(request, headers=message.headers, content=message.content), mark

    def sign_reply(self, reply: WireReply, *, answers: InboundRequest, at: datetime) -> WireReply:
        message, asked = _of_reply(reply), _of_inbound(answers)
        for layer in self._of_replies:
            message = layer.protection.sign(message, at=at, answers=asked)
        return replace(reply, headers=message.headers, content=message.content)


async def _verified(
    layers: Sequence[Layer], message: Message, *, at: datetime, answers: Message | None
) -> list[Opened]:
    """From the outside in. A certificate inside is looked at when what is around it holds."""
    read: list[Opened] = []
    for layer in reversed(layers):
        read.append(opened(layer.protection, read[-1].reveal() if read else message))
        await layer.trust.learn(read[-1].unsafe_certificates(), at=at)
        read[-1].verify(at=at, answers=answers)
    return read


@dataclass(frozen=True, slots=True)
class Safeguards:
    """All rules of one system."""

    layers: Sequence[Layer] = ()

    def outbound(self, operation: str, *, on: date) -> Safeguard | None:
        """For a call that we make; None: no rule speaks of it."""
        return self._chosen(operation, on=on, direction="outbound")

    def inbound(self, path: str, *, on: date) -> Safeguard | None:
        """For a call to `/inbound/<system>/<path>`. A contract may know an address in a short and in a long spelling; a
        rule that names one of them holds for both, or the other one would be a way around it."""
        return self._chosen(path, on=on, direction="inbound")

    def _chosen(self, name: str, *, on: date, direction: str) -> Safeguard | None:
        """The youngest rules in force win; those that name the operation win over those that name none."""
        fitting = [
            layer
            for layer in self.layers
            if layer.rule.direction in {"both", direction}
            and layer.rule.since <= on
            and (not layer.rule.operations or any(_is_named(name, one) for one in layer.rule.operations))
        ]
        rank = max((_rank(layer) for layer in fitting), default=None)
        chosen = [layer for layer in fitting if _rank(layer) == rank]
        return Safeguard(chosen) if chosen else None


def _is_named(name: str, operation: str) -> bool:
    """The same, or one is the end of the other. Names of operations hold no `/`."""
    return name == operation or name.endswith(f"/{operation}") or operation.endswith(f"/{name}")


def _rank(layer: Layer) -> tuple[bool, date]:
    return bool(layer.rule.operations), layer.rule.since


def _of_request(request: WireRequest) -> Message:
    return Message(headers=_lower(request.headers), content=request.content, method=request.method, url=request.url)


def _of_reply(reply: WireReply) -> Message:
    return Message(headers=_lower(reply.headers), content=reply.content, status=reply.status)


def _of_inbound(request: InboundRequest) -> Message:
    return Message(headers=request.headers, content=request.content, method=request.method, url=request.url)


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
