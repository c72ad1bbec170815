"""Writes docs/compliance.md: which legal requirement is proven by which test.

    .venv/bin/python deploy/compliance.py

A test proves what its docstring names (or its class's, or its module's). `docs/requirements.csv` lists them all.
"""

from __future__ import annotations

import ast
import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "compliance.md"
ID = re.compile(r"\b([A-Z]{3}-\d\d)\b( \(part\))?")
HEAD = """# Đối chiếu yêu cầu pháp lý · Compliance

Trang này do `deploy/compliance.py` tạo từ các bài kiểm thử; không sửa bằng tay. *Generated from the tests: a
requirement is proven by the tests whose docstring names it, and by nothing else. "Một phần": only a part of it is.*
"""


def requirements() -> Mapping[str, tuple[str, str]]:
    """Requirement and source by id."""
    with (ROOT / "docs" / "requirements.csv").open(encoding="utf-8", newline="") as lines:
        return {row["id"]: (row["requirement"], row["source"]) for row in csv.DictReader(lines)}


def proofs() -> Mapping[str, list[tuple[str, bool]]]:
    """Tests by the id that they name, and whether they prove all of it."""
    found: dict[str, list[tuple[str, bool]]] = defaultdict(list)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for named, test, whole in _named(path):
            found[named].append((test, whole))
    return found


def _named(path: Path) -> Iterator[tuple[str, str, bool]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Module):
            name = "" if isinstance(node, ast.Module) else f"::{node.name}"
            for named, part in ID.findall(ast.get_docstring(node) or ""):
                yield named, f"{path.relative_to(ROOT)}{name}", not part


def page() -> str:
    """The whole page."""
    known, proven = requirements(), proofs()
    whole = sum(any(all_of_it for _, all_of_it in proven.get(name, ())) for name in known)
    parts = len(proven) - whole
    lines = [HEAD, f"Đã chứng minh bằng kiểm thử: **{whole} / {len(known)}**, một phần: {parts}.", ""]
    for group, ids in groupby(known, key=lambda name: name.partition("-")[0]):
        rows = [name for name in ids if name in proven]
        if rows:
            lines += [f"## {group}", "", "| | Yêu cầu | Nguồn | Kiểm thử |", "|---|---|---|---|"]
            lines += [_row(name, known[name], proven[name]) for name in rows]
            lines.append("")
    missing = [name for name in known if name not in proven]
    return "\n".join([*lines, "## Chưa có kiểm thử", "", ", ".join(missing) + ".", ""])


def _row(name: str, said: tuple[str, str], tests: list[tuple[str, bool]]) -> str:
    links = "<br>".join(f"[{test.rpartition('/')[2]}](../{test.partition('::')[0]})" for test, _ in tests)
    part = "" if any(whole for _, whole in tests) else " (một phần)"
    return f"| {name}{part} | {said[0]} | {said[1]} | {links} |"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
