"""Opens connections: names to addresses, TCP, TLS. Whatever goes wrong here, nothing of a request has left."""

from __future__ import annotations

import asyncio
import socket
import ssl
from asyncio.staggered import staggered_race
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import chain, zip_longest

from gateway.exchange.http1_request import Origin
from gateway.exchange.names import Address, Names
from gateway.sdk import TransientRemoteError

_NEXT_S = 0.25
"""After which another address of the same name is tried beside the one that does not answer (RFC 8305)."""
_PROMPT = 0.25
"""The part of the time for this step after which a name server is silent, where the last addresses are known."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """`step_s`: for the name and TCP, and again for TLS; `until`: for all of it, in the loop's time."""

    step_s: float
    until: float

    def step(self) -> asyncio.Timeout:
        return asyncio.timeout(self.left_s)

    @property
    def left_s(self) -> float:
        """For the next step."""
        return min(self.step_s, self.until - asyncio.get_running_loop().time())


async def dial(
    protocol: asyncio.Protocol, to: Origin, *, names: Names, tls: ssl.SSLContext | None, patience: Patience
) -> None:
    """`TransientRemoteError`: `partner.certificate` or `partner.not_connected`."""
    try:
        async with patience.step():
            prompt_s = _PROMPT * patience.left_s if tls else None
            plain = await connected(await names.addresses(to.host, to.port, prompt_s=prompt_s))
        async with patience.step():
            await asyncio.get_running_loop().create_connection(
                lambda: protocol, sock=plain, ssl=tls, server_hostname=to.host if tls else None
            )
    except (OSError, UnicodeError) as exc:  # ssl's errors, those of names and TimeoutError are OSErrors
        if _is_certificate(exc):
            raise TransientRemoteError(
                "The system's certificate does not hold; nothing was sent. Somebody may stand in between.",
                vi="Chứng thư số của hệ thống quốc gia không hợp lệ, cổng không gửi gì",
                what="certificate",
            ) from exc
        raise TransientRemoteError(
            "The system could not be reached.", vi="Không kết nối được hệ thống quốc gia", what="not_connected"
        ) from exc


async def connected(found: Sequence[Address]) -> socket.socket:
    """To the first that takes us. `OSError`: none does."""
    if len(found) == 1:
        return await _connect(found[0])
    failed: list[OSError] = []
    winner: socket.socket | None
    winner, _, _ = await staggered_race([partial(_try, one, failed) for one in _in_turns(found)], _NEXT_S)
    if winner is None:
        raise failed[-1]
    return winner


async def _try(address: Address, failed: list[OSError]) -> socket.socket:
    try:
        return await _connect(address)
    except OSError as exc:
        failed.append(exc)
        raise


async def _connect(address: Address) -> socket.socket:
    family, kind, protocol, _, where = address
    opened = socket.socket(family, kind, protocol)
    try:
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, True)
        await asyncio.get_running_loop().sock_connect(opened, where)
    except BaseException:
        opened.close()
        raise
    return opened


def _in_turns(found: Iterable[Address]) -> list[Address]:
    """The families in turns, the resolver's first choice first."""
    listed = list(found)
    first = [one for one in listed if one[0] == listed[0][0]]
    others = [one for one in listed if one[0] != listed[0][0]]
    return [one for one in chain.from_iterable(zip_longest(first, others)) if one is not None]


def _is_certificate(exc: BaseException | None) -> bool:
    while exc is not None:
        if isinstance(exc, ssl.SSLCertVerificationError):
            return True
        exc = exc.__cause__ or exc.__context__
    return False
