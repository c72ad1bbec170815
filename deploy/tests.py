"""Every test, in two processes side by side that take about as long: whole towns, the contracts and the command line in
one, all others in the other. What the first says is shown when both are done, and the counts of both are added up in
one line, as pytest writes it. With a path among the arguments it is one pytest, as it stands."""

from __future__ import annotations

import re
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BESIDE = ("tests/e2e", "tests/contract", "tests/integration/cli")
COUNT = re.compile(r"(\d+) (passed|failed|skipped|errors?|deselected|xfailed|xpassed|warnings?)\b")
NOTHING = 5
"""What pytest ends with where nothing was chosen."""


def main(arguments: list[str]) -> int:
    pytest = [sys.executable, "-m", "pytest", "-q", *arguments]
    if any((ROOT / argument.partition("::")[0]).exists() for argument in arguments if not argument.startswith("-")):
        return subprocess.run(pytest, cwd=ROOT, check=False).returncode
    log = ROOT / ".run" / "beside.log"
    log.parent.mkdir(exist_ok=True)
    began = time.monotonic()
    with log.open("wb") as said:
        beside = subprocess.Popen([*pytest, *BESIDE], cwd=ROOT, stdout=said, stderr=subprocess.STDOUT)
        try:
            others, last = shown([*pytest, *(f"--ignore={folder}" for folder in BESIDE), "tests"])
            code = beside.wait()
        finally:
            beside.terminate()
    told = log.read_text(encoding="utf-8", errors="replace")
    print(f"\n{', '.join(BESIDE)}, which ran beside them:\n{told}")
    codes = {others, code}
    print(added(last, closing(told), seconds=time.monotonic() - began))
    return max(codes - {NOTHING}, default=NOTHING)


def shown(command: list[str]) -> tuple[int, str]:
    """Run it in the open; how it ended, and its closing line."""
    last = ""
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        while piece := process.stdout.read1(4096):
            sys.stdout.buffer.write(piece)
            sys.stdout.flush()
            last = (last + piece.decode("utf-8", "replace"))[-4096:]
    return process.returncode, closing(last)


def closing(told: str) -> str:
    """The last line that counts tests."""
    return next((line for line in reversed(told.splitlines()) if COUNT.search(line)), "")


def added(*lines: str, seconds: float) -> str:
    counts = Counter[str]()
    for line in lines:
        for number, what in COUNT.findall(line):
            counts["errors" if what == "error" else what] += int(number)
    text = ", ".join(
        f"{number} {what}" for what, number in sorted(counts.items(), key=lambda each: each[0] != "failed")
    )
    return f"{text} in {seconds:.2f}s ({int(seconds) // 60}:{int(seconds) % 60:02d})"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
