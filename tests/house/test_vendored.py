"""What was taken from others to run in the browser is what they published, with its licence, and loads nothing else."""

from __future__ import annotations

import csv
import hashlib
import re
from pathlib import Path

import pytest

STATIC = Path(__file__).parents[2] / "gateway" / "console" / "static"
VENDOR = STATIC / "vendor"
ROWS = list(csv.DictReader((VENDOR / "vendored.csv").read_text(encoding="utf-8").splitlines()))
TEMPLATES = sorted((STATIC.parent / "templates").rglob("*.html"))


@pytest.mark.parametrize("row", ROWS, ids=[row["file"] for row in ROWS])
def test_each_file_is_the_one_that_was_published_and_brings_its_licence(row: dict[str, str]) -> None:
    """The digests are those of the files in the packages of the npm registry, of that version."""
    assert hashlib.sha256((VENDOR / row["file"]).read_bytes()).hexdigest() == row["sha256"]
    assert row["version"] in row["file"]
    assert row["licence"] in {"0BSD", "MIT"}
    assert len((VENDOR / row["licence_file"]).read_text(encoding="utf-8")) > 400


def test_nothing_else_is_there() -> None:
    told = {row["file"] for row in ROWS} | {row["licence_file"] for row in ROWS} | {"vendored.csv"}
    assert {path.name for path in VENDOR.iterdir()} == told


@pytest.mark.parametrize("path", TEMPLATES, ids=[path.name for path in TEMPLATES])
def test_no_page_loads_from_elsewhere_or_runs_what_stands_in_it(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"\b(?:src|href|action)=[\"']?(?:https?:)?//", text)
    assert not re.search(r"<script(?![^>]*(?:\bsrc=|type=\"application/json\"))", text)
    assert not re.search(r"\son[a-z]+=|\sstyle=|javascript:|\|\s*safe\b|hx-on", text)
