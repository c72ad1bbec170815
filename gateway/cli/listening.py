"""How the API listens: plain, or over TLS of its own with the callers' certificates handed on."""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import resource
import socket
import ssl
from collections.abc import Iterator
from functools import partial
from typing import Any

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.api.bodies import ARRIVED
from gateway.bootstrap import utc_now
from gateway.cli.callers import Callers
from gateway.sdk import ConfigurationError
from gateway.settings import Settings
from gateway.signing.keys import load_keys
from gateway.signing.listener import ask_for_certificates, server_context

SHUTDOWN_S = 20
READ_AHEAD = 16_384
"""Bytes of a body that lie here until somebody asks for them. More is left in the kernel, and then with the sender:
uvicorn's own limit is four times that, which is much where many send large files."""
KEEP_ALIVE_S = 75
"""Seconds that a connection without a request under way stays open. Longer than proxies and the pools of HTTP clients
keep a silent one (60 s as a rule): it is theirs to close, and no request meets a door that is just closing."""

LINGER_S = 20.0
"""Seconds that a connection we are done with waits for a peer who has not taken all of what was said to it. A peer who
takes nothing would otherwise keep it, and its descriptor, for ever: to close is to wait until all has left."""

HANDSHAKE_S = 10.0
"""Seconds that TLS may take to begin: until it has, nobody counts the connection."""

TAKEN_AT_ONCE = 16
OPEN_EACH = 4
"""Connections of callers for each request that may be under way: those of their pools mostly rest."""
MOST_FILES = 65_536
"""Descriptors that are asked for; the system's usual 1,024 are fewer than the callers that one process takes on."""


class HeadWithBody:
    """A transport whose first write waits for the second, or for the end of this turn of the loop: the head of an
    answer and its body leave as one packet (and one TLS record), with one call to the kernel."""

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self._transport = transport
        self._loop = loop
        self._held = b""

    def write(self, data: bytes) -> None:
        if self._held:
            self._transport.write(self._held + data)
            self._held = b""
        elif data:
            self._held = data
            self._loop.call_soon(self._release)

    def close(self) -> None:
        self._release()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._loop.call_later(LINGER_S, self._transport.abort)

    def _release(self) -> None:
        if self._held:
            self._transport.write(self._held)
            self._held = b""

    def __getattr__(self, name: str) -> Any:
        """The rest is the transport's own."""
        return getattr(self._transport, name)


class Server(uvicorn.Server):
    """Signals are the process's own matter: uvicorn's handlers raise them again when the last request is served, and
    the process is gone before the audit log could be closed and signed.

    libuv takes one connection in each turn of the loop. A turn under load is some ten milliseconds, so of 256 callers
    that connect together the last ones would wait for seconds before a byte of theirs is read. Hence each socket is
    listened on `TAKEN_AT_ONCE` times over."""

    async def serve(self, sockets: list[socket.socket] | None = None) -> None:
        await super().serve([each for one in sockets or () for each in _several(one)])

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """As uvicorn does it, which knows no times for TLS."""
        config, loop = self.config, asyncio.get_running_loop()
        protocol: Any = config.http_protocol_class
        self.servers = [
            await loop.create_server(
                partial(protocol, config=config, server_state=self.server_state, app_state={}),
                sock=one,
                backlog=config.backlog,
                ssl=config.ssl,
                ssl_handshake_timeout=HANDSHAKE_S if config.ssl else None,
                ssl_shutdown_timeout=LINGER_S if config.ssl else None,
            )
            for one in sockets or ()
        ]
        self.started = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class WithCertificates(HttpToolsProtocol):
    """Puts the peer's certificate into the scope, as the ASGI TLS extension names it, and whether the request is all
    there. httptools keeps one scope for each request, which it makes in `on_message_begin`.

    Who comes when there are too many (`callers`) is closed at once, unheard.

    Whoever has no request under way is waited for `KEEP_ALIVE_S`, from when it came or was last answered. uvicorn's own
    timer is gone with the next byte, whatever that is, and begins with the first answer: whoever sends no request at
    all, or a head or the rest of a body that never ends, would keep its connection for as long as it likes."""

    callers = Callers(math.inf)
    _is_counted = False
    _extension: dict[object, object] | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as the base class does
        super().connection_made(transport)
        self._is_counted = self.callers.come(self._address)
        if not self._is_counted:
            transport.abort()
            return
        self.transport = HeadWithBody(transport, self.loop)  # type: ignore[assignment]  # all that is called of one
        self.timeout_keep_alive_task = self.loop.call_later(self.timeout_keep_alive, self.timeout_keep_alive_handler)
        tls = transport.get_extra_info("ssl_object")
        if tls is None:
            return
        shown = tls.getpeercert(binary_form=True)
        chain = [ssl.DER_cert_to_PEM_cert(shown)] if shown else []
        self._extension = {"client_cert_chain": chain, "client_cert_error": None}

    @property
    def _address(self) -> str:
        return self.client[0] if self.client else ""

    def connection_lost(self, exc: Exception | None) -> None:
        """uvicorn lets the timer of a connection that broke run on, and the timer keeps all of its last request."""
        super().connection_lost(exc)
        if self._is_counted:
            self.callers.leave(self._address)
        self._unset_keepalive_if_required()

    def data_received(self, data: bytes) -> None:
        timer, self.timeout_keep_alive_task = self.timeout_keep_alive_task, None  # or it would be cancelled now
        super().data_received(data)
        if timer is None:
            return
        if self.cycle is None or self.cycle.response_complete:
            self.timeout_keep_alive_task = timer
        else:
            timer.cancel()

    def on_body(self, body: bytes) -> None:
        """Nothing is read ahead of an application that has not taken what is there. What comes after the answer is let
        go by: nobody would ever ask for more, and who does not read does not notice that the caller has left."""
        super().on_body(body)
        if not self.cycle.response_complete and len(self.cycle.body) >= READ_AHEAD:
            self.flow.pause_reading()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        if self._extension is not None:
            self.scope["extensions"] = {"tls": self._extension}

    def on_message_complete(self) -> None:
        """As a rule in the same turn of the loop as its head, and so before the application begins."""
        super().on_message_complete()
        self.scope[ARRIVED] = True  # type: ignore[literal-required]  # ours


def _several(one: socket.socket) -> list[socket.socket]:
    return [one, *(one.dup() for _ in range(TAKEN_AT_ONCE - 1))]


def most_open(under_way: int) -> int:
    """Connections of callers that a process holds. No more than half of the descriptors that it may have: the others
    are ours, or else callers could keep us from reaching any system, and from any file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = max(soft, min(hard, MOST_FILES))
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, hard))
    return min(OPEN_EACH * under_way, files // 2)


def config_of(settings: Settings, app: object) -> uvicorn.Config:
    """What a proxy says of callers is judged by `gateway.api.peer`, never by uvicorn."""
    own = settings.api
    context = tls_of(settings)
    most = most_open(own.max_under_way)
    callers = Callers(most, each=math.ceil(most * own.share_of_one), proxies=[*map(str, own.trusted_proxies)])
    return uvicorn.Config(
        app,  # type: ignore[arg-type]  # an ASGI application, whatever its class
        host=own.host,
        port=own.port,
        http=type("Bounded", (WithCertificates,), {"callers": callers}),
        lifespan="off",
        log_config=None,
        access_log=False,  # every call is in the audit log; an access log would repeat its path
        server_header=False,
        proxy_headers=False,
        ws="none",
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=SHUTDOWN_S,
        ssl_context_factory=(lambda *_: context) if context else None,
    )


def tls_of(settings: Settings) -> ssl.SSLContext | None:
    """None: no TLS of our own."""
    own = settings.api.tls
    if not own.key:
        return None
    wanted = {own.key: settings.keys[own.key]} if own.key in settings.keys else {}
    context = server_context(own.key, load_keys(wanted, environment=os.environ), at=utc_now())
    if own.client_certificates != "none":
        if own.client_ca not in settings.trust:
            words = f"api.tls.client_ca: [trust] has no {own.client_ca}."
            raise ConfigurationError(words, vi=words.replace("has no", "không có"), what="tls")
        ask_for_certificates(context, settings.trust[own.client_ca], shown=own.client_certificates)
    return context
