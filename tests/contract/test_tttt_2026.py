"""The 2026 dialect of the payment platform is three folders, too: the suite passes, and so does a whole payment."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FOLDERS = Path(__file__).parent / "tttt_2026"
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Somewhere on the path, outside the gateway, where the three folders stand."""
    path = tmp_path_factory.mktemp("slot")
    for kind in ("connectors", "mappings", "mocks"):
        shutil.copytree(FOLDERS / kind, path / kind / "tttt_2026")
    return path


def run(place: Path, *what: str) -> tuple[int, str]:
    """pytest with the place on the path: its exit code, and what it printed."""
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *what],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(place), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    return result.returncode, result.stdout


def passed(output: str) -> int:
    counted = re.search(r"([0-9]+) passed", output)
    return int(counted[1]) if counted else 0


def test_a_rail_of_a_new_dialect_passes_the_suite_with_no_change_to_gateway_or_tests(place: Path) -> None:
    """SYN-16, CON-22 (part): contract page payment, section 3."""
    code, output = run(place, "-k", "tttt_2026", "tests/contract/test_connectors.py")
    assert code == 0, output[-3000:]
    assert passed(output) >= 40, output[-500:]


def test_it_opens_asks_refunds_and_lists_through_the_gateways_own_exchange(place: Path) -> None:
    """CON-22 (part), PAY-16 (part)."""
    code, output = run(place, "tests/contract/tttt_2026/through_the_exchange.py")
    assert code == 0, output[-3000:]
    assert passed(output) == 5, output[-500:]


def test_nothing_of_it_ships() -> None:
    assert not any((ROOT / kind / "tttt_2026").exists() for kind in ("connectors", "mappings", "mocks"))
