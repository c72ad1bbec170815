"""What a log line may hold."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from gateway.observability.logging import redact

PERSON = "099185000001"


def cleaned(**event: Any) -> dict[str, Any]:
    return dict(redact(None, "", event))


@pytest.mark.parametrize(
    "name",
    [
        "full_name", "birth_date", "personal_id", "address", "phone", "email", "request_body", "content", "document",
        "payload", "secret", "token", "password", "Authorization", "api_key", "key",
    ],
)  # fmt: skip
def test_a_field_that_can_hold_a_person_or_a_secret_is_masked(name: str) -> None:
    """PDP-15."""
    assert cleaned(**{name: "x"}) == {name: "[redacted]"}
    assert cleaned(outer={"inner": [{name: "x"}]}) == {"outer": {"inner": [{name: "[redacted]"}]}}


@pytest.mark.parametrize("text", [PERSON, f"no {PERSON} there", "099 185 000 001", "0901234567", "099.185.000.001"])
def test_a_long_number_is_masked_in_any_text(text: str) -> None:
    for said in (cleaned(event=text), cleaned(a=[text]), cleaned(a={"b": text}), cleaned(a=ValueError(text))):
        assert not any(part in repr(said) for part in (PERSON, "185 000", "1234567", "185.000"))


def test_what_operators_need_stays() -> None:
    said = {"code": "partner.busy", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "attempts": 3, "key_id": "46c4a5fc"}
    assert cleaned(**said) == said


def test_an_exception_is_told_by_type_and_place_never_by_value() -> None:
    """In a process of its own: logging is configured once."""
    program = f"""
import structlog
from gateway.observability import configure_logging
configure_logging("INFO", process="api")
try:
    try:
        int("x{PERSON}")
    except ValueError as exc:
        raise KeyError("Trần Thị Mẫu") from exc
except KeyError:
    structlog.get_logger().exception("request_failed", method="POST")
import logging
logging.getLogger("uvicorn").error("foreign %s", "{PERSON}")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["request_failed", "foreign [redacted]"]
    assert lines[0]["exception"].startswith("KeyError at __main__:9 <- ValueError at __main__:7")
    assert {line["process"] for line in lines} == {"api"}
    assert PERSON not in done.stderr
    assert "Mẫu" not in done.stderr
