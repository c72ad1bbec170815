"""The processes: the API and the workers. Either stops on SIGTERM after it has finished what is under way."""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import os
import signal
import socket
import time
from collections.abc import Coroutine
from typing import Any

import structlog
import uvicorn

from gateway.bootstrap import Gateway, database_url, open_gateway, prepare_state, utc_now
from gateway.cli.collector import settle, tidy
from gateway.cli.listening import Server, config_of
from gateway.cli.measuring import measured
from gateway.cli.output import progress
from gateway.cli.seat import sit
from gateway.clients.usage import SYNC_S
from gateway.database import ensure_partitions, migrate
from gateway.observability import configure_logging
from gateway.sdk import ConfigurationError, GatewayError
from gateway.settings import Settings

SUPERVISOR = "LIENTHONG_SUPERVISOR"
"""Process id of the supervisor that started this process and takes it along when it dies."""
LISTENING = "LIENTHONG_LISTENING"
"""File descriptor of the socket on which all API processes of one supervisor listen."""

KERNEL_HOLDS = 32_768
"""Bytes that the kernel holds of a connection until we read them, and then gives us at once. Its usual megabytes would
lie in memory for each of many who send large files."""

HOUSEKEEPING_S = 3600.0
CHORES_S = 60.0
PATIENCE_S = 60.0
PR_SET_PDEATHSIG = 1

log = structlog.get_logger()


def is_one_of_many() -> bool:
    """Whether a supervisor started this process beside others like it."""
    return LISTENING in os.environ


def api(settings: Settings) -> None:
    _start(settings, _serve_api, name="api")


def worker(settings: Settings) -> None:
    _start(settings, _serve_worker, name="worker")


def migrate_now(settings: Settings) -> list[str]:
    prepare_state(settings)
    with progress.status("") as status, database_url(settings, progress=status.update) as dsn:
        return asyncio.run(migrate(dsn))


def _start(settings: Settings, serve: Any, *, name: str) -> None:
    configure_logging(settings.log_level, process=name)
    _die_with_supervisor()
    with database_url(settings) as dsn:
        _run(_open(settings, dsn, serve, name=name))


async def _open(settings: Settings, dsn: str, serve: Any, *, name: str) -> None:
    await migrated(dsn)
    async with open_gateway(settings, dsn, serves=name == "api") as gateway:
        await gateway.note_mappings()
        async with measured(gateway, process=name):
            await serve(gateway)


async def migrated(dsn: str) -> None:
    """A database that restarts, or starts later than we do, is waited for; one that never comes is told."""
    end = time.monotonic() + PATIENCE_S
    while True:
        try:
            await migrate(dsn)
        except ConfigurationError as exc:
            if exc.error_code != "operator.database_unreachable" or time.monotonic() > end:
                raise
            log.warning("database_awaited", patience_s=round(end - time.monotonic()))
            await asyncio.sleep(0.5)
        else:
            return


async def _serve_api(gateway: Gateway) -> None:
    from gateway.cli.application import application  # the web framework: workers need none of it

    own = gateway.ground.settings.api
    config = config_of(gateway.ground.settings, application(gateway))
    server = Server(config)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, _end, server, gateway, number)
    listening = _handed_on() or listen(own.host, own.port)
    await sit(gateway.ground.settings)
    freed = await gateway.stores.answers.succeed()
    log.info("api_listening", host=own.host, port=own.port, requests_left_behind=freed)
    settle()
    keeping = asyncio.gather(_share_usage(gateway), tidy())
    await server.serve(sockets=[listening])
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping
    await gateway.services.gate.usage.sync()


async def _share_usage(gateway: Gateway) -> None:
    """What clients called is handed over also when nobody calls."""
    while True:
        await asyncio.sleep(SYNC_S)
        try:
            await gateway.services.gate.usage.sync()
        except Exception:
            log.exception("usage_not_shared")


def _end(server: uvicorn.Server, gateway: Gateway, number: int) -> None:
    """A live page has no end of its own; without this the server would wait for it."""
    if gateway.desks.made:
        gateway.desk.live.close()
    server.handle_exit(number, None)


def _handed_on() -> socket.socket | None:
    """The supervisor's."""
    number = os.environ.get(LISTENING)
    return socket.socket(fileno=int(number)) if number else None


def listen(host: str, port: int) -> socket.socket:
    """`GatewayError`: the port is somebody's."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listening = socket.create_server((host, port), family=family, backlog=1024)
    except OSError as exc:
        raise GatewayError(
            f"Port {port} of {host} cannot be opened: {exc.strerror}.",
            vi=f"Không mở được cổng {port} trên {host}.",
            what="port",
        ) from exc
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, KERNEL_HOLDS)
    return listening


async def _serve_worker(gateway: Gateway) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    work = gateway.work
    keeping = asyncio.gather(_keep_house(gateway), _do_chores(gateway), tidy())
    name = f"{socket.gethostname()}/{os.getpid()}"
    settle()
    log.info("worker_started", worker=name)
    await asyncio.gather(
        work.worker(name).run(gateway.ground.bell, stop=stop),
        work.rechecker(name).run(stop=stop),
        work.messenger(name).run(stop=stop),
        gateway.able.issuing.run(gateway.tenant, stop=stop),
        work.following.run(stop=stop),
        *(part.run(stop=stop) for part in work.alerting(name)),
    )
    keeping.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await keeping


async def _keep_house(gateway: Gateway) -> None:
    """Next month's partitions; idempotency keys, marks and copies of look-ups whose time is over."""
    while True:
        try:
            await ensure_partitions(gateway.ground.database, now=utc_now())
            await gateway.stores.answers.expire(now=utc_now())
            await gateway.work.forget()
        except Exception:
            log.exception("housekeeping_failed")
        await asyncio.sleep(HOUSEKEEPING_S)


async def _do_chores(gateway: Gateway) -> None:
    """What is due at its hour, such as the nightly comparison; what others attest of the log."""
    while True:
        try:
            await gateway.work.nightly()
        except Exception:
            log.exception("nightly_failed")
        try:
            await gateway.work.attest()
        except Exception:
            log.exception("attesting_failed")
        try:
            await gateway.work.keep()
        except Exception:
            log.exception("suspension_not_kept")
        await asyncio.sleep(CHORES_S)


def _run(main: Coroutine[Any, Any, None]) -> None:
    try:
        import uvloop
    except ImportError:
        asyncio.run(main)
    else:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(main)


def _die_with_supervisor() -> None:
    """So that a gateway whose supervisor was killed can be started again at once."""
    supervisor = os.environ.get(SUPERVISOR)
    if supervisor is None:
        return
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
    if os.getppid() != int(supervisor):
        raise GatewayError("The supervisor is gone.", vi="Tiến trình giám sát không còn.", what="supervisor_gone")
