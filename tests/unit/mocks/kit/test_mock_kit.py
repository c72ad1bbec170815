"""The kit on real sockets: every shared fault, the journal, the switches, and the control paths."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import loopback
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mocks._kit.app import build, fault_of, note
from mocks._kit.errors import ConnectionCut, MockDidNotStart
from mocks._kit.journal import Journal, masked
from mocks._kit.serve import serving
from mocks._kit.settings import Settings

processed: list[str] = []


async def echo(request: Request) -> Response:
    if fault_of(request, "refuse"):
        return JSONResponse({"code": "MOCK-NO"})
    processed.append((await request.body()).decode())
    note(request, known=True)
    return JSONResponse({"echo": processed[-1]})


@pytest.fixture(scope="module")
def app() -> Starlette:
    settings = Settings({"strict": True, "limit": 3, "paths": {"a": "/a", "b": "/b"}, "codes": []})
    return build(
        [Route("/{path:path}", echo, methods=["POST"])],
        name="sample",
        settings=settings,
        faults=("refuse",),
        reset=processed.clear,
    )


@pytest.fixture(scope="module")
def url(app: Starlette) -> Iterator[str]:
    with serving(app) as url:
        yield url


@pytest.fixture
def client(url: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client:
        client.post("/_mock/reset").raise_for_status()
        yield client


def on_the_wire(url: str, fault: str) -> bytes:
    """All bytes that a plain socket gets back until the server closes or has answered."""
    address = urlsplit(url)
    with socket.create_connection((address.hostname or "", address.port or 0), timeout=60) as wire:
        head = (
            f"POST /x HTTP/1.1\r\nHost: mock\r\nX-Mock-Fault: {fault}\r\nConnection: close\r\nContent-Length: 2\r\n\r\n"
        )
        wire.sendall(head.encode() + b"hi")
        answer = b""
        while part := wire.recv(65536):
            answer += part
    return answer


def test_cut_closes_the_connection_without_a_byte_and_processes_nothing(url: str, client: httpx.Client) -> None:
    assert on_the_wire(url, "cut") == b""
    assert processed == []
    (entry,) = client.get("/_mock/journal").json()["entries"]
    assert (entry["fault"], entry["status"], entry["facts"]) == ("cut", None, {})


def test_late_success_closes_the_connection_after_processing(url: str, client: httpx.Client) -> None:
    assert on_the_wire(url, "late_success") == b""
    assert processed == ["hi"]
    (entry,) = client.get("/_mock/journal").json()["entries"]
    assert (entry["status"], entry["reply"]) == (None, "")
    assert entry["facts"] == {"known": True, "unsent_status": 200}


def test_cut_on_a_connection_in_use_hits_that_call_alone(client: httpx.Client) -> None:
    assert client.post("/x", content="one").status_code == 200
    with pytest.raises(httpx.RemoteProtocolError):
        client.post("/x", content="two", headers={"X-Mock-Fault": "cut"})
    assert client.post("/x", content="three").status_code == 200
    assert processed == ["one", "three"]


@pytest.mark.parametrize(
    ("fault", "status", "content_type", "body"),
    [
        ("unavailable", 503, "text/plain; charset=utf-8", b"MOCK-UNAVAILABLE"),
        ("error", 500, "text/plain; charset=utf-8", b"MOCK-ERROR"),
        ("html", 502, "text/html; charset=utf-8", b"<html>"),
        ("empty", 200, None, b""),
        ("garbage", 200, "application/octet-stream", b"\x00\xff"),
    ],
)
def test_a_fault_answers_in_place_of_the_mock(
    client: httpx.Client, fault: str, status: int, content_type: str | None, body: bytes
) -> None:
    reply = client.post("/x", content="hi", headers={"X-Mock-Fault": fault})
    assert (reply.status_code, reply.headers.get("content-type")) == (status, content_type)
    assert reply.content.startswith(body)
    assert bool(reply.content) is bool(body)
    assert "retry-after" not in reply.headers
    assert processed == []


def test_unavailable_with_an_argument_says_when_to_come_back(client: httpx.Client) -> None:
    assert client.post("/x", headers={"X-Mock-Fault": "unavailable:30"}).headers["retry-after"] == "30"


def test_slow_outlasts_a_caller_without_patience_and_is_processed(client: httpx.Client) -> None:
    with pytest.raises(httpx.ReadTimeout):
        client.post("/x", content="hi", headers={"X-Mock-Fault": "slow:0.3"}, timeout=httpx.Timeout(60, read=0.05))
    assert client.post("/x", content="hi", headers={"X-Mock-Fault": "slow:0.01"}).json() == {"echo": "hi"}
    end = time.monotonic() + 60
    while len(processed) < 2 and time.monotonic() < end:  # the caller is gone, the call is not
        time.sleep(0.01)
    assert processed == ["hi", "hi"]


def test_a_mocks_own_fault_reaches_the_mock(client: httpx.Client) -> None:
    assert client.post("/x", headers={"X-Mock-Fault": "refuse:any"}).json() == {"code": "MOCK-NO"}


@pytest.mark.parametrize("fault", ["nonsense", "slow:soon", "slow:-1", "slow:inf", "slow:nan"])
def test_a_fault_that_nobody_knows_is_refused_both_ways(client: httpx.Client, fault: str) -> None:
    by_header = client.post("/x", headers={"X-Mock-Fault": fault})
    assert (by_header.status_code, by_header.json()["error"]) == (400, "MOCK-UNKNOWN-FAULT")
    assert client.post("/_mock/faults", json={"fault": fault}).status_code == 422
    assert processed == []


def test_a_planned_fault_strikes_the_named_times_where_it_fits(client: httpx.Client) -> None:
    client.post("/_mock/faults", json={"fault": "error", "times": 2, "path": "/x", "contains": "HS-1"})
    sent = [("/y", "HS-1"), ("/x", "HS-2"), ("/x", "<HS-1>"), ("/x", "HS-1"), ("/x", "HS-1")]
    assert [client.post(path, content=body).status_code for path, body in sent] == [200, 200, 500, 500, 200]
    assert client.get("/_mock/faults").json()["planned"] == []


def test_a_fault_planned_for_ever_strikes_until_it_is_cleared(client: httpx.Client) -> None:
    client.post("/_mock/faults", json={"fault": "unavailable", "times": None})
    assert [client.post("/x").status_code for _ in range(3)] == [503, 503, 503]
    client.delete("/_mock/faults")
    assert client.post("/x").status_code == 200


@pytest.mark.parametrize("body", [{"fault": "error", "time": 1}, {"fault": "error", "times": "2"}, {}, []])
def test_a_plan_that_makes_no_sense_is_refused(client: httpx.Client, body: object) -> None:
    assert client.post("/_mock/faults", json=body).status_code == 422
    assert client.get("/_mock/faults").json()["planned"] == []


def test_the_journal_keeps_the_whole_exchange_and_no_secret(client: httpx.Client) -> None:
    client.post("/x?msdn=99", content="Mẫu", headers={"Authorization": "Bearer top-secret", "ApiKey": "key"})
    (entry,) = client.get("/_mock/journal").json()["entries"]
    assert (entry["method"], entry["path"], entry["query"], entry["body"]) == ("POST", "/x", "msdn=99", "Mẫu")
    assert (entry["direction"], entry["status"], entry["reply"]) == ("received", 200, '{"echo":"Mẫu"}')
    assert entry["headers"]["authorization"] == masked("authorization", "Bearer top-secret")
    assert "top-secret" not in str(entry)
    assert entry["headers"]["apikey"].startswith("sha256:")


def test_the_journal_is_filtered_by_path_and_cleared_without_reusing_numbers(client: httpx.Client) -> None:
    for path in ("/token", "/x", "/token"):
        client.post(path)
    first = client.get("/_mock/journal", params={"path": "/token"}).json()["entries"]
    assert len(first) == 2
    assert client.delete("/_mock/journal").status_code == 204
    assert client.get("/_mock/journal").json() == {"entries": []}
    client.post("/x")
    assert client.get("/_mock/journal").json()["entries"][0]["seq"] > first[-1]["seq"]


def test_a_call_that_the_mock_makes_is_noted_as_sent() -> None:
    journal = Journal()
    entry = journal.send("POST", "http://gateway/inbound?x=1", headers=[("Cookie", "s")], body="{}")
    assert (entry.direction, entry.path, entry.query, entry.body) == ("sent", "http://gateway/inbound", "x=1", "{}")
    assert entry.headers["cookie"] != "s"
    assert journal.calls() == []


def test_switches_go_back_alone_and_the_journal_stays(client: httpx.Client) -> None:
    client.post("/x", content="hi")
    client.post("/_mock/settings", json={"strict": False, "paths": {"c": "/c"}})
    put_back = client.delete("/_mock/settings").json()
    assert (put_back["strict"], put_back["paths"]) == (True, {"a": "/a", "b": "/b"})
    assert len(client.get("/_mock/journal").json()["entries"]) == 1


def test_switches_change_at_run_time_and_go_back_on_reset(client: httpx.Client) -> None:
    changed = client.post("/_mock/settings", json={"strict": False, "paths": {"b": "/c"}, "codes": ["X"]}).json()
    assert changed == {"strict": False, "limit": 3, "paths": {"a": "/a", "b": "/c"}, "codes": ["X"]}
    client.post("/_mock/reset")
    assert client.get("/_mock/settings").json()["paths"] == {"a": "/a", "b": "/b"}


@pytest.mark.parametrize(
    "change", [{"unknown": 1}, {"strict": 1}, {"limit": True}, {"limit": "3"}, {"paths": []}, {"codes": "X"}]
)
def test_a_switch_of_another_name_or_type_is_refused_and_changes_nothing(
    client: httpx.Client, change: dict[str, object]
) -> None:
    before = client.get("/_mock/settings").json()
    assert client.post("/_mock/settings", json={"limit": 9, **change}).status_code == 422
    assert client.get("/_mock/settings").json() == before


def test_a_control_body_that_is_not_json_is_refused(client: httpx.Client) -> None:
    assert client.post("/_mock/settings", content="{").json()["error"] == "MOCK-CONTROL"


def test_reset_forgets_journal_plans_and_the_mocks_memory(client: httpx.Client) -> None:
    client.post("/x", content="hi")
    client.post("/_mock/faults", json={"fault": "error"})
    client.post("/_mock/reset")
    assert processed == []
    assert client.get("/_mock/journal").json() == {"entries": []}
    assert client.post("/x").status_code == 200


def test_health_names_the_mock_and_its_faults(client: httpx.Client) -> None:
    health = client.get("/_mock/health").json()
    assert (health["status"], health["mock"], health["requests"]) == ("ok", "sample", 0)
    assert {"slow", "cut", "refuse"} <= set(health["faults"])


def test_faults_do_not_strike_the_control_paths(client: httpx.Client) -> None:
    client.post("/_mock/faults", json={"fault": "unavailable", "times": None})
    assert client.get("/_mock/health", headers={"X-Mock-Fault": "cut"}).status_code == 200


async def test_a_server_that_cannot_cut_says_so(app: Starlette) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://mock") as client:
        with pytest.raises(ConnectionCut):
            await client.post("/x", headers={"X-Mock-Fault": "cut"})


def test_a_port_that_is_taken_is_reported(url: str, app: Starlette) -> None:
    with pytest.raises(MockDidNotStart), serving(app, urlsplit(url).port or 0):
        pytest.fail("served on a port that was taken")


def test_a_mock_that_is_no_longer_served_leaves_no_thread_and_no_port(app: Starlette) -> None:
    with serving(app) as url:
        port = urlsplit(url).port or 0
    assert not [thread for thread in threading.enumerate() if thread.name == "mock-0" and not thread.daemon]
    with serving(app, port) as again:
        assert loopback.get(f"{again}/_mock/health").status_code == 200
