"""A database for tests: an embedded cluster of our own, or the server that LIENTHONG_TEST_DATABASE_URL names."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import conninfo, sql

from gateway.database import EmbeddedCluster

FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=200", "autovacuum=off")
"""A vacuum in a database keeps everybody but a superuser from dropping it."""


@contextmanager
def reachable_folder() -> Iterator[Path]:
    """A folder that the cluster's unprivileged user can reach (pytest's own are private to root)."""
    folder = Path("/tmp") / f"lt-{uuid.uuid4().hex[:8]}"
    folder.mkdir(mode=0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """The dsn of a server where databases may be made."""
    external = os.environ.get("LIENTHONG_TEST_DATABASE_URL")
    if external:
        yield external
        return
    with reachable_folder() as folder, EmbeddedCluster(folder / "pg", options=FAST).running() as dsn:
        yield dsn


@contextmanager
def fresh_database(dsn: str, *, template: str | None = None) -> Iterator[str]:
    """A database of its own on the server of `dsn`, dropped afterwards."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    create = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if template:
        create += sql.SQL(" TEMPLATE {}").format(sql.Identifier(template))
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(create)
    try:
        yield conninfo.make_conninfo(dsn, dbname=name)
    finally:
        with psycopg.connect(dsn, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
