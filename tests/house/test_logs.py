"""What may be logged: constants, codes and counts. A free text could hold a person, and nothing could tell."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from gateway.observability.logging import redact

ROOT = Path(__file__).parents[2]
LEVELS = {"debug", "info", "warning", "error", "exception", "critical"}
LOGGING = sorted(p for d in ("gateway", "connectors") for p in (ROOT / d).rglob("*.py") if "log." in p.read_text())
TEXTS_FROM_OUTSIDE = {"detail", "detail_vi", "message", "reason", "url", "query", "content", "args"}


def calls(path: Path) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
            owner = node.func.value
            if isinstance(owner, ast.Name) and owner.id in {"log", "logger", "logging"}:
                yield node


def test_there_is_something_to_look_at() -> None:
    assert sum(1 for path in LOGGING for _ in calls(path)) > 25


@pytest.mark.parametrize("path", LOGGING, ids=[str(p.relative_to(ROOT)) for p in LOGGING])
def test_an_event_is_a_constant_and_its_fields_hold_no_text_from_outside(path: Path) -> None:
    """PDP-15 (part): no address, no text of an exception, nothing put together."""
    for call in calls(path):
        where = f"line {call.lineno}"
        assert len(call.args) == 1, where
        event = call.args[0]
        either = [event.body, event.orelse] if isinstance(event, ast.IfExp) else [event]
        for one in either:
            assert isinstance(one, ast.Constant), where
            assert re.fullmatch(r"[a-z0-9_]+", str(one.value)), where
        for field in call.keywords:
            for inner in ast.walk(field.value):
                assert not isinstance(inner, ast.JoinedStr), where
                assert not (isinstance(inner, ast.Name) and inner.id in {"exc", "error", "str", "repr"}) or isinstance(
                    field.value, ast.Attribute
                ), where
                assert not (isinstance(inner, ast.Attribute) and inner.attr in TEXTS_FROM_OUTSIDE), where


@pytest.mark.parametrize("path", LOGGING, ids=[str(p.relative_to(ROOT)) for p in LOGGING])
def test_a_field_is_named_so_that_it_is_not_masked(path: Path) -> None:
    """A field that is always masked tells nobody anything; one that is a person's does not belong there."""
    names = {field.arg for call in calls(path) for field in call.keywords if field.arg}
    assert {name for name in names if redact(None, "", {name: 1})[name] != 1} == set()
