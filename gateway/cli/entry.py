"""Where the program begins. A process of the province loads nothing of the command line, which none of them needs."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """What we foresaw is told in two sentences and exit code 2, never as a stack trace."""
    gc.disable()  # what is made while modules are loaded stays: looking for what could be given back is a fifth of it
    from gateway.cli.output import say_error
    from gateway.cli.processes import PROCESSES
    from gateway.sdk import GatewayError

    try:
        if len(sys.argv) == 2 and (process := PROCESSES.get(sys.argv[1])):
            process()
        else:
            _command()
    except GatewayError as exc:
        say_error(exc)
        sys.exit(2)


def _command() -> None:
    from gateway.cli.main import app

    gc.enable()
    app()
