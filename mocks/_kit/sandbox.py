"""All mocks in one process on their fixed ports: `python -m mocks._kit.sandbox`. Stops on SIGTERM or Ctrl-C.

Everything served here is made up. No system outside this machine is called, except where a mock calls back by contract
(the payment mock's IPN) to the address in its settings.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from types import ModuleType

from mocks._kit.app import UPSTREAMS
from mocks._kit.discover import discover
from mocks._kit.errors import MockDidNotStart
from mocks._kit.serve import HOST, STOP_SIGNALS, serving, stop_signals_held


def print_line(line: str) -> None:
    """To standard output at once: whoever waits for the addresses reads them through a pipe."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def run(
    ports: Mapping[str, int] | None = None,
    *,
    wait: Callable[[], object] = lambda: signal.sigwait(STOP_SIGNALS),
    say: Callable[[str], object] = print_line,
) -> None:
    """Serves every mock, a table of names and addresses, until `wait` returns. `ports` replaces the fixed ports."""
    found = discover()
    width = max(map(len, found))
    bases = {f"http://{HOST}:{found[name].PORT}": f"http://{HOST}:{port}" for name, port in (ports or {}).items()}
    with stop_signals_held(), ExitStack() as stack:
        for name, module in found.items():
            app = module.create_app(_behind(module, bases))
            url = stack.enter_context(serving(app, (ports or {}).get(name, module.PORT)))
            say(f"{name:<{width}}  {url}")
        wait()


def _behind(module: ModuleType, bases: Mapping[str, str]) -> dict[str, object]:
    """The settings of a platform between, so that it finds the systems behind it where they were moved to."""
    upstreams: Mapping[str, str] = getattr(module, "DEFAULTS", {}).get(UPSTREAMS, {})
    return {UPSTREAMS: {key: _moved(url, bases) for key, url in upstreams.items()}} if upstreams else {}


def _moved(url: str, bases: Mapping[str, str]) -> str:
    base = next((old for old in bases if f"{url}/".startswith(f"{old}/")), "")
    return f"{bases.get(base, base)}{url.removeprefix(base)}"


def main(argv: Sequence[str] | None = None) -> int:
    """Command line: `--port population=7201` moves one mock. Returns 1 when a port cannot be opened."""
    parser = argparse.ArgumentParser(prog="mocks", description="Serve the mocks of the national systems.")
    parser.add_argument("--port", action="append", default=[], type=_port, metavar="MOCK=PORT")
    chosen = dict(parser.parse_args(argv).port)
    unknown = set(chosen) - set(discover())
    if unknown:
        parser.error(f"no such mock: {', '.join(sorted(unknown))}")
    try:
        run(chosen)
    except MockDidNotStart as exc:
        sys.stderr.write(f"{exc}\n")
        return 1
    return 0


def _port(text: str) -> tuple[str, int]:
    name, _, number = text.partition("=")
    if not name or not number.isdigit():
        raise argparse.ArgumentTypeError("expected MOCK=PORT")
    return name, int(number)


if __name__ == "__main__":
    sys.exit(main())
