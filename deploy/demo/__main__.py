"""`make demo`: the whole journey on this machine. Ends non-zero if anything differs from what was promised."""

from __future__ import annotations

import argparse
import signal
import sys
import time

from report import Report, console
from story import tell
from town import API, PORTS, Town, TownError, mock_url


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running and print the URLs")
    keep = parser.parse_args().keep
    began = time.monotonic()
    console.print("[bold]Liên Thông[/]: một cửa ↔ bốn hệ thống quốc gia, trên máy này, với hệ thống giả lập.")
    report = Report()
    town = Town()
    try:
        with console.status("") as status:
            for system in sorted(PORTS.keys() - {"gateway"}):
                status.update(f"starting mock {system} …")
                town.start_mock(system)
            status.update("starting database, API and worker …")
            town.start_gateway()
        report.note(f"everything is up after {time.monotonic() - began:.1f} s; logs in .run/demo/")
        tell(town, report)
        result = report.close(time.monotonic() - began)
        if keep:
            _keep()
    except TownError as exc:
        console.print(f"[red]{exc}[/]")
        return 2
    finally:
        town.stop()
    return result


def _keep() -> None:
    console.print("\nStill running (Ctrl-C stops it):")
    console.print(f"  API       {API}/openapi.json")
    for system in sorted(PORTS.keys() - {"gateway"}):
        console.print(f"  {system:<18} {mock_url(system)}/_mock/journal")
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("stopping …")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
