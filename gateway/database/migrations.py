"""Numbered SQL files, applied once each, in order, by whoever holds the lock."""

from __future__ import annotations

import hashlib
from pathlib import Path

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import dict_row

from gateway.database.queries import SQL
from gateway.sdk import ConfigurationError

LOCK = 0x6C69656E  # "lien": any number will do, as long as every gateway of a database uses the same


async def migrate(dsn: str, *, folder: Path = SQL / "migrations") -> list[str]:
    """Bring the schema up to date and return the names of the files applied now. Safe from many processes at once.

    Raises `ConfigurationError` when a file that was applied has been altered since: its database and ours differ.
    """
    applied = []
    files = _read(folder)
    try:
        connection = await AsyncConnection.connect(dsn, autocommit=True, row_factory=dict_row)
    except OperationalError as exc:
        raise ConfigurationError(
            "The database cannot be reached. Run `lienthong doctor`.",
            vi="Không kết nối được cơ sở dữ liệu. Hãy chạy `lienthong doctor`.",
            what="database_unreachable",
        ) from exc
    async with connection:
        await connection.execute("SELECT pg_advisory_lock(%s)", (LOCK,))
        await connection.execute("CREATE SCHEMA IF NOT EXISTS lienthong")
        await connection.execute("SET search_path = lienthong, public")
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration (name text PRIMARY KEY, checksum text NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT now())"
        )
        rows = await (await connection.execute("SELECT name, checksum FROM migration")).fetchall()
        known = {row["name"]: row["checksum"] for row in rows}
        for name, content in files.items():
            if await _apply(connection, (name, content), known.get(name)):
                applied.append(name)
    return applied


def _read(folder: Path) -> dict[str, bytes]:
    return {file.stem: file.read_bytes() for file in sorted(folder.glob("[0-9]*.sql"))}


async def _apply(connection: AsyncConnection[dict[str, object]], file: tuple[str, bytes], before: str | None) -> bool:
    name, content = file
    checksum = hashlib.sha256(content).hexdigest()
    if before == checksum:
        return False
    if before is not None:
        raise ConfigurationError(
            f"Migration {name} was altered after it was applied to this database.",
            vi=f"Tệp {name} đã bị sửa sau khi áp dụng vào cơ sở dữ liệu này.",
            what="migration_altered",
        )
    async with connection.transaction():
        await connection.execute(content)
        await connection.execute("INSERT INTO migration (name, checksum) VALUES (%s, %s)", (name, checksum))
    return True
