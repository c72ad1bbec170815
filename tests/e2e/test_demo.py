"""What `make demo` runs, with an embedded database of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from journey import free_ports
from town import ROOT


@pytest.mark.plants_personal_data("process stdout")  # it tells whom it asked about; its processes' logs are watched
def test_the_demo_tells_its_story_and_every_check_holds() -> None:
    command = [sys.executable, str(ROOT / "deploy" / "demo"), "--first-port", str(free_ports())]
    told = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=280)
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr[-2000:]
    assert "All 70 checks held" in told.stdout
