"""One mock by itself: `python -m mocks._kit.alone national_portal --port 7103 --set state_file=portal.jsonl`.

For whoever wants to kill one system and leave the others running. Stops on SIGTERM or Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Sequence

from mocks._kit.discover import discover
from mocks._kit.errors import MockDidNotStart
from mocks._kit.sandbox import STOP_SIGNALS, print_line
from mocks._kit.serve import serving


def main(argv: Sequence[str] | None = None) -> int:
    """Command line. Returns 1 when the port cannot be opened."""
    found = discover()
    parser = argparse.ArgumentParser(prog="mock", description="Serve one mock.")
    parser.add_argument("mock", choices=sorted(found))
    parser.add_argument("--port", type=int, help="default: the mock's own")
    parser.add_argument("--set", action="append", default=[], type=_pair, metavar="NAME=TEXT", help="one setting")
    chosen = parser.parse_args(argv)
    module = found[chosen.mock]
    signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)  # inherited by the server's thread
    try:
        with serving(module.create_app(dict(chosen.set)), chosen.port or module.PORT) as url:
            print_line(f"{chosen.mock} {url}")
            signal.sigwait(STOP_SIGNALS)
    except MockDidNotStart as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("expected NAME=TEXT")
    return name, value


if __name__ == "__main__":
    sys.exit(main())
