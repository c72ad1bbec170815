"""What a log line may hold."""

from __future__ import annotations

import base64
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
        "payload", "secret", "token", "password", "Authorization", "api_key", "key", "citizen", "person", "relatives",
        "applicant", "query", "HoVaTen", "ho_ten", "NgaySinh", "SoDinhDanh", "SoCMND", "cccd", "DiaChi", "SoDienThoai",
        "ThuDienTu", "so_giay_to",
    ],
)  # fmt: skip
def test_a_field_that_can_hold_a_person_or_a_secret_is_masked(name: str) -> None:
    """PDP-15."""
    assert cleaned(**{name: "x"}) == {name: "[redacted]"}
    assert cleaned(outer={"inner": [{name: "x"}]}) == {"outer": {"inner": [{name: "[redacted]"}]}}


PACKED = base64.b64encode(f"SoDinhDanh={PERSON};".encode()).decode()


@pytest.mark.parametrize(
    "text",
    [
        PERSON, f"no {PERSON} there", "099 185 000 001", "0901234567", "099.185.000.001", "000000001",
        f"a{PERSON}b", f"So{PERSON}", f"{PERSON}e", "%30%39%39%31%38%35%30%30%30%30%30%31", f"x%20{PERSON}",
        PACKED, f"sent {PACKED} to them", PACKED[1:], PACKED[3:], PACKED.rstrip("="),
        base64.urlsafe_b64encode(f"\xff\xfe{PERSON}".encode()).decode(),
    ],
)  # fmt: skip
def test_a_long_number_is_masked_in_any_text(text: str) -> None:
    """PDP-15: as it stands, grouped, glued to letters, in percent-encoding and in base64."""
    for said in (cleaned(event=text), cleaned(a=[text]), cleaned(a={"b": text}), cleaned(a=ValueError(text))):
        assert "[redacted]" in repr(said)
        for part in (PERSON, "185 000", "1234567", "185.000", "000000001", "%30%39", PACKED[4:20]):
            assert part not in repr(said)


@pytest.mark.parametrize("value", [99185000001, 199185000001, -99185000001])
def test_a_number_that_lost_its_zero_is_masked_and_a_count_is_not(value: int) -> None:
    assert cleaned(a=value) == {"a": "[redacted]"}
    assert cleaned(a=5_000_000_000, b=0.25, c=True, d=None) == {"a": 5_000_000_000, "b": 0.25, "c": True, "d": None}


def test_a_number_that_names_a_field_is_masked_too() -> None:
    assert cleaned(a={PERSON: 1}) == {"a": {"[redacted]": 1}}


@pytest.mark.parametrize("address", ["https://api.example/x?msdn=9900000016&a=b", "/v1/x?full_name=Tr%E1%BA%A7n"])
def test_an_address_is_told_without_its_query(address: str) -> None:
    """PDP-15."""
    path = address.partition("?")[0]
    assert cleaned(event=f"GET {address} failed") == {"event": f"GET {path}?[redacted] failed"}


def test_what_operators_need_stays() -> None:
    said = {"code": "partner.busy", "trace_id": "4bf92f3577b34da6a3ce929d0e0e4736", "attempts": 3, "key_id": "46c4a5fc",
            "reference": "000.00.05.H99-261123-0007", "file": "a3f0" * 16, "why": "is it late? no = yes"}  # fmt: skip
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
logging.getLogger("httpx").info("HTTP Request: GET http://x/?a=%s", "{PERSON}")
try:
    int("x{PERSON}")
except ValueError:
    logging.getLogger("uvicorn.error").exception("of a library")
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [line["event"] for line in lines] == ["request_failed", "foreign [redacted]", "of a library"]
    assert lines[0]["exception"].startswith("KeyError at __main__:9 <- ValueError at __main__:7")
    assert lines[2]["exception"].startswith("ValueError at __main__:")
    assert {line["process"] for line in lines} == {"api"}
    assert PERSON not in done.stderr
    assert "Mẫu" not in done.stderr
