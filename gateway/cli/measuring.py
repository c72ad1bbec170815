"""Each process serves its own metrics, beside what it does, on a port of its own."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator

import structlog
import uvicorn

from gateway.bootstrap import Gateway, utc_now
from gateway.cli.listening import Server
from gateway.sdk import GatewayError
from gateway.traffic.metered import backlog_look, breaker_look

MOST_PROCESSES = 100
"""On one machine; so many ports from `metrics.port` on are tried."""

log = structlog.get_logger()


@contextlib.asynccontextmanager
async def measured(gateway: Gateway, *, process: str) -> AsyncIterator[None]:
    """Serve them meanwhile, where `metrics.port` is set."""
    metrics, own = gateway.ground.metrics, gateway.ground.settings.metrics
    if metrics is None:
        yield
        return
    from gateway.observability.metrics import MetricsPage  # its library takes long to load

    metrics.process.labels(process).set(1)
    ground, exchange = gateway.ground, gateway.ground.exchange
    metrics.looks += [
        backlog_look(gateway.stores.outbox, ground.tenant, targets=exchange.targets, clock=utc_now),
        breaker_look(exchange.systems.values()),
    ]
    config = uvicorn.Config(
        MetricsPage(metrics),
        lifespan="off",
        timeout_graceful_shutdown=1,
        log_config=None,
        access_log=False,
        server_header=False,
    )
    server, listening = Server(config), _next_free(own.host, own.port)
    log.info("metrics_listening", host=own.host, port=listening.getsockname()[1])
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        yield
    finally:
        server.should_exit = True
        await serving


def _next_free(host: str, first: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, first + MOST_PROCESSES):
        with contextlib.suppress(OSError):
            return socket.create_server((host, port), family=family)
    raise GatewayError(
        f"No port from {first} on of {host} can be opened for metrics.",
        vi=f"Không mở được cổng nào từ {first} trên {host} cho số đo.",
        what="port",
    )
