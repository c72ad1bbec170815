"""A province's rows belong to one set of keys. A lost key file must stop the gateway, not be replaced in silence."""

from __future__ import annotations

import hmac
from typing import Any

from gateway.database.pool import Database
from gateway.database.queries import queries
from gateway.sdk import ConfigurationError

SQL = queries("installation")


async def check_ownership(database: Database, *, tenant: str, mark: bytes) -> None:
    """`mark` is a digest under the keys at hand. The first start stores it; `ConfigurationError` if it differs."""
    async with database.transaction() as connection:
        await connection.execute(SQL["claim"], {"tenant": tenant, "mark": mark})
        row: Any = await (await connection.execute(SQL["mark"], {"tenant": tenant})).fetchone()
    if not hmac.compare_digest(bytes(row["mark"]), mark):
        raise ConfigurationError(
            "This database was written with other keys. Put keyring.json of the backup back in its place.",
            vi="Cơ sở dữ liệu này được ghi bằng bộ khoá khác. Hãy đặt lại tệp khoá keyring.json từ bản sao lưu.",
            what="keyring",
        )
