"""kill -9 of the worker between claim and answer, over PostgreSQL and real sockets: the recheck is asked again, ends
once, and the client is called (SYN-08, POP-10)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import loopback
import pytest
from journey import FAST, free_ports, plan, until
from story import PURPOSE, Caller
from town import Town

SETTINGS = {
    **FAST,
    "LIENTHONG_RECHECKS__LADDER_S": "[0.3]",
    "LIENTHONG_RECHECKS__POLL_S": "0.1",
    "LIENTHONG_RECHECKS__LEASE_S": "3",
    "LIENTHONG_RECHECKS__CALLBACK_LADDER_S": "[0.2]",
}
CITIZEN = {"personal_id": "099185000001", "full_name": "Trần Thị Mẫu", "birth_date": "1985-06-15", "purpose": PURPOSE}


class Receiver(HTTPServer):
    """The one-stop system's own server; the first call to it fails."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        self.heard: list[tuple[dict[str, str], bytes]] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/thong-bao"


class _Heard(BaseHTTPRequestHandler):
    server: Receiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.heard.append((dict(self.headers.items()), body))
        self.send_response(204 if len(self.server.heard) > 1 else 503)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        yield server
        server.shutdown()


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """The register, the API and one worker."""
    town = Town(tmp_path, first_port=free_ports(), settings={**SETTINGS, "LIENTHONG_DATABASE_URL": database_url})
    try:
        town.start_mock("population")
        town.start_api()
        town.start_worker()
        yield town
    finally:
        town.stop()


def asked(town: Town) -> int:
    health = loopback.get(f"{town.mock_url('population')}/_mock/health")
    return int(health.json()["requests"])


def test_a_worker_killed_between_claim_and_answer_loses_no_recheck(town: Town, receiver: Receiver) -> None:
    """POP-10 (part), SYN-08 (part)."""
    printed = town.lienthong(
        "clients", "add", "motcua", "--scope", "citizens:verify", "--callback", receiver.url
    ).stdout.split()
    key, secret = (next(word for word in printed if word.startswith(start)) for start in ("lt_", "whsec_"))
    plan(town, "population", "unavailable", times=None)
    with closing(Caller(town, key)) as caller:
        first = caller.json("POST", "/v1/citizens/verification", CITIZEN)
        assert first["verdict"] == "undetermined"
        loopback.delete(f"{town.mock_url('population')}/_mock/faults")
        plan(town, "population", "slow:5", times=1)
        before = asked(town)
        wanted = {"operation": "verify_citizen", "request": CITIZEN, "callback": True, "reference": first["reference"]}
        taken = caller.send("POST", "/v1/rechecks", wanted)
        assert taken.status_code == 202, taken.text
        where = taken.headers["location"]

        until(lambda: asked(town), lambda count: count > before)  # it was claimed, and the answer is on its way
        town.kill("worker")
        assert caller.json("GET", where)["state"] == "waiting"
        town.start_worker()
        done = until(lambda: caller.json("GET", where), lambda view: view["callback"] == "delivered")

    assert (done["state"], done["result"]["verdict"]) == ("answered", "match")
    assert len(receiver.heard) == 2  # 503, then 204
    assert len({(headers["webhook-id"], body) for headers, body in receiver.heard}) == 1
    for headers, body in receiver.heard:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        key_bytes = base64.b64decode(secret.removeprefix("whsec_"))
        expected = base64.b64encode(hmac.digest(key_bytes, signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert json.loads(body)["recheck_id"] == done["recheck_id"]
    assert not any(word in repr(receiver.heard) for word in ("099185", "Mẫu", "match"))
    logs = "".join(file.read_text(errors="replace") for file in town.logs.glob("*.log"))
    assert "recheck_asked" in logs
    assert not any(word in logs for word in ("099185000001", "Mẫu", secret))
