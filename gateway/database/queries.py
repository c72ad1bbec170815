"""SQL lives in files, and each statement has a name: `-- name: claim` starts one, the next name ends it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

SQL = Path(__file__).parents[1] / "sql"


@cache
def queries(name: str) -> Mapping[str, str]:
    """The statements of `gateway/sql/queries/<name>.sql` by their names. Parameters are written `%(name)s`."""
    parts = re.split(r"^-- name: (\w+)\n", (SQL / "queries" / f"{name}.sql").read_text(), flags=re.M)
    return {key: body.strip().rstrip(";") for key, body in zip(parts[1::2], parts[2::2], strict=True)}


def columns(rows: Sequence[Mapping[str, Any]], *, like: Iterable[str] = ()) -> dict[str, list[Any]]:
    """Rows as one array for each column: what `unnest(%(code)s::text[], …)` takes, so that many rows are one statement.
    `like` names the columns where there may be no row."""
    return {name: [row[name] for row in rows] for name in (rows[0] if rows else like)}
