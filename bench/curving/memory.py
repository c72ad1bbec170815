"""What /proc says a process holds."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

KB = 1024
WANTED = {"Rss": "rss_mb", "Pss": "pss_mb", "Private_Clean": "private_mb", "Private_Dirty": "private_mb"}


@dataclass(frozen=True)
class Held:
    """In MB (2^20): what is resident, the same with shared pages divided among those who share them, and what is this
    process's alone; and how many files and threads are open."""

    rss_mb: float
    pss_mb: float
    private_mb: float
    files: int
    threads: int


def held(pid: int) -> Held:
    process = Path(f"/proc/{pid}")
    found = summed((process / "smaps_rollup").read_text())
    return Held(
        **{name: round(value, 2) for name, value in found.items()},
        files=len(list((process / "fd").iterdir())),
        threads=len(list((process / "task").iterdir())),
    )


def status_mb(pid: int, what: str = "VmRSS") -> float:
    """One line of `status`, in MB (2^20). `VmHWM`: the most that was ever resident."""
    said = Path(f"/proc/{pid}/status").read_text().partition(f"{what}:")[2].split()[0]
    return int(said) / KB


def summed(rollup: str) -> dict[str, float]:
    """Of a `smaps_rollup`."""
    found = dict.fromkeys(WANTED.values(), 0.0)
    for line in rollup.splitlines():
        name, _, rest = line.partition(":")
        if name in WANTED:
            found[WANTED[name]] += int(rest.split()[0]) / KB
    return found
