"""Discovery by folder, and all mocks served by one process."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys

import loopback
import pytest

from mocks._kit import sandbox
from mocks._kit.discover import discover


def free_ports() -> dict[str, int]:
    """A free port for each mock; held open together so that no two are the same."""
    holders = {name: socket.create_server(("127.0.0.1", 0)) for name in discover()}
    ports = {name: holder.getsockname()[1] for name, holder in holders.items()}
    for holder in holders.values():
        holder.close()
    return ports


def test_every_folder_with_an_app_is_a_mock_and_the_kit_is_none() -> None:
    found = discover()
    assert {"population", "business_registry"} <= set(found)
    assert "_kit" not in found
    assert list(found) == sorted(found)


def test_no_two_mocks_share_a_port() -> None:
    ports = [module.PORT for module in discover().values()]
    assert len(set(ports)) == len(ports)


def test_every_mock_builds_and_answers_for_its_health() -> None:
    lines: list[str] = []
    answers: dict[str, str] = {}

    def look() -> None:
        for name, url in (line.split() for line in lines):
            answers[name] = loopback.get(f"{url}/_mock/health").json()["status"]

    sandbox.run(free_ports(), wait=look, say=lines.append)
    assert answers == dict.fromkeys(discover(), "ok")


def test_a_platform_finds_the_systems_behind_it_where_they_were_moved_to() -> None:
    found: dict[str, object] = {}

    def look() -> None:
        url = next(line.split()[1] for line in lines if line.startswith("vxp"))
        found.update(loopback.get(f"{url}/_mock/settings").json()["upstreams"])

    lines: list[str] = []
    ports = free_ports()
    sandbox.run(ports, wait=look, say=lines.append)
    assert set(found.values()) == {f"http://127.0.0.1:{ports[name]}" for name in ("population", "business_registry")}


def test_the_sandbox_stops_cleanly_on_sigterm() -> None:
    ports = free_ports()
    options = [f"--port={name}={port}" for name, port in ports.items()]
    command = [sys.executable, "-m", "mocks._kit.sandbox", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline().split() for _ in ports]
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=120)
    assert lines == [[name, f"http://127.0.0.1:{port}"] for name, port in ports.items()]
    assert (process.returncode, complaints) == (0, "")


def test_a_port_in_use_stops_the_sandbox_with_a_reason(capsys: pytest.CaptureFixture[str]) -> None:
    ports = free_ports()
    last = list(ports)[-1]
    with socket.create_server(("127.0.0.1", ports[last])):
        assert sandbox.main([f"--port={name}={port}" for name, port in ports.items()]) == 1
    assert str(ports[last]) in capsys.readouterr().err


@pytest.mark.parametrize("option", ["nobody=7999", "population", "population=x"])
def test_an_option_that_names_no_mock_or_port_is_refused(option: str) -> None:
    with pytest.raises(SystemExit) as stopped:
        sandbox.main(["--port", option])
    assert stopped.value.code == 2


def test_a_platform_by_itself_is_told_what_stands_behind_it() -> None:
    command = [sys.executable, "-m", "mocks._kit.alone", "vxp", "--port=0", "--upstream=VN:GOV:x=http://127.0.0.1:9"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        upstreams = loopback.get(f"{url}/_mock/settings").json()["upstreams"]
        process.send_signal(signal.SIGTERM)
        _, complaints = process.communicate(timeout=120)
    assert upstreams["VN:GOV:x"] == "http://127.0.0.1:9"
    assert (process.returncode, complaints) == (0, "")
