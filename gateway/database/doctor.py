"""`lienthong doctor`: which database is used, its version, and what is wrong, in plain words."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

import psycopg

from gateway.database.binaries import find_binaries
from gateway.database.pool import OLDEST_SERVER
from gateway.sdk import ConfigurationError

END_OF_LIFE = {
    14: date(2026, 11, 12),
    15: date(2027, 11, 11),
    16: date(2028, 11, 9),
    17: date(2029, 11, 8),
    18: date(2030, 11, 14),
}
"""When the PostgreSQL project stops mending a release (postgresql.org, versioning policy)."""

LITTLE_SPACE = 5 * 10**9


class Level(StrEnum):
    """How bad a finding is."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"


@dataclass(frozen=True, slots=True)
class Finding:
    """One sentence in both languages, and what to do next if anything."""

    level: Level
    text: str
    text_vi: str


def examine_binaries(setting: Path | None = None, *, data: Path | None = None) -> list[Finding]:
    """Which programs the embedded cluster would use."""
    try:
        found = find_binaries(setting, data=data)
    except ConfigurationError as exc:
        return [Finding(Level.ERROR, exc.detail, exc.detail_vi)]
    sources = {"setting": "your setting", "debian": "Debian's package", "wheel": "the wheel in the lock file"}
    sources_vi = {"setting": "cấu hình", "debian": "gói của Debian", "wheel": "gói Python kèm theo"}
    findings = [
        Finding(
            Level.OK,
            f"Embedded PostgreSQL {found.version} from {sources[found.source]} ({found.folder}).",
            f"PostgreSQL riêng, bản {found.version}, từ {sources_vi[found.source]} ({found.folder}).",
        )
    ]
    if found.source == "wheel":
        findings.append(
            Finding(
                Level.WARNING,
                "The wheel gets no security updates by itself; in production install Debian's `postgresql` package.",
                "Gói kèm theo không tự cập nhật bảo mật; khi vận hành thật hãy cài gói `postgresql` của Debian.",
            )
        )
    return findings


def examine_folder(folder: Path) -> list[Finding]:
    """Modes and free space of the embedded cluster's folder."""
    if not folder.exists():
        text = f"{folder} does not exist yet; `lienthong run` makes it."
        return [Finding(Level.OK, text, f"{folder} chưa có; `lienthong run` sẽ tạo.")]
    findings = []
    if os.geteuid() in {0, folder.stat().st_uid} and folder.stat().st_mode & 0o077:
        findings.append(
            Finding(
                Level.ERROR,
                f"{folder} is open to others; chmod 700 it.",
                f"{folder} cho người khác đọc; hãy chmod 700.",
            )
        )
    free = shutil.disk_usage(folder).free
    if free < LITTLE_SPACE:
        findings.append(
            Finding(
                Level.WARNING,
                f"Only {free / 1e9:.1f} GB are free below {folder} (SEC-06).",
                f"Chỉ còn trống {free / 1e9:.1f} GB tại {folder}.",
            )
        )
    return findings or [Finding(Level.OK, f"{folder} is private and has space.", f"{folder} riêng tư và còn chỗ.")]


def examine_server(dsn: str, *, today: date) -> list[Finding]:
    """Connect and look: version, checksums, migrations. Blocking."""
    try:
        with psycopg.connect(dsn, connect_timeout=5) as connection:
            return list(_look(connection, today))
    except psycopg.OperationalError as exc:
        reason = str(exc).strip().splitlines()[-1].split("failed:")[-1].strip()
        return [
            Finding(
                Level.ERROR,
                f"The database does not answer: {reason}. Check that it runs and that LIENTHONG_DATABASE_URL is right.",
                "Cơ sở dữ liệu không trả lời. Kiểm tra máy chủ có chạy không và LIENTHONG_DATABASE_URL có đúng không.",
            )
        ]


def _look(connection: psycopg.Connection[tuple[object, ...]], today: date) -> Iterator[Finding]:
    number = connection.info.server_version
    major, minor = divmod(number, 10000)
    yield Finding(Level.OK, f"PostgreSQL {major}.{minor} answers.", f"PostgreSQL {major}.{minor} đang chạy.")
    if number < OLDEST_SERVER:
        yield Finding(Level.ERROR, "It is too old; 14 or newer is needed.", "Bản này quá cũ; cần bản 14 trở lên.")
    end = END_OF_LIFE.get(major)
    if end is not None and end < today:
        yield Finding(
            Level.WARNING,
            f"Release {major} has had no fixes since {end:%d/%m/%Y}; upgrade it.",
            f"Bản {major} hết được vá lỗi từ {end:%d/%m/%Y}; hãy nâng cấp.",
        )
    if _value(connection, "SHOW data_checksums") != "on":
        yield Finding(
            Level.WARNING,
            "Data checksums are off: a disk that alters a page would not be noticed. See pg_checksums.",
            "Chưa bật kiểm tra tổng (data checksums): đĩa hỏng ngầm sẽ không bị phát hiện. Xem pg_checksums.",
        )
    if _value(connection, "SHOW fsync") != "on":
        yield Finding(
            Level.ERROR,
            "fsync is off: a power cut loses what was reported as stored.",
            "fsync đang tắt: mất điện sẽ mất dữ liệu đã báo là đã lưu.",
        )
    if _value(connection, "SELECT to_regclass('lienthong.migration')") is None:
        yield Finding(
            Level.WARNING, "The schema is not there yet: `lienthong migrate`.", "Chưa có lược đồ: `lienthong migrate`."
        )


def _value(connection: psycopg.Connection[tuple[object, ...]], statement: str) -> object:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None
