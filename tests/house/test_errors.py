"""The error tree is data that the worker and the API read; a gap in it would be a wrong decision later."""

from __future__ import annotations

import ast
import importlib
import re
import unicodedata
from pathlib import Path

import pytest

from gateway.api import problems
from gateway.api.app import build
from gateway.sdk import errors
from gateway.sdk.errors import GatewayError, Origin, Retry

GATEWAY = Path(__file__).parents[2] / "gateway"
TREE = [c for c in vars(errors).values() if isinstance(c, type) and issubclass(c, GatewayError)]


def everywhere() -> list[type[GatewayError]]:
    """Every class of error, wherever it stands."""
    for path in GATEWAY.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if re.search(r"^class \w+\(.*(Error|Unsettled|Violation)\)", text, re.M):
            name = ".".join(path.relative_to(GATEWAY.parent).with_suffix("").parts)
            importlib.import_module(name.removesuffix(".__init__"))
    found, waiting = list[type[GatewayError]](), [GatewayError]
    while waiting:
        one = waiting.pop()
        if one not in found:
            found.append(one)
            waiting += one.__subclasses__()
    return sorted((one for one in found if one.__module__.startswith("gateway.")), key=lambda one: one.__name__)


@pytest.mark.parametrize("error", TREE, ids=lambda e: e.__name__)
def test_every_error_says_who_what_and_what_next(error: type[GatewayError]) -> None:
    assert re.fullmatch(r"(ours|operator|caller|partner|security)\.[a-z_]+", error.code)
    assert error.code.startswith(error.origin.value)
    assert isinstance(error.retry, Retry)
    assert 400 <= error.http_status <= 599
    assert (error.http_status < 500) == (error.origin in {Origin.CALLER, Origin.SECURITY})
    assert error.title_vi == unicodedata.normalize("NFC", error.title_vi)


def test_codes_are_unique() -> None:
    assert len({error.code for error in TREE}) == len(TREE)


def test_the_tree_drawn_in_the_docstring_names_every_error() -> None:
    assert errors.__doc__
    for error in TREE:
        assert error.__name__ in errors.__doc__, error.__name__


@pytest.mark.parametrize("error", everywhere(), ids=lambda e: e.__name__)
def test_no_503_leaves_without_saying_when_to_come_again(error: type[GatewayError]) -> None:
    raised = GatewayError.__new__(error)  # some take words of their own
    GatewayError.__init__(raised, "x")
    assert (int(problems.headers(raised).get("retry-after", 0)) > 0) == (error.http_status == 503)
    GatewayError.__init__(raised, "x", retry_after_s=7.2)
    assert problems.headers(raised)["retry-after"] == "8"


def test_every_503_of_the_document_says_when_to_come_again() -> None:
    paths = build(None).openapi()["paths"]
    answers = [operation["responses"]["503"] for path in paths.values() for operation in path.values()]
    assert len(answers) > 50
    assert all(answer["headers"]["Retry-After"]["required"] for answer in answers)


def test_what_says_503_by_itself_is_known_and_says_when_to_come_again() -> None:
    """Beside what is raised."""
    found = {
        f"{path.relative_to(GATEWAY)}"
        for path in GATEWAY.rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call)
        and any(isinstance(one, ast.Constant) and one.value == 503 for one in _given(call))
    }
    assert found == {"api/routes/health.py", "api/routes/payer.py", "console/pages/overview.py"}
    assert all("retry-after" in (GATEWAY / name).read_text(encoding="utf-8") for name in found)


def _given(call: ast.Call) -> list[ast.expr]:
    return [*call.args, *(word.value for word in call.keywords)]


def test_a_named_fact_keeps_its_origin() -> None:
    error = errors.TransientRemoteError("x", what="circuit_open")
    assert error.error_code == "partner.circuit_open"
    assert error.retry is Retry.BACKOFF
