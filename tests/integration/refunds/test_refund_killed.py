"""kill -9 of the worker while the rail holds the order of a refund, over PostgreSQL and real sockets: the rail pays
back once, the books say it once, and the one-stop system is told."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import loopback
import pytest
from journey import FAST, free_ports, plan, until
from story import Caller, payment_document
from town import Town

DECISION = {"number": "12/QĐ-UBND", "day": "2026-11-23"}


class OneStop(ThreadingHTTPServer):
    """What the one-stop system was told."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Heard)
        self.told: list[dict[str, Any]] = []
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/thong-bao"


class _Heard(BaseHTTPRequestHandler):
    server: OneStop

    def do_POST(self) -> None:
        told = json.loads(self.rfile.read(int(self.headers["content-length"])))
        if told not in self.server.told:  # a repeat has the same bytes
            self.server.told.append(told)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        return None


@pytest.fixture
def one_stop() -> Iterator[OneStop]:
    with OneStop() as server:
        yield server
        server.shutdown()


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    """VNPAY, the API and one worker."""
    settings = {**FAST, "LIENTHONG_RECHECKS__POLL_S": "0.1", "LIENTHONG_DATABASE_URL": database_url}
    town = Town(tmp_path, first_port=free_ports(), settings=settings)
    try:
        town.start_mock("vnpay")
        town.start_api()
        town.start_worker()
        yield town
    finally:
        town.stop()


def at_vnpay(town: Town, payment_id: str, action: str = "") -> Any:
    url = f"{town.mock_url('vnpay')}/_mock/transactions/{payment_id}"
    if not action:
        return loopback.get(url).json()
    return loopback.post(url, json={"action": action, "copies": 0}).raise_for_status().json()


def holds_an_order(town: Town) -> bool:
    """Whether VNPAY has heard the one that the planned fault keeps back; there may be other calls."""
    entries = loopback.get(f"{town.mock_url('vnpay')}/_mock/journal").json()["entries"]
    return any(entry["fault"] for entry in entries)


def paid(town: Town, caller: Caller) -> str:
    """A payment that asking found out to be paid."""
    opened = caller.send("POST", "/v1/payments", {**payment_document(), "rail": "vnpay"})
    assert opened.status_code == 201, opened.text
    payment = opened.json()
    loopback.get(payment["pay_url"])
    at_vnpay(town, payment["id"], "pay")
    assert caller.send("POST", f"/v1/payments/{payment['id']}/check").status_code == 202
    shown = until(lambda: caller.json("GET", f"/v1/payments/{payment['id']}"), lambda p: p["state"] == "paid")
    assert shown["state"] == "paid"
    return str(payment["id"])


def test_a_worker_killed_with_an_order_in_the_air_refunds_once(town: Town, one_stop: OneStop) -> None:
    """PAY-16, PAY-08 (part), F34."""
    printed = town.lienthong(
        "clients", "add", "motcua", "--scope", "payments:write", "--scope", "payments:read", "--callback", one_stop.url
    ).stdout.split()
    with closing(Caller(town, next(word for word in printed if word.startswith("lt_")))) as caller:
        payment_id = paid(town, caller)
        amount = caller.json("GET", f"/v1/payments/{payment_id}")["amount"]
        asked = {"amount": amount, "refundable": amount, "reason": "Hồ sơ bị từ chối", "requested_by": "canbo.mau"}
        taken = caller.send("POST", f"/v1/payments/{payment_id}/refunds", asked)
        assert taken.status_code == 201, taken.text
        where = taken.headers["location"]
        plan(town, "vnpay", "slow:8", contains='"refund"')
        allowed = caller.send("POST", f"{where}/approval", {"approved_by": "chutich.mau", "decision": DECISION})
        assert allowed.status_code == 200, allowed.text

        until(lambda: holds_an_order(town), bool)  # the rail has heard it, and acts later
        town.kill("worker")
        until(lambda: at_vnpay(town, payment_id)["refunds"], bool)
        assert caller.json("GET", where)["state"] in {"sent", "unknown"}
        at_vnpay(town, payment_id, "refund_done")
        town.start_worker()
        done = until(lambda: caller.json("GET", where), lambda refund: refund["state"] == "done")
        assert done["state"] == "done", done
        assert len(at_vnpay(town, payment_id)["refunds"]) == 1
        listed = caller.json("GET", f"/v1/payments/{payment_id}/refunds")
        assert (listed["refundable"], len(listed["refunds"])) == (0, 1)
        wanted = {"payment.paid": 1, "receipt.issued": 4, "refund.done": 1}
        until(lambda: Counter(told["type"] for told in one_stop.told), lambda types: types == wanted)
    assert Counter(told["type"] for told in one_stop.told) == wanted
    assert one_stop.told[0]["type"] == "payment.paid"
    amounts = [told["amount"] for told in one_stop.told if told["type"] == "receipt.issued"]
    assert sum(amounts[:2]) == amount  # of the fee and of the charge
    assert amounts[2:] == [0, 0]  # nothing is left of either
    assert {told["payment_id"] for told in one_stop.told} == {payment_id}
    logs = "".join(file.read_text(errors="replace") for file in town.logs.glob("*.log"))
    assert "refund_done" in logs
    assert not any(word in logs for word in ("099185000001", "Mẫu", "Hồ sơ bị từ chối"))
