"""A private PostgreSQL cluster that the gateway runs itself, as a supervised direct child.

    <folder>/          0700, owned by the cluster's user
      data/            the cluster: data checksums on, peer authentication only, no TCP port, no `trust`
      socket/          0700
      lock             held by the process that supervises
      postgresql.log   no statements, no parameters, no details: personal data never reaches it

The parents of `<folder>` are left as they are; where they bar the way, the error names the one that does.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import structlog

from gateway.database import launch
from gateway.database.account import Account, cluster_account
from gateway.database.binaries import Binaries, find_binaries, readable_copy
from gateway.database.layout import Layout, initialise
from gateway.sdk import ConfigurationError

START_S = 60.0
STOP_S = 30.0

log = structlog.get_logger()


class EmbeddedCluster:
    """Start, supervise, stop. `dsn` is valid while it runs. Blocking; call it before the event loop or in a thread."""

    def __init__(
        self,
        folder: Path,
        *,
        binaries: Path | None = None,
        run_as: str | None = None,
        options: tuple[str, ...] = (),
        progress: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.account = cluster_account(run_as)
        self.layout = Layout(folder.absolute())
        self.binaries = find_binaries(binaries, data=self.layout.data)
        self._options = options
        self._progress = progress
        self._child: subprocess.Popen[bytes] | None = None
        self._stopping = threading.Event()
        self._supervisor: threading.Thread | None = None
        self._lock: int | None = None

    @property
    def dsn(self) -> str:
        return f"host={self.layout.socket} dbname=lienthong user=lienthong"

    @property
    def supervising(self) -> bool:
        """Whether this process runs the cluster, rather than another one."""
        return self._lock is not None

    def start(self) -> None:
        """Bring the cluster up, or join the one that another process runs on the same folder."""
        _prepare_folder(self.layout, self.account)
        self.binaries = _reachable(self.binaries, self.account, self.layout)
        if self._take_lock():
            _wait_for_predecessor(self.layout)
            if not self.layout.data.exists():
                self._progress("making a new database cluster")
                initialise(self.layout, self.binaries, self.account)
            self.layout.admit(self.account)
            self._stopping.clear()
            self._supervisor = threading.Thread(target=self._supervise, name="postgres-supervisor", daemon=True)
            self._supervisor.start()
        self._progress("waiting for the database")
        self._wait_ready()

    def stop(self) -> None:
        """Fast shutdown: open transactions roll back, everything committed is on disk."""
        if self._lock is None:
            return
        self._stopping.set()
        if self._child is not None:
            _end(self._child)
        if self._supervisor is not None:
            self._supervisor.join(STOP_S)
        os.close(self._lock)
        self._lock = None

    @contextmanager
    def running(self) -> Iterator[str]:
        """`start`, the dsn, and `stop` if this process started it."""
        try:
            self.start()
            yield self.dsn
        finally:
            self.stop()

    @property
    def pid(self) -> int | None:
        """The postmaster's process id, as its own file says."""
        return self.layout.postmaster()

    def _take_lock(self) -> bool:
        handle = os.open(self.layout.lock, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def _supervise(self) -> None:
        """Keep a postmaster running. After a kill -9 its orphaned backends must end first, so starting is retried."""
        pause = 0.1
        while not self._stopping.is_set():
            began = time.monotonic()
            self._child = self._spawn()
            if self._stopping.is_set():
                _end(self._child)
            code = self._child.wait()
            if self._stopping.is_set():
                return
            pause = 0.1 if time.monotonic() - began > 10 else min(pause * 2, 2.0)
            log.error("embedded_postgresql_ended", exit_code=code, restart_in_s=pause)
            self._stopping.wait(pause)

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [str(self.binaries.folder / "postgres"), "-D", str(self.layout.data), *self.layout.options()]
        command += [part for option in self._options for part in ("-c", option)]
        identity = [str(os.getpid()), str(self.account.uid), str(self.account.gid)]
        with self.layout.log.open("ab") as output:
            return subprocess.Popen(  # noqa: S603 - our own launcher and the configured program
                [sys.executable, str(Path(launch.__file__)), *identity, *command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
            )

    def _wait_ready(self) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            try:
                psycopg.connect(self.dsn, connect_timeout=2).close()
            except psycopg.OperationalError:
                time.sleep(0.03)
            else:
                return
        self.stop()
        raise ConfigurationError(
            f"The embedded database did not start within {START_S:.0f} s; see {self.layout.log}.",
            vi=f"Cơ sở dữ liệu riêng không khởi động được trong {START_S:.0f} giây; xem {self.layout.log}.",
            what="database_not_started",
        )


def _prepare_folder(layout: Layout, account: Account) -> None:
    layout.folder.parent.mkdir(parents=True, exist_ok=True)
    blocked = account.blocked_at(layout.folder.parent)
    if blocked is not None:
        raise ConfigurationError(
            f"The user {account.name!r} may not enter {blocked}, so the database cannot live in {layout.folder}. "
            "Choose another folder with LIENTHONG_STATE.",
            vi=f"Người dùng {account.name!r} không vào được {blocked}; hãy chọn thư mục khác bằng LIENTHONG_STATE.",
            what="state_unreachable",
        )
    for folder in (layout.folder, layout.socket):
        folder.mkdir(mode=0o700, exist_ok=True)
        if os.geteuid() == 0:
            os.chown(folder, account.uid, account.gid)
    layout.socket_fits()


def _reachable(binaries: Binaries, account: Account, layout: Layout) -> Binaries:
    """Programs in a private folder (a checkout under a 0700 home) are copied to where the cluster's user may go."""
    if account.blocked_at(binaries.folder) is None:
        return binaries
    copy = readable_copy(binaries, layout.folder)
    if os.geteuid() == 0:
        shutil.chown(copy.folder.parent, "root", "root")
    return copy


def _wait_for_predecessor(layout: Layout) -> None:
    """A postmaster whose gateway was killed is shutting down by itself; give it time, then insist."""
    for insist in (None, signal.SIGINT, signal.SIGQUIT):
        pid = layout.postmaster()
        if pid is None:
            return
        if insist is not None:
            os.kill(pid, insist)
        end = time.monotonic() + STOP_S / 3
        while time.monotonic() < end and layout.postmaster() is not None:
            time.sleep(0.05)


def _end(child: subprocess.Popen[bytes]) -> None:
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        if child.poll() is not None:
            return
        child.send_signal(number)
        try:
            child.wait(STOP_S / 3)
        except subprocess.TimeoutExpired:
            continue
