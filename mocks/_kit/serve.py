"""Runs a mock on a real socket of 127.0.0.1, so that time-outs and cut connections are real."""

from __future__ import annotations

import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from mocks._kit.errors import MockDidNotStart
from mocks._kit.middleware import CUT_EXTENSION

HOST = "127.0.0.1"
START_LIMIT_S = 15.0
STOP_LIMIT_S = 5.0
STOP_SIGNALS = frozenset({signal.SIGTERM, signal.SIGINT})


class CuttableProtocol(HttpToolsProtocol):
    """uvicorn's HTTP protocol, handing the application a way to close the connection without an answer."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["extensions"] = {CUT_EXTENSION: self.transport.close}  # type: ignore[dict-item]  # ours is a function


class _Server(uvicorn.Server):
    """Says when it is up, so that nobody has to poll."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.up.set()


@contextmanager
def serving(app: ASGIApp, port: int = 0) -> Iterator[str]:
    """Serves `app` in a daemon thread until the block ends; yields its base URL, `http://127.0.0.1:<port>`.

    Port 0 is any free one. Raises `MockDidNotStart` when the port is taken.
    """
    listener = _listen(port)
    server = _Server(_config(app))
    thread = threading.Thread(target=server.run, args=([listener],), name=f"mock-{port}", daemon=True)
    thread.start()
    try:
        if not server.up.wait(START_LIMIT_S):
            raise MockDidNotStart(f"the mock on port {port} was not up after {START_LIMIT_S:.0f} s")
        yield f"http://{HOST}:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(STOP_LIMIT_S)
        listener.close()


@contextmanager
def stop_signals_held() -> Iterator[None]:
    """Holds SIGTERM and Ctrl-C back, so that `signal.sigwait(STOP_SIGNALS)` gets them; servers' threads inherit it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server((HOST, port))
    except OSError as exc:
        raise MockDidNotStart(f"port {port} cannot be opened: {exc.strerror}") from exc


def _config(app: ASGIApp) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=CuttableProtocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
