"""What must never stand in a tracked file."""

from __future__ import annotations

import re
from pathlib import Path

from repository import ROOT, texts, tracked

TOP_LEVEL = {
    "gateway", "connectors", "mappings", "mocks", "tests", "docs", "deploy", "bench",
    "pyproject.toml", "README.md", "Makefile", "requirements.lock",
}  # fmt: skip


def test_the_top_level_is_the_agreed_one() -> None:
    for path in tracked():
        first = path.relative_to(ROOT).parts[0]
        assert first in TOP_LEVEL or first.startswith("."), first


def test_no_registry_host_and_no_path_of_one_machine() -> None:
    hosts = re.compile(r"index-url|files\.pythonhosted|https?://[^ ]*/simple|registry\s*=")
    paths = re.compile(r"(?<![a-z.\w])/(?:work|root)/[a-z]")
    for path, text in texts():
        if path == Path(__file__):
            continue
        assert not hosts.search(text), path
        assert not paths.search(text), path


def test_no_real_persons_number_stands_anywhere() -> None:
    """Citizens in fixtures use prefix 099 (001099… is the contract page's own made-up sample)."""
    number = re.compile(r"(?<![0-9a-zA-Z.])0(?:0[1-9]|[1-8][0-9]|9[0-6])[0-3][0-9]{8}(?![0-9a-zA-Z])")
    for path, text in texts():
        if path.suffix == ".lock":
            continue
        for found in number.findall(text):
            assert found.startswith("001099"), f"{path}: a 12-digit number with a province's prefix"


def test_the_lock_pins_every_package_by_hash() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    names = re.findall(r"^([a-z0-9-]+)==", lock, re.M)
    blocks = re.split(r"^(?=[a-z0-9-]+==)", lock, flags=re.M)[1:]
    assert len(names) == len(blocks) > 40
    assert all("--hash=sha256:" in block for block in blocks)
