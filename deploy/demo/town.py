"""A whole town as processes on loopback: the gateway and the mock national systems. The demo's and the tests'."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import httpx

ROOT = Path(__file__).resolve().parents[2]
OFFSETS = {
    "gateway": 0,
    "population": 1,
    "business_registry": 2,
    "national_portal": 3,
    "payment": 4,
    "portal_adapter": 5,
    "xroad": 8,
    "vnpay": 9,
    "paygov": 10,
    "tax_authority": 11,
}
MOCKS = sorted(OFFSETS.keys() - {"gateway"})
MONEY = {"vnpay", "paygov", "tax_authority"}
"""Started only where a story needs them; each is a process."""
PROVIDER = "VN/GOV/EXAMPLE/EXAMPLE"
CLIENT = "VN/GOV/EXAMPLE/MAU"
BIN = Path(sys.executable).parent
WAIT_S = 90.0
CALL_S = 60.0
QUICK = {
    "LIENTHONG_DELIVERY__SETTLE_AFTER_S": "0.5",
    "LIENTHONG_DELIVERY__BACKOFF_BASE_S": "0.3",
    "LIENTHONG_DELIVERY__BACKOFF_CAP_S": "1",
    "LIENTHONG_DELIVERY__LEASE_S": "10",
    "LIENTHONG_BREAKER__COOL_DOWN_S": "1",
    "LIENTHONG_AUDIT__CHECKPOINT_SECONDS": "2",
}


class Enrolment(NamedTuple):
    """What `operators add` printed once."""

    secret: str
    codes: list[str]


class TownError(Exception):
    """A process did not come up; the text says which and where its log is."""


class Town:
    """Starts, kills and stops the processes. Each writes its own log under `logs`.

    The gateway listens on `first_port`, the mocks on those after it. `settings` are environment variables that
    replace those of the demo. `tries`: citizens are looked up over a security server, too, as a trial. `money`: with
    every rail and the tax authority.
    """

    def __init__(
        self,
        logs: Path,
        *,
        first_port: int = 7100,
        settings: Mapping[str, str] | None = None,
        tries: bool = False,
        money: bool = False,
    ) -> None:
        self.logs = logs
        self.tries = tries
        self.money = money
        self.logs.mkdir(parents=True, exist_ok=True)
        self.ports = {name: first_port + offset for name, offset in OFFSETS.items()}
        self.api = f"http://127.0.0.1:{first_port}"
        self.state = _state_folder()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        ours = {name: value for name, value in os.environ.items() if not name.startswith("LIENTHONG_")}
        config = self.logs / "lienthong.toml"
        config.write_text(self._config(), encoding="utf-8")
        self.environment = {**ours, "LIENTHONG_CONFIG": str(config), **QUICK, **(settings or {})}

    @property
    def mocks(self) -> list[str]:
        left_out = (set() if self.tries else {"xroad"}) | (set() if self.money else MONEY)
        return [name for name in MOCKS if name not in left_out]

    @property
    def systems(self) -> list[str]:
        """Those that the gateway is set up for; a platform between is none."""
        return [name for name in self.mocks if name != "xroad"]

    def mock_url(self, system: str) -> str:
        return f"http://127.0.0.1:{self.ports[system]}"

    def start_mocks(self) -> None:
        for system in self.mocks:
            self.start_mock(system)

    def start_mock(self, system: str) -> None:
        """A portal keeps what it stored in a file, so that it can be killed and come back."""
        arguments = ["--port", str(self.ports[system])]
        if system in {"national_portal", "portal_adapter"}:
            arguments += ["--state-file", str(self.logs / f"{system}.jsonl")]
        if system == "national_portal":
            arguments += ["--set", f"province_url={self.api}/inbound/national_portal"]
        if system in {"payment", "vnpay", "paygov"}:
            arguments += ["--set", f"ipn_url={self.api}/inbound/{system}/ipn"]
        if system == "payment":
            arguments += ["--set", f"return_url={self.api}/inbound/payment/return"]
            arguments += ["--set", f"lookup_url={self.api}/inbound/payment/dptracuuthanhtoanhs"]
            arguments += ["--set", f"push_url={self.api}/inbound/payment/dpnhankqthanhtoanhs"]
        if system == "xroad":
            arguments += ["--upstream", f"{PROVIDER}/csdldc={self.mock_url('population')}/csdldc"]
        self._start(system, [str(BIN / "python"), "-m", "mocks._kit.alone", system, *arguments])
        self._wait(system, f"{self.mock_url(system)}/_mock/health")

    def start_gateway(self) -> None:
        """Database, API and worker under one supervisor."""
        self._start("gateway", [str(BIN / "lienthong"), "run"])
        self._wait("gateway", f"{self.api}/readyz")

    def start_api(self) -> None:
        """The API alone; LIENTHONG_DATABASE_URL says where its database is."""
        self._start("gateway", [str(BIN / "lienthong"), "api"])
        self._wait("gateway", f"{self.api}/readyz")

    def start_worker(self, name: str = "worker") -> None:
        self._start(name, [str(BIN / "lienthong"), "worker"])

    def kill(self, name: str) -> None:
        """kill -9."""
        process = self.processes.pop(name)
        process.kill()
        process.wait()

    def end(self, name: str) -> int:
        """SIGTERM, and what the process ends with."""
        process = self.processes.pop(name)
        process.terminate()
        return process.wait(30)

    def lienthong(
        self, *arguments: str, check: bool = True, typed: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """One command of the CLI, as an operator would type it; `typed`: what it asks for."""
        command = [str(BIN / "lienthong"), *arguments]
        return subprocess.run(
            command,
            env=self.environment,
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=check,
            timeout=120,
            input=typed,
        )

    def add_client(self, name: str, *scopes: str) -> str:
        """A key for a provincial system."""
        added = self.lienthong("clients", "add", name, *[word for scope in scopes for word in ("--scope", scope)])
        key = re.search(r"lt_[A-Za-z0-9._-]+", added.stdout)
        if key is None:
            raise TownError(f"No key was printed: {added.stdout}{added.stderr}")
        return key[0]

    def add_operator(self, login: str, *roles: str, password: str) -> Enrolment:
        """Somebody who may log in at the console, with an authenticator app or by recovery codes."""
        named = [word for role in roles for word in ("--role", role)]
        added = self.lienthong("operators", "add", login, *named, typed=f"{password}\n{password}\n")
        secret = re.search(r"[?&]secret=([A-Z2-7]+)", added.stdout)
        codes = added.stdout.split("once each:")[-1].split()
        if secret is None or not codes:
            raise TownError(f"No second factor was printed: {added.stderr}")
        return Enrolment(secret[1], codes)

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

    def _config(self) -> str:
        lines = [f'state = "{self.state}"', "sandbox = true", "[api]", f"port = {self.ports['gateway']}"]
        lines += [
            "[contact]",
            'office = "Trung tâm phục vụ hành chính công tỉnh Mẫu"',
            'email = "lienthong@example.vn"',
        ]
        lines += ["[systems.population]", f'base_url = "{self.mock_url("population")}"']
        if self.tries:
            lines += ["[[systems.population.over]]", 'platform = "ndop"', "shadow = true", f'provider = "{PROVIDER}"']
            lines += ["[platforms.ndop]", 'kind = "xroad"', f'client = "{CLIENT}"']
            lines += [f'base_url = "{self.mock_url("xroad")}"']
        firms = self.mock_url("business_registry")
        lines += ["[systems.business_registry]", f'base_url = "{firms}"']
        lines += ["[platforms.ngsp]", f'base_url = "{firms}"', "[platforms.ngsp.token]", f'url = "{firms}/token"']
        portal = f"{self.mock_url('national_portal')}/XrdAdapter/RestService/forward"
        lines += ["[systems.national_portal]", f'base_url = "{portal}"']
        lines += ["[systems.payment]", f'base_url = "{self.mock_url("payment")}"']
        lines += [f'{name} = ["127.0.0.1:{self.ports["payment"]}"]' for name in ("pay_hosts", "voucher_hosts")]
        for rail in ("vnpay", "paygov"):
            lines += [f"[systems.{rail}]", f'base_url = "{self.mock_url(rail)}"']
            lines += [f'return_url = "{self.api}/inbound/{rail}/return"']
            if rail == "vnpay":
                lines += [f'pay_url = "{self.mock_url(rail)}/paymentv2/vpcpay.html"']
            else:
                lines += [f'{name} = ["127.0.0.1:{self.ports[rail]}"]' for name in ("pay_hosts", "receipt_hosts")]
        lines += ["[systems.tax_authority]", f'base_url = "{self.mock_url("tax_authority")}"']
        lines += ["[systems.portal_adapter]", f'base_url = "{self.mock_url("portal_adapter")}/MOCK-adapter"']
        lines += ["[[routes.sync_dossier]]", 'to = "portal_adapter"', 'procedures = ["1.009998"]']
        return "\n".join(lines) + "\n"

    def _start(self, name: str, command: list[str]) -> None:
        port = self.ports.get(name)
        if port is not None:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    raise TownError(f"Port {port} is in use; {name} needs it. Stop what listens there and try again.")
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
        raise TownError(f"{name} did not come up; see {name}.log in {self.logs.name}/.")


def call(method: str, url: str, **more: Any) -> httpx.Response:
    """To a process of the town: past any proxy, and as patient as the machine may be busy."""
    return httpx.request(method, url, **{"trust_env": False, "timeout": CALL_S, **more})


def _state_folder() -> Path:
    """A folder of its own that the database's unprivileged user can reach, also when the checkout is private."""
    folder = Path("/var/tmp") / f"lienthong-town-{os.getpid()}-{time.monotonic_ns()}"
    folder.mkdir(mode=0o711)
    return folder
