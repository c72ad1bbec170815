"""Runs commands of the gateway, each in a process of its own, forked from one that has imported everything once: an
interpreter that starts anew takes seconds for what a fork has already.

Reads one job a line, `{"arguments", "environment", "stdin", "stdout", "stderr"}` (three paths), and answers with the
exit code.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any, NoReturn

LONGEST_S = 120


def serve() -> None:
    import gateway.api.app
    import gateway.cli.main
    import gateway.cli.serve  # noqa: F401 - imported for the children

    for line in sys.stdin:
        job = json.loads(line)
        child = os.fork()
        if child == 0:
            _become(job)
        _, status = os.waitpid(child, 0)
        sys.stdout.write(f"{os.waitstatus_to_exitcode(status)}\n")
        sys.stdout.flush()


def _become(job: dict[str, Any]) -> NoReturn:
    signal.alarm(LONGEST_S)
    for number, name, flags in (
        (0, "stdin", os.O_RDONLY),
        (1, "stdout", os.O_WRONLY),
        (2, "stderr", os.O_WRONLY),
    ):
        os.dup2(os.open(job[name], flags), number)
    sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115 - for good
    os.environ.clear()
    os.environ.update(job["environment"])
    sys.argv = ["lienthong", *job["arguments"]]
    code = 1
    try:
        from gateway.cli.entry import main

        main()
        code = 0
    except SystemExit as exc:
        code = exc.code if isinstance(exc.code, int) else int(exc.code is not None)
    except BaseException:
        sys.excepthook(*sys.exc_info())  # type: ignore[arg-type]  # there is one
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


if __name__ == "__main__":
    serve()
