"""Which system user the embedded cluster runs as, and whether that user can reach its folders."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from dataclasses import dataclass
from pathlib import Path

from gateway.sdk import ConfigurationError

SYSTEM_USER = "lienthong"


@dataclass(frozen=True, slots=True)
class Account:
    """A system user, never root: PostgreSQL refuses to run as root, and a break-in would own the machine."""

    name: str
    uid: int
    gid: int

    def can_enter(self, folder: Path) -> bool:
        """Whether the user may pass through `folder`, by the plain permission bits."""
        status = folder.stat()
        if status.st_uid == self.uid:
            return bool(status.st_mode & 0o100)
        groups = {self.gid, *(g.gr_gid for g in grp.getgrall() if self.name in g.gr_mem)}
        return bool(status.st_mode & (0o010 if status.st_gid in groups else 0o001))

    def blocked_at(self, folder: Path) -> Path | None:
        """The outermost folder on the way to `folder` that the user may not pass, if any."""
        way = [*reversed(folder.resolve().parents), folder.resolve()]
        return next((step for step in way if step.exists() and not self.can_enter(step)), None)


def cluster_account(run_as: str | None = None) -> Account:
    """Ourselves; or, as root, the named user, or the system user `lienthong`, which is made when it is missing."""
    if os.geteuid() != 0:
        return _account(pwd.getpwuid(os.geteuid()))
    try:
        return _account(pwd.getpwnam(run_as or SYSTEM_USER))
    except KeyError as exc:
        if run_as is not None:
            raise ConfigurationError(
                f"There is no system user {run_as!r} (setting database.run_as).",
                vi=f"Không có người dùng hệ thống {run_as!r} (khoá database.run_as).",
            ) from exc
    command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SYSTEM_USER]
    try:
        subprocess.run(command, check=True, capture_output=True)  # noqa: S603 - fixed arguments
    except (OSError, subprocess.CalledProcessError) as exc:
        raise ConfigurationError(
            f"The system user {SYSTEM_USER!r} could not be made; name an existing one in database.run_as.",
            vi=f"Không tạo được người dùng hệ thống {SYSTEM_USER!r}; hãy đặt database.run_as.",
        ) from exc
    return _account(pwd.getpwnam(SYSTEM_USER))


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)
