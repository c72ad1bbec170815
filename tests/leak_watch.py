"""Watches what a test run lets out: personal data and secrets. Fails the run when some got there (PDP-15, SEC-18).

Looked at, whatever the tests do: log events of ours before any redaction; log records of libraries from DEBUG up;
warnings; what tests printed; output of processes that tests started, and their log files; the address and the trace
headers of every request that leaves the gateway or a client of httpx: to a system, to a mock, to our own API; texts of
our exceptions; problem documents; metrics; what leaves of the audit log, alarms and money cases say in the open; calls
of clients (webhooks), which are about nobody.

Not looked at: bodies of other requests and of answers, for those are where personal data belongs; journals of mocks,
which keep such bodies for tests; the enterprise code in the registry's address (`msdn`), which the contract puts there
and which is public, also where a household's is a person's number; zeep's own sending, which only tests do.

Secrets (`secret_shapes.py`) are looked for in the same places, but for what a command prints: a new key is shown there,
once, by design.

A test that lets something out on purpose says so: `@pytest.mark.plants_personal_data("log", …)` names the places.
"""

from __future__ import annotations

import functools
import json
import logging
import re
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from pathlib import Path
from typing import Any

import httpx
import pytest
from personal_numbers import kind_found
from secret_shapes import secret_found

from gateway.alarms.model import Occasion
from gateway.audit.model import Entry
from gateway.cases.model import Opening
from gateway.exchange.transport import HttpTransport
from gateway.sdk import GatewayError, WireRequest

LIBRARIES = ("asyncio", "httpcore", "httpx", "psycopg", "uvicorn", "zeep")
SENT_BY_TESTS = {"zeep.transports"}
PUBLIC_IN_ADDRESSES = re.compile(r"(?<=[?&]msdn=)[0-9-]*")
TRACE_HEADERS = ("traceparent", "tracestate")
OPEN_FIELDS = {
    Entry: ("actor", "operation", "outcome", "system", "reference", "facts"),
    Occasion: ("kind", "about", "facts"),
    Opening: ("about", "rail", "facts"),
}
"""What of these is stored as it is, and shown to operators."""
SHOWN_ONCE = {"output", "process stdout"}
MARKER = "plants_personal_data"
ROOT = Path(__file__).parents[1]


class Watch:
    """A pytest plugin. `findings`: place, kind and test, never the text itself."""

    def __init__(self) -> None:
        self.findings: dict[tuple[str, str, str], None] = {}
        self.looked_at = 0
        self.spent_s = 0.0
        self._began = time.time()
        self._test = "outside of tests"
        self._planted: frozenset[str] = frozenset()
        self._undo: list[Callable[[], None]] = []

    def look(self, place: str, text: str, *, test: str = "") -> None:
        """Note what of a person stands in a text that went out at `place`."""
        began = time.perf_counter()
        self.looked_at += 1
        kind = kind_found(PUBLIC_IN_ADDRESSES.sub("", text) if "msdn=" in text else text)
        if not kind and place not in SHOWN_ONCE:
            kind = secret_found(text)
        if kind and not {place, place.partition(" ")[0]} & self._planted:
            self.findings[place, kind, test or self._test] = None
        self.spent_s += time.perf_counter() - began

    def event(self, _: object, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        """A structlog processor, the first of all. An exception is told by type and place, so its text stays out."""
        self.look("log", str({name: value for name, value in event.items() if name != "exc_info"}))
        return event

    def pytest_configure(self, config: pytest.Config) -> None:
        config.addinivalue_line("markers", f"{MARKER}(*places): lets personal data out there on purpose.")
        self._wrap(httpx.Client, "send", self._sent)
        self._wrap_async(httpx.AsyncClient, "send", self._sent)
        self._wrap_async(HttpTransport, "send", self._asked)
        self._wrap(subprocess.Popen, "communicate", self._communicated)
        self._wrap(GatewayError, "__init__", self._raised)
        for written in OPEN_FIELDS:
            self._wrap(written, "__init__", self._written)
        self._listen()

    def pytest_unconfigure(self) -> None:
        while self._undo:
            self._undo.pop()()

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> None:
        self._test = item.nodeid
        self._planted = frozenset(place for marker in item.iter_markers(MARKER) for place in marker.args)

    def pytest_warning_recorded(self, warning_message: Any, nodeid: str) -> None:
        self.look("warning", str(warning_message.message), test=nodeid)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "teardown":
            for _, content in report.sections:
                self.look("output", content, test=report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        for file in self._log_files(session.config):
            self.look(
                "process log",
                file.read_text(encoding="utf-8", errors="replace"),
                test=f"{file.parent.name}/{file.name}",
            )
        if self.findings:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        report = terminalreporter
        report.write_line(f"personal data and secrets: looked at {self.looked_at} texts in {self.spent_s:.1f} s")
        if self.findings:
            report.section("PERSONAL DATA OR A SECRET GOT OUT", red=True, bold=True)
        for place, kind, test in self.findings:
            report.write_line(f"{place}: {kind}; {test}")

    def journals(self, urls: list[str]) -> None:
        """What reached mocks that run as processes of their own: addresses and trace headers."""
        for url in urls:
            for entry in httpx.get(f"{url}/_mock/journal", timeout=30, trust_env=False).json()["entries"]:
                self._address(f"{entry['path']}?{entry['query']}", entry["headers"])

    def _sent(self, arguments: tuple[Any, ...], result: Any) -> None:
        request = next(one for one in arguments if isinstance(one, httpx.Request))
        self._address(str(request.url), request.headers)
        if "webhook-id" in request.headers:
            self.look("callback", _without_escapes(request.content))
        if not isinstance(result, httpx.Response) or not result.is_stream_consumed or not hasattr(result, "_content"):
            return
        if result.headers.get("content-type", "").startswith("application/problem+json"):
            self.look("problem", _without_escapes(result.content))
        if request.url.path.endswith("/metrics"):
            self.look("metric", result.text)

    def _asked(self, arguments: tuple[Any, ...], _: Any) -> None:
        request = next(one for one in arguments if isinstance(one, WireRequest))
        self._address(request.url, request.headers)
        if "webhook-id" in request.headers:
            self.look("callback", _without_escapes(request.content))

    def _address(self, address: str, headers: Any) -> None:
        self.look("address", address)
        for name in TRACE_HEADERS:
            if name in headers:
                self.look("trace", headers[name])

    def _communicated(self, _: tuple[Any, ...], result: Any) -> None:
        for stream, said in zip(("stdout", "stderr"), result or (), strict=False):
            if said:
                text = said if isinstance(said, str) else said.decode("utf-8", "replace")
                self.look(f"process {stream}", text)

    def _raised(self, arguments: tuple[Any, ...], _: Any) -> None:
        error: GatewayError = arguments[0]
        fields = [word for problem in error.fields for word in (problem.pointer, problem.detail, problem.detail_vi)]
        self.look(f"exception {type(error).__name__}", "\n".join([error.detail, error.detail_vi, *fields]))

    def _written(self, arguments: tuple[Any, ...], _: Any) -> None:
        written = arguments[0]
        told = [getattr(written, name, "") for name in OPEN_FIELDS[type(written)]]
        self.look(
            type(written).__name__.lower(), str([dict(part) if isinstance(part, Mapping) else part for part in told])
        )

    def _wrap(self, owner: Any, name: str, look: Callable[[tuple[Any, ...], Any], None]) -> None:
        inner = getattr(owner, name)

        @functools.wraps(inner)
        def watched(*arguments: Any, **named: Any) -> Any:
            result = None
            try:
                result = inner(*arguments, **named)
                return result
            finally:
                look((*arguments, *named.values()), result)

        self._replace(owner, name, inner, watched)

    def _wrap_async(self, owner: Any, name: str, look: Callable[[tuple[Any, ...], Any], None]) -> None:
        inner = getattr(owner, name)

        @functools.wraps(inner)
        async def watched(*arguments: Any, **named: Any) -> Any:
            result = None
            try:
                result = await inner(*arguments, **named)
                return result
            finally:
                look((*arguments, *named.values()), result)

        self._replace(owner, name, inner, watched)

    def _replace(self, owner: Any, name: str, inner: Any, watched: Any) -> None:
        setattr(owner, name, watched)
        self._undo.append(lambda: setattr(owner, name, inner))

    def _listen(self) -> None:
        """To everything that libraries would log. What tests get to see of it stays what it was."""
        inner = logging.Logger.handle

        def handle(logger: logging.Logger, record: logging.LogRecord) -> None:
            if record.name not in SENT_BY_TESTS:
                self.look(f"log {record.name}", record.getMessage())
            if record.levelno >= logging.getLogger().level or record.name.partition(".")[0] not in LIBRARIES:
                inner(logger, record)

        self._replace(logging.Logger, "handle", inner, handle)
        for logger in map(logging.getLogger, LIBRARIES):
            self._undo.append(functools.partial(logger.setLevel, logger.level))
            logger.setLevel(logging.DEBUG)

    def _log_files(self, config: pytest.Config) -> Iterator[Path]:
        """Of processes that this run started: under its temporary folders, and the demo's."""
        base = getattr(getattr(config, "_tmp_path_factory", None), "_basetemp", None)
        for folder in [base, ROOT / ".run"]:
            for file in sorted(folder.rglob("*.log")) if folder and folder.is_dir() else ():
                if file.stat().st_mtime >= self._began:
                    yield file


def _without_escapes(content: bytes) -> str:
    return json.dumps(json.loads(content), ensure_ascii=False)
