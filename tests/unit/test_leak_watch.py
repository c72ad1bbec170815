"""The scanner of the whole run finds what is planted before it, at each place, and tells nobody what it was."""

from __future__ import annotations

import base64
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st
from personal_numbers import kind_found

TESTS = Path(__file__).parents[1]
NUMBER = "099" + "185000001"
NAME = "Trần Thị Mẫu"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NUMBER, "a personal number"),
        (f'{{"asked": "{NUMBER}"}}', "a personal number"),
        ("099 185 000 001", "a personal number"),
        ("099.185.000.001", "a personal number"),
        ("no. 099" + "777666555", "a personal number"),
        (f"SoDinhDanh{NUMBER}abc", "a personal number"),
        (f"/v1/x?{NUMBER.replace('0', '%30')}", "a personal number in percent-encoding"),
        (NAME, "a name"),
        (NAME.upper(), "a name"),
        (unicodedata.normalize("NFD", NAME), "a name"),
        ("TRANTHIMAU", "a name"),
        ("tran thi mau", "a name"),
        ("?full_name=Tr%E1%BA%A7n+Th%E1%BB%8B+M%E1%BA%ABu", "a name in percent-encoding"),
        ('"Tr\\u1ea7n Th\\u1ecb M\\u1eabu"', "a name in escapes"),
        (base64.b64encode(f"SoDinhDanh={NUMBER}".encode()).decode(), "a personal number in base64"),
        (base64.urlsafe_b64encode(f"x{NAME}y".encode()).decode(), "a name in base64"),
        ("SoCMND: 000000001", "an old card's number"),
        ('"personal_id": "000000002"', "an old card's number"),
    ],
)
def test_a_person_is_found_in_any_spelling(text: str, kind: str) -> None:
    for around in (text, f"before {text} after", f"{text}, and"):
        assert kind_found(around) == kind


@pytest.mark.parametrize(
    "text",
    [
        "", "9900000016", "000000001", "000.00.05.H99-261123-0007", "a" * 5_000, "a3f099185000" + "0a" * 10,
        "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "0.099123456789", "Sở Tư pháp", "100%25",
        "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJtb3RjdWEifQ", "\\ud800", "%FF%FE",
    ],
)  # fmt: skip
def test_what_is_nobody_is_left_alone(text: str) -> None:
    assert kind_found(text) == ""


@given(st.text(alphabet=st.characters(exclude_categories=["Nd"]), max_size=300))
def test_texts_without_digits_hold_no_number(text: str) -> None:
    assert "number" not in kind_found(text)


@given(st.binary(min_size=8, max_size=64))
def test_digests_and_tokens_are_not_taken_for_people(content: bytes) -> None:
    assert kind_found(content.hex()) == ""


RUN = """
import logging, subprocess, sys, warnings
import httpx, pytest, structlog
from gateway.alarms.model import Occasion
from gateway.audit.model import Entry
from gateway.cases.model import Opening
from gateway.exchange.transport import HttpTransport
from gateway.sdk import ProtocolViolation, SystemSettings, TransientRemoteError, WireRequest

structlog.configure(processors=[*structlog.get_config()["processors"]])
PERSON = "".join(["099", "185000001"])
SECRET = "lt_H99_motcua_" + "0a" * 24
OK = httpx.MockTransport(lambda request: httpx.Response(200, text=f"looked_up {PERSON}"))
BAD = httpx.MockTransport(lambda _: httpx.Response(400, json={"detail": PERSON},
                                                   headers={"content-type": "application/problem+json"}))

def test_log(): structlog.get_logger().info("asked", reference=PERSON)
def test_log_of_a_library(): logging.getLogger("zeep.wsdl").debug("read %s", PERSON)
def test_log_of_anybody(): logging.getLogger("anybody").error("read %s", PERSON)
def test_warning(): warnings.warn(PERSON)
def test_output(): print(PERSON)
def test_process(): subprocess.run([sys.executable, "-c", f"import sys; sys.stderr.write('{PERSON}')"],
                                   capture_output=True)
def test_log_file(tmp_path): (tmp_path / "worker.log").write_text(PERSON)
def test_address(): httpx.Client(transport=OK).get(f"http://x/{PERSON}")
async def test_address_later(): await httpx.AsyncClient(transport=OK).get(f"http://x/?a={PERSON}")
def test_trace(): httpx.Client(transport=OK).get("http://x/", headers={"tracestate": f"a={PERSON}"})
def test_problem(): httpx.Client(transport=BAD).get("http://x/")
def test_metric(): httpx.Client(transport=OK).get("http://x/metrics")
def test_exception():
    with pytest.raises(ProtocolViolation):
        raise ProtocolViolation("no such person", vi=PERSON)

def test_leaf(): Entry(kind="x", tenant="x", actor="x", operation="x", outcome="x", occurred_at=None, trace_id="x",
                       facts={"account": PERSON})
def test_case(): Opening(kind="x", about=PERSON, rail="x", finder="x", owner="x", facts={}, day=None)
def test_alarm(): Occasion(kind="x", about=f"payer:{PERSON}")
async def test_address_of_a_system():
    with pytest.raises(TransientRemoteError):
        await HttpTransport(SystemSettings(base_url="")).send(WireRequest(method="GET", url=f"nowhere/{PERSON}"))
def test_callback(): httpx.Client(transport=OK).post("http://x/", json={"payer": PERSON}, headers={"webhook-id": "E1"})

def test_secret(): structlog.get_logger().info("asked", said=SECRET)
def test_secret_in_address(): httpx.Client(transport=OK).get(f"http://x/?key={SECRET}")
def test_secret_shown(): print(SECRET)

@pytest.mark.plants_personal_data("output")
def test_planted(): print(PERSON)
def test_body(): httpx.Client(transport=OK).post("http://x/", json={"personal_id": PERSON})
def test_enterprise(): httpx.Client(transport=OK).get(f"http://x/detail?msdn={PERSON}&a=b")
"""
CONFTEST = """
import structlog
from leak_watch import Watch

WATCH = Watch()
structlog.configure(processors=[WATCH.event, structlog.dev.ConsoleRenderer(colors=False)])

def pytest_configure(config):
    config.pluginmanager.register(WATCH, "leak_watch")
"""


@pytest.fixture(scope="module")
def told() -> Iterator[subprocess.CompletedProcess[str]]:
    """A test run of its own in which everybody plants something, and all tests pass. Not below this run's folders,
    where the log file would be found."""
    options = ["-q", "--disable-warnings", "-p", "no:cacheprovider", "-o", f"pythonpath={TESTS}", "-o", "addopts="]
    loops = ["-o", "asyncio_mode=auto", "-o", "asyncio_default_fixture_loop_scope=function"]
    with TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "conftest.py").write_text(CONFTEST)
        (folder / "test_planting.py").write_text(RUN)
        command = [sys.executable, "-m", "pytest", *options, *loops, f"--basetemp={folder / 'base'}", name]
        yield subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_run_in_which_something_got_out_fails_although_its_tests_pass(
    told: subprocess.CompletedProcess[str],
) -> None:
    """PDP-15."""
    assert "24 passed" in told.stdout, told.stdout
    assert told.returncode == pytest.ExitCode.TESTS_FAILED


def test_each_place_is_named_with_its_test(told: subprocess.CompletedProcess[str]) -> None:
    """PDP-15 (part): logs, addresses, traces, error texts, metrics, output."""
    found = set(re.findall(r"^([a-z]+(?: [\w.]+)?): a personal number; \S*?(\w+(?:\.log)?)$", told.stdout, re.M))
    assert found >= {
        ("log", "test_log"),
        ("log zeep.wsdl", "test_log_of_a_library"),
        ("log anybody", "test_log_of_anybody"),
        ("warning", "test_warning"),
        ("output", "test_output"),
        ("process stderr", "test_process"),
        ("process log", "worker.log"),
        ("address", "test_address"),
        ("address", "test_address_later"),
        ("address", "test_address_of_a_system"),
        ("trace", "test_trace"),
        ("problem", "test_problem"),
        ("metric", "test_metric"),
        ("exception ProtocolViolation", "test_exception"),
        ("entry", "test_leaf"),
        ("opening", "test_case"),
        ("occasion", "test_alarm"),
        ("callback", "test_callback"),
    }


def test_secrets_are_named_but_where_a_command_shows_a_new_one(told: subprocess.CompletedProcess[str]) -> None:
    """SEC-18 (part)."""
    found = set(re.findall(r"^(\w+): a client's key; \S*?(\w+)$", told.stdout, re.M))
    assert found == {("log", "test_secret"), ("address", "test_secret_in_address")}


def test_what_is_meant_or_belongs_there_is_not_named(told: subprocess.CompletedProcess[str]) -> None:
    for test in ("test_planted", "test_body", "test_enterprise"):
        assert not re.search(rf"^\w.*personal.*{test}$", told.stdout, re.M)


def test_the_report_repeats_nothing(told: subprocess.CompletedProcess[str]) -> None:
    assert kind_found(told.stdout.partition("PERSONAL DATA OR A SECRET GOT OUT")[2]) == ""
