"""The house numbers of the design: short functions and files, few parameters, errors of ours, names that speak."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(p for d in ("gateway", "connectors", "mocks") for p in (ROOT / d).rglob("*.py"))
NAMES = [str(p.relative_to(ROOT)) for p in FILES]

LONGEST_FUNCTION = 50
LONGEST_FILE = 300
EMPTY_NAMES = re.compile(r"(Manager|Helper|Util|Utils|Data|Info)$")
FOREIGN_SIGNATURES = {"settings_customise_sources"}
"""Overridden methods whose shape is a library's."""
FOREIGN_ERRORS = {"Exception", "BaseException", "RuntimeError", "ValueError", "TypeError", "KeyError"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def code_lines(function: Function) -> int:
    """Lines of the body, its docstring apart."""
    first = function.body[0]
    is_doc = (
        isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    )
    start = first.end_lineno if is_doc else first.lineno - 1
    return (function.end_lineno or 0) - (start or 0)


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_no_function_or_file_is_long(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    for function in functions(path):
        assert code_lines(function) <= LONGEST_FUNCTION, f"{function.name}, line {function.lineno}"


def test_functions_stay_short_on_the_whole() -> None:
    sizes = sorted(code_lines(f) for path in FILES for f in functions(path))
    assert statistics.median(sizes) <= 8
    assert sizes[int(len(sizes) * 0.9)] <= 30


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_parameters_are_few_and_named(path: Path) -> None:
    """At most five, keyword-only after the third. A constructor that is handed its collaborators may have eight."""
    for function in functions(path):
        arguments = function.args
        positional = [a.arg for a in (*arguments.posonlyargs, *arguments.args) if a.arg not in {"self", "cls"}]
        most = 8 if function.name == "__init__" else 5
        where = f"{function.name}, line {function.lineno}"
        assert len(positional) + len(arguments.kwonlyargs) <= most, where
        assert len(positional) <= 3 or function.name in FOREIGN_SIGNATURES, where


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_classes_are_not_named_after_nothing(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ClassDef):
            assert not EMPTY_NAMES.search(node.name), f"{node.name}, line {node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_only_our_own_errors_are_raised(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            assert node.exc.func.id not in FOREIGN_ERRORS, f"line {node.lineno}"


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_every_ignored_check_names_its_code(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        if "type: ignore" in line:
            assert re.search(r"type: ignore\[[a-z-]+\] +# .+|type: ignore\[[a-z-]+\].+- ", line), f"line {number}"
        assert not re.search(r"noqa(?!: [A-Z]+[0-9]+)", line), f"line {number}"


@pytest.mark.parametrize(
    "path",
    [p for p in FILES if p.stat().st_size],
    ids=[n for n, p in zip(NAMES, FILES, strict=True) if p.stat().st_size],
)
def test_every_module_says_what_it_is(path: Path) -> None:
    assert ast.get_docstring(ast.parse(path.read_text())), "no docstring"
