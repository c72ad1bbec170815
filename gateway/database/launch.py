"""Become PostgreSQL: drop root, ask to be stopped when the gateway dies, exec. Runs as `python launch.py …`.

A separate program, because Python code between fork and exec is unsafe in a process that has threads.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1


def main(arguments: list[str]) -> None:
    """`parent uid gid program …`. The fast-shutdown signal arrives when the supervising thread ends, by kill -9 too.

    Order matters: the kernel forgets the death signal when credentials change, so they change first.
    """
    parent, uid, gid, *command = arguments
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(int(gid))
        os.setuid(int(uid))
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, int(signal.SIGINT), 0, 0, 0)
    if os.getppid() != int(parent):  # the gateway died before it could be asked for
        sys.exit(1)
    os.execv(command[0], command)  # noqa: S606 - the program comes from our own settings


if __name__ == "__main__":
    main(sys.argv[1:])
