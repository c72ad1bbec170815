"""The files of an embedded cluster: where they are, how they are first made, what is written into them."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway.database.account import Account
from gateway.database.binaries import Binaries
from gateway.sdk import ConfigurationError

LONGEST_SOCKET = 107
"""Bytes that a Unix socket's path may have (sockaddr_un)."""

OPTIONS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    # Nothing that a statement carries may reach the log: values are personal data (PDP-15).
    "log_statement": "none",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_error_verbosity": "terse",
}


@dataclass(frozen=True, slots=True)
class Layout:
    """Paths below one folder."""

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def socket(self) -> Path:
        return self.folder / "socket"

    @property
    def lock(self) -> Path:
        return self.folder / "lock"

    @property
    def log(self) -> Path:
        return self.folder / "postgresql.log"

    def options(self) -> list[str]:
        """Command-line settings of the postmaster; they win over the cluster's own files."""
        settings = {**OPTIONS, "unix_socket_directories": str(self.socket)}
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def postmaster(self) -> int | None:
        """The process id in `postmaster.pid`, if that process is alive."""
        try:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            running = Path(f"/proc/{pid}/cmdline").read_bytes()
        except (OSError, ValueError, IndexError):
            return None
        return pid if str(self.data).encode() in running else None

    def admit(self, account: Account) -> None:
        """Write who may connect: the gateway's own system user and the cluster's, told apart by the kernel (peer)."""
        names = sorted({account.name, pwd.getpwuid(os.geteuid()).pw_name})
        ident = "".join(f"gateway {name} lienthong\n" for name in names)
        self._write("pg_ident.conf", ident, account)
        self._write("pg_hba.conf", "local all lienthong peer map=gateway\n", account)

    def _write(self, name: str, text: str, account: Account) -> None:
        draft = self.data / f".{name}"
        draft.write_text(text)
        draft.chmod(0o600)
        if os.geteuid() == 0:
            os.chown(draft, account.uid, account.gid)
        draft.rename(self.data / name)

    def socket_fits(self) -> None:
        longest = len(os.fsencode(self.socket / ".s.PGSQL.5432.lock"))
        if longest > LONGEST_SOCKET:
            raise ConfigurationError(
                f"The path {self.folder} is too long for a Unix socket; choose a shorter LIENTHONG_STATE.",
                vi=f"Đường dẫn {self.folder} quá dài cho socket; hãy chọn LIENTHONG_STATE ngắn hơn.",
                what="state_path_too_long",
            )


def initialise(layout: Layout, binaries: Binaries, account: Account) -> None:
    """Make the cluster beside its place and move it there whole, so that a crash leaves no half of one."""
    draft = layout.folder / "data.new"
    shutil.rmtree(draft, ignore_errors=True)
    initdb = [str(binaries.folder / "initdb"), "-D", str(draft), "--username=postgres", "--data-checksums"]
    _run([*initdb, "--auth-local=peer", "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8"], account)
    # Single-user mode: no server listens while the gateway's own role, which is no superuser, is made.
    statements = "CREATE ROLE lienthong LOGIN CREATEDB;\nCREATE DATABASE lienthong OWNER lienthong;\n"
    _run([str(binaries.folder / "postgres"), "--single", "-D", str(draft), "template1"], account, statements)
    draft.rename(layout.data)


def _run(command: list[str], account: Account, text: str = "") -> None:
    is_root = os.geteuid() == 0
    try:
        subprocess.run(  # noqa: S603 - the configured program
            command,
            input=text,
            text=True,
            check=True,
            capture_output=True,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC"},
            user=account.uid if is_root else None,
            group=account.gid if is_root else None,
            extra_groups=[] if is_root else None,
        )
    except (OSError, subprocess.CalledProcessError) as exc:
        said = getattr(exc, "stderr", "") or str(exc)
        raise ConfigurationError(
            f"{Path(command[0]).name} failed: {said.strip().splitlines()[-1] if said.strip() else 'no message'}",
            vi=f"{Path(command[0]).name} không chạy được; xem thông báo tiếng Anh kèm theo.",
            what="database_not_made",
        ) from exc
