"""A process that is measured serves its figures itself; two on one machine take ports side by side."""

from __future__ import annotations

from contextlib import AsyncExitStack
from pathlib import Path

import httpx
import pytest
from postgres import reachable_folder
from structlog.testing import capture_logs

from gateway.bootstrap import open_gateway
from gateway.cli.measuring import measured
from gateway.database import migrate
from gateway.settings import Settings


async def test_two_processes_are_measured_each_by_itself(
    database_url: str, monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int
) -> None:
    for name in ("LIENTHONG_STATE", "LIENTHONG_SANDBOX"):
        monkeypatch.delenv(name, raising=False)
    with reachable_folder() as folder:
        settings = Settings(
            state=Path(folder),
            sandbox=True,
            metrics={"port": unused_tcp_port},  # type: ignore[arg-type]  # as from a file
        )
        await migrate(database_url)
        async with AsyncExitStack() as stack, httpx.AsyncClient(trust_env=False, timeout=60) as http:
            with capture_logs() as lines:
                for process in ("api", "worker"):
                    gateway = await stack.enter_async_context(open_gateway(settings, database_url))
                    await stack.enter_async_context(measured(gateway, process=process))
            ports = [line["port"] for line in lines if line["event"] == "metrics_listening"]
            pages = [await _page(http, port) for port in ports]
        assert unused_tcp_port <= ports[0] < ports[1]  # the next free ones: others may take some between
        assert 'lienthong_process{process="api"} 1.0' in pages[0]
        assert 'lienthong_process{process="worker"} 1.0' in pages[1]
        assert all("process_resident_memory_bytes" in page for page in pages)


async def _page(http: httpx.AsyncClient, port: int) -> str:
    return (await http.get(f"http://127.0.0.1:{port}/metrics")).raise_for_status().text
