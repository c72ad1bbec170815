"""What the peers are installed from is pinned, and names no registry."""

from __future__ import annotations

import json
import re
from pathlib import Path

from comparison.cases import CASES
from comparison.subjects import GATEWAY, PEERS_BY_NAME, TITLES

PEERS = Path(__file__).parents[3] / "bench/peers"


def test_every_python_package_is_pinned_by_hash() -> None:
    blocks = re.split(r"^(?=[a-z0-9-]+==)", (PEERS / "requirements.lock").read_text(), flags=re.M)[1:]
    assert len(blocks) > 20
    assert all("--hash=sha256:" in block for block in blocks)


def test_every_node_package_is_pinned_by_hash_and_none_says_where_it_is_from() -> None:
    packages = json.loads((PEERS / "package-lock.json").read_text())["packages"]
    installed = [package for path, package in packages.items() if path]
    assert len(installed) > 20
    assert all(package["integrity"].startswith("sha512-") for package in installed)
    assert not any("resolved" in package for package in installed)


def test_whoever_takes_part_in_a_case_is_known() -> None:
    for case in CASES.values():
        assert case.subjects[0] == GATEWAY
        assert set(case.subjects[1:]) <= set(PEERS_BY_NAME)
        assert ("nginx" in case.subjects) == (case.raw is not None), case.name
    assert set(PEERS_BY_NAME) <= set(TITLES)
