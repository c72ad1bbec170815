"""Which process runs on which core, and what /proc says it has used."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Cores:
    """The first core is the subject's; upstream, load generator and PostgreSQL share the others."""

    subject: frozenset[int]
    others: frozenset[int]

    @property
    def everything(self) -> frozenset[int]:
        return self.subject | self.others

    @property
    def are_apart(self) -> bool:
        return not self.subject & self.others

    def told(self, *, subject_anywhere: bool = False, others_anywhere: bool = False) -> dict[str, Any]:
        """As a result says it."""
        subject = self.everything if subject_anywhere else self.subject
        others = self.everything if others_anywhere else self.others
        return {"subject": sorted(subject), "others": sorted(others), "apart": self.are_apart}


def cores() -> Cores:
    found = sorted(os.sched_getaffinity(0))
    return Cores(subject=frozenset(found[:1]), others=frozenset(found[1:] or found))


@contextmanager
def on(chosen: Collection[int]) -> Iterator[None]:
    """Whatever is started inside runs on these cores, and so does this thread."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, chosen)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def move(pid: int, chosen: Collection[int]) -> None:
    """The process and all its threads and children, from now on."""
    for one in tree(pid):
        for task in Path(f"/proc/{one}/task").iterdir():
            try:
                os.sched_setaffinity(int(task.name), chosen)
            except OSError:
                continue  # it has ended meanwhile


def tree(pid: int) -> list[int]:
    """The process and those that it started, at any depth."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = task.read_text().split()
        except OSError:
            continue
        for child in children:
            found += tree(int(child))
    return found


def cpu_s(pid: int, *, ended: bool = False) -> float:
    """Seconds that the process has run, to a hundredth; `ended`: and its children that have ended."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return sum(int(word) for word in words[11 : 15 if ended else 13]) / TICKS


def tree_cpu_s(pid: int) -> float:
    return sum(cpu_s(one) for one in tree(pid))


def until_idle(pid: int, *, share: float = 0.1, span_s: float = 0.5, patience_s: float = 120.0) -> None:
    """Returns when the process, with those that it started, has used no more than `share` of a core for `span_s`, and
    does not wait for one either. `SystemExit`: it worked on."""
    end, used = time.monotonic() + patience_s, tree_cpu_s(pid)
    while True:
        time.sleep(span_s)
        before, used = used, tree_cpu_s(pid)
        if used - before <= share * span_s and not any(map(_wants_to_run, tree(pid))):
            return
        if time.monotonic() > end:
            raise SystemExit(f"Process {pid} still works after {patience_s:g} s.")


def _wants_to_run(pid: int) -> bool:
    """Whether any of its threads runs, or would if there were a core for it."""
    for task in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state = task.read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state == "R":
            return True
    return False


def spent_s(pid: int, work: Callable[[], object]) -> float:
    """Seconds of CPU that the process uses from the beginning of `work` until it is idle after it. It is idle before,
    too: what it did to begin with belongs to no work."""
    until_idle(pid)
    before = tree_cpu_s(pid)
    work()
    until_idle(pid)
    return tree_cpu_s(pid) - before


def tree_rss_mb(pid: int) -> float:
    """Memory that is resident now; pages that several processes share count once for each."""
    pages = 0
    for one in tree(pid):
        try:
            pages += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return pages * PAGE / 2**20


def words_of() -> str:
    """The machine, as a reader needs it beside a figure."""
    try:
        model = next(
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        )
    except (OSError, StopIteration):
        model = "unknown"
    memory = os.sysconf("SC_PHYS_PAGES") * PAGE / 2**30
    return f"{os.cpu_count()} cores of {model}, {memory:.0f} GB, Linux {os.uname().release}"
