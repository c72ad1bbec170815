"""The demo's processes: the gateway (database, API, worker) and the four mock national systems, on loopback."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
API = "http://127.0.0.1:7100"
PORTS = {"gateway": 7100, "population": 7101, "business_registry": 7102, "national_portal": 7103, "payment": 7104}
BIN = Path(sys.executable).parent
WAIT_S = 90.0


class TownError(Exception):
    """A process did not come up; the text says which and where its log is."""


def mock_url(system: str) -> str:
    return f"http://127.0.0.1:{PORTS[system]}"


class Town:
    """Starts, kills and stops the processes. Each writes its own log under `.run/demo/`."""

    def __init__(self) -> None:
        self.logs = ROOT / ".run" / "demo"
        shutil.rmtree(self.logs, ignore_errors=True)
        self.logs.mkdir(parents=True)
        self.state = _state_folder()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.environment = {
            **os.environ,
            "LIENTHONG_STATE": str(self.state),
            "LIENTHONG_SANDBOX": "true",
            "LIENTHONG_DELIVERY__SETTLE_AFTER_S": "0.5",
            "LIENTHONG_DELIVERY__BACKOFF_BASE_S": "0.3",
            "LIENTHONG_DELIVERY__BACKOFF_CAP_S": "1",
            "LIENTHONG_DELIVERY__LEASE_S": "10",
            "LIENTHONG_BREAKER__COOL_DOWN_S": "1",
        }
        for name in ("LIENTHONG_DATABASE_URL", "LIENTHONG_CONFIG"):
            self.environment.pop(name, None)

    def start_mock(self, system: str) -> None:
        """The portal keeps what it stored in a file, so that it can be killed and come back."""
        arguments = ["--port", str(PORTS[system])]
        if system == "national_portal":
            arguments += ["--set", f"state_file={self.logs / 'portal.jsonl'}"]
        self._start(system, [str(BIN / "python"), "-m", "mocks._kit.alone", system, *arguments])
        self._wait(system, f"{mock_url(system)}/_mock/health")

    def start_gateway(self) -> None:
        self._start("gateway", [str(BIN / "lienthong"), "run"])
        self._wait("gateway", f"{API}/readyz")

    def kill(self, name: str) -> None:
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def lienthong(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """One command of the CLI, as an operator would type it."""
        command = [str(BIN / "lienthong"), *arguments]
        return subprocess.run(
            command, env=self.environment, cwd=ROOT, capture_output=True, text=True, check=check, timeout=120
        )

    def stop(self) -> None:
        for process in self.processes.values():
            process.send_signal(signal.SIGTERM)
        for process in self.processes.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)
            process.kill()
            process.wait()
        self.processes.clear()
        shutil.rmtree(self.state, ignore_errors=True)

    def _start(self, name: str, command: list[str]) -> None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", PORTS[name])) == 0:
                raise TownError(
                    f"Port {PORTS[name]} is in use; {name} needs it. Stop what listens there and try again."
                )
        with (self.logs / f"{name}.log").open("ab") as log:
            self.processes[name] = subprocess.Popen(
                command, env=self.environment, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT, start_new_session=True
            )

    def _wait(self, name: str, url: str) -> None:
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            if self.processes[name].poll() is not None:
                break
            with contextlib.suppress(httpx.HTTPError):
                if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                    return
            time.sleep(0.05)
        raise TownError(f"{name} did not come up; see {(self.logs / f'{name}.log').relative_to(ROOT)}.")


def _state_folder() -> Path:
    """A folder of its own that the database's unprivileged user can reach, also when the checkout is private."""
    folder = Path("/var/tmp") / f"lienthong-demo-{os.getpid()}"
    folder.mkdir(mode=0o711)
    return folder
