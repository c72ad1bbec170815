"""One mock by itself: `python -m mocks._kit.alone national_portal --port 7103 --state-file portal.jsonl`.

The same as `python -m mocks.national_portal.app …`. For whoever wants to kill one system and leave the others running.
Stops on SIGTERM or Ctrl-C.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Iterable, Sequence

from mocks._kit.discover import discover
from mocks._kit.errors import MockError
from mocks._kit.sandbox import print_line
from mocks._kit.serve import STOP_SIGNALS, serving, stop_signals_held


def main(argv: Sequence[str] | None = None) -> int:
    """Command line. Returns 1 when the port cannot be opened or a setting is not the mock's."""
    found = discover()
    chosen = _parser(found).parse_args(argv)
    module = found[chosen.mock]
    try:
        app = module.create_app(dict(chosen.set) | ({"upstreams": dict(chosen.upstream)} if chosen.upstream else {}))
        with stop_signals_held(), serving(app, module.PORT if chosen.port is None else chosen.port) as url:
            print_line(f"{chosen.mock} {url}")
            signal.sigwait(STOP_SIGNALS)
    except MockError as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _parser(mocks: Iterable[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mock", description="Serve one mock.")
    parser.add_argument("mock", choices=sorted(mocks))
    parser.add_argument("--port", type=int, help="default: the mock's own; 0: any free one")
    parser.add_argument("--set", action="append", default=[], type=_pair, metavar="NAME=TEXT", help="one setting")
    parser.add_argument(
        "--state-file", action="append", dest="set", type=_state_file, metavar="FILE", help="--set state_file=FILE"
    )
    parser.add_argument(
        "--upstream",
        action="append",
        default=[],
        type=_pair,
        metavar="PREFIX=URL",
        help="a platform between: what it passes on, and where to",
    )
    return parser


def _pair(text: str) -> tuple[str, str]:
    name, separator, value = text.partition("=")
    if not separator:
        raise argparse.ArgumentTypeError("expected NAME=TEXT")
    return name, value


def _state_file(text: str) -> tuple[str, str]:
    return "state_file", text


if __name__ == "__main__":
    sys.exit(main())
