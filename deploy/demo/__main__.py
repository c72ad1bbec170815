"""`make demo`: the whole journey on this machine. Ends non-zero if anything differs from what was promised."""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import time

from desk import PASSWORD
from report import Report, console
from story import PURPOSE, SCOPES, tell
from town import ROOT, Town, TownError

OPERATORS = {
    "vanhanh": ("operator", "administrator"),
    "giamsat": ("auditor", "protection_officer"),
    "xem": ("viewer",),
}
"""Of this machine's demo alone; it is gone when the demo stops."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="leave everything running and print the URLs")
    parser.add_argument("--first-port", type=int, default=7100, help="the gateway's; the mocks take the next ones")
    chosen = parser.parse_args()
    began = time.monotonic()
    console.print("[bold]Liên Thông[/]: một cửa ↔ bốn hệ thống quốc gia, trên máy này, với hệ thống giả lập.")
    report = Report()
    logs = ROOT / ".run" / ("demo" if chosen.first_port == 7100 else f"demo-{chosen.first_port}")
    shutil.rmtree(logs, ignore_errors=True)
    town = Town(logs, first_port=chosen.first_port, tries=True, money=True)
    try:
        with console.status("") as status:
            for system in town.mocks:
                status.update(f"starting mock {system} …")
                town.start_mock(system)
            status.update("starting database, API and worker …")
            town.start_gateway()
        report.note(f"everything is up after {time.monotonic() - began:.1f} s; logs in {logs.relative_to(ROOT)}/")
        key = town.add_client("motcua", *SCOPES)
        tell(town, report, key=key)
        result = report.close(time.monotonic() - began)
        if chosen.keep:
            _keep(town, key)
    except TownError as exc:
        console.print(f"[red]{exc}[/]")
        return 2
    finally:
        for number in (signal.SIGINT, signal.SIGTERM):  # whoever is impatient must not leave processes behind
            signal.signal(number, signal.SIG_IGN)
        town.stop()
    return result


def _keep(town: Town, key: str) -> None:
    console.print("\nStill running (Ctrl-C stops it):")
    console.print(f"  API                {town.api}/openapi.json")
    for system in town.mocks:
        console.print(f"  {system:<18} {town.mock_url(system)}/_mock/journal")
    console.print(f"  {'status page':<18} {town.api}/trang-thai")
    console.print(f"\nThe operators' console: {town.api}/console — log in with one of these, password “{PASSWORD}”:")
    for login, roles in OPERATORS.items():
        codes = town.add_operator(login, *roles, password=PASSWORD).codes
        console.print(f"  {login:<10} {', '.join(roles):<32} codes, each works once: {'  '.join(codes[:3])}")
    body = {
        "personal_id": "099185000001",
        "full_name": "Trần Thị Mẫu",
        "birth_date": "1985-06-15",
        "purpose": PURPOSE,
    }
    console.print("\nTry it:")
    console.print(
        f"curl -s {town.api}/v1/citizens/verification -H 'Authorization: Bearer {key}' "
        f"-H 'Content-Type: application/json' -d '{json.dumps(body, ensure_ascii=False)}'",
        soft_wrap=True,
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print("stopping …")


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
