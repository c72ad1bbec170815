"""What an API process loads before it answers: its start and its memory are mostly modules."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from operations import OPERATIONS

PROCESS = """
import asyncio, json, sys
import httpx
import gateway.cli.serve
from gateway.bootstrap import open_gateway
from gateway.cli.application import application
from gateway.clients.model import Scope
from gateway.settings import load_settings

async def main(database_url, *calls):
    async with open_gateway(load_settings(), database_url) as opened:
        await opened.note_mappings()
        key = await opened.able.authenticator.issue(opened.tenant, "motcua", scopes=tuple(Scope))
        transport, headers = httpx.ASGITransport(application(opened)), {"Authorization": f"Bearer {key}"}
        async with httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client:
            loaded = [sorted(sys.modules)]
            for method, path, body in map(json.loads, calls):
                await client.request(method, path, json=body)
                loaded.append(sorted(sys.modules))
    print(json.dumps(loaded))

asyncio.run(main(*sys.argv[1:]))
"""
LATER = {
    "argon2",
    "asn1crypto",
    "gateway.alerts.service",
    "gateway.api.schemas.agreements",
    "gateway.api.whole",
    "gateway.approvals.service",
    "gateway.bootstrap.working",
    "gateway.console.desk",
    "gateway.diagnostics.service",
    "gateway.facade.app",
    "gateway.operators.entrance",
    "gateway.privacy.desk",
    "gateway.reconciliation.model",
    "gateway.retention.postgres",
    "gateway.scores.service",
    "gateway.signing.web",
    "gateway.signing.xml",
    "gateway.transactions.postgres",
    "jinja2",
    "joserfc",
    "pyhanko",
    "reportlab",
    "typer",
    "xmlsec",
}
"""What staff, workers and single provinces need, or what few clients ask for."""


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
    return {
        **ours,
        "LIENTHONG_STATE": str(tmp_path),
        "LIENTHONG_SANDBOX": "true",
        "LIENTHONG_LOG_LEVEL": "CRITICAL",
        "PYTHONPATH": ":".join(sys.path),
    }


def test_a_process_begins_with_what_is_asked_every_day(database_url: str, environment: dict[str, str]) -> None:
    (lookup,) = [operation for operation in OPERATIONS if operation.name == "lookup_citizen"]
    first = ["POST", lookup.path, lookup.body]
    before, answered, rare = loaded(database_url, environment, first, ["GET", "/v1/catalogues", None])
    assert not before & LATER
    assert not ours(answered - before), "a look-up waits for these"
    assert "gateway.api.whole" in rare


def loaded(database_url: str, environment: dict[str, str], *calls: list[Any]) -> list[set[str]]:
    """The modules that were loaded before the first call, and after each."""
    command = [sys.executable, "-c", PROCESS, database_url, *map(json.dumps, calls)]
    said = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, timeout=120)
    return [set(names) for names in json.loads(said.stdout)]


def ours(names: set[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(("gateway.", "connectors.")))
