"""py-spy beside a process under load, where it is installed (`bench/peers/setup.sh`)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from comparison.subjects import INSTALLED, Absent

from curving.shares import rest, shares


@dataclass(frozen=True)
class Profile:
    """Shares of all samples by part; and of the gateway's files that are no part's, the greatest few."""

    shares: dict[str, float]
    rest: dict[str, float]


PER_S = 300
AHEAD_S = 2.0
"""It reads symbols before its first sample."""


def spy() -> Path:
    """`Absent`: there is none."""
    found = shutil.which("py-spy") or INSTALLED / "python/bin/py-spy"
    if not Path(found).exists():
        raise Absent("py-spy is not installed (bench/peers/setup.sh)")
    return Path(found)


def profiled(pid: int, seconds: float, load: Callable[[float], object]) -> Profile:
    """Of the process, while `load` runs, which is told for how long. Threads that wait are not counted. `Absent`: it is
    not there, or may not look."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "raw"
        asked = ["-p", str(pid), "-d", str(round(seconds)), "-r", str(PER_S), "-f", "raw", "-o", str(out)]
        with subprocess.Popen(
            [str(spy()), "record", *asked], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True
        ) as process:
            load(seconds + AHEAD_S)
            told, _ = process.communicate(timeout=seconds + 60)
        if process.returncode or not out.exists():
            words = told.decode(errors="replace").strip()[-200:]
            raise Absent(f"py-spy did not look: {words}")
        lines = out.read_text().splitlines()
        return Profile(shares(lines), rest(lines))


def tried(pid: int, seconds: float, load: Callable[[float], object]) -> dict[str, float]:
    """The shares of `profiled`; empty where it is absent, which is said once on the terminal."""
    try:
        return profiled(pid, seconds, load).shares
    except Absent as exc:
        print(f"no profile: {exc}", file=sys.stderr)
        return {}
