"""A fifth system is three folders, in any place on the path, and nothing else: the suite finds it and it passes."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

FOLDERS = Path(__file__).parent / "fifth"
ROOT = Path(__file__).parents[2]


def test_a_fifth_connector_passes_the_suite_with_no_change_to_gateway_or_tests(tmp_path: Path) -> None:
    """SYN-16, CON-22 (part): by configuration and data alone."""
    for kind in ("connectors", "mappings", "mocks"):
        shutil.copytree(FOLDERS / kind, tmp_path / kind / "weather")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "-k",
        "weather",
        "tests/contract/test_connectors.py",
    ]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:]
    passed = next(word for word in result.stdout.split(",") if "passed" in word)
    assert int("".join(c for c in passed.split()[-2] if c.isdigit())) >= 15, result.stdout[-500:]
