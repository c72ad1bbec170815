"""A server that hangs up with a question of ours unread, as one does that is killed: uvloop tells that once."""

from __future__ import annotations

import asyncio
import select
import socket
from collections.abc import Callable, Coroutine, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import Any

import psycopg
import pytest
import uvloop
from psycopg import conninfo

from gateway.database.connection import Connection

Run = Callable[[Coroutine[Any, Any, None]], None]
LAST_WORDS = b"SFATAL\0VFATAL\0C57P01\0Mterminating connection\0\0"
ASKED = "SELECT %(n)s::int AS n"


class Between:
    """Passes on what client and server say, until it is told to hang up on the client."""

    def __init__(self, folder: Path, server: str) -> None:
        self._server = server
        self._listening = socket.socket(socket.AF_UNIX)
        self._listening.bind(str(folder / ".s.PGSQL.5432"))
        self._listening.listen()
        self.deaf, self.over = Event(), Event()

    def run(self) -> None:
        client, _ = self._listening.accept()
        server = socket.socket(socket.AF_UNIX)
        server.connect(self._server)
        with closing(self._listening), closing(client), closing(server):
            while not self.deaf.is_set():
                for one in select.select([client, server], [], [], 0.01)[0]:
                    (server if one is client else client).sendall(one.recv(65536))
            select.select([client], [], [], 60)  # the question is there, and stays unread
            client.sendall(b"E" + (len(LAST_WORDS) + 4).to_bytes(4, "big") + LAST_WORDS)
        self.over.set()


@contextmanager
def between(folder: Path, dsn: str) -> Iterator[Between]:
    told = conninfo.conninfo_to_dict(dsn)
    one = Between(folder, f"{told['host']}/.s.PGSQL.{told.get('port', 5432)}")
    thread = Thread(target=one.run, daemon=True)
    thread.start()
    yield one
    thread.join(60)


@pytest.mark.parametrize("run", [uvloop.run, asyncio.run], ids=["uvloop", "asyncio"])
def test_whoever_waits_for_an_answer_is_told(run: Run, database_url: str, tmp_path: Path) -> None:
    async def asked(one: Between) -> None:
        dsn = conninfo.make_conninfo(database_url, host=str(tmp_path), port=5432)
        async with await Connection.connect(dsn, autocommit=True) as connection:
            assert await (await connection.execute(ASKED, {"n": 1})).fetchone() == {"n": 1}
            one.deaf.set()
            await asyncio.sleep(0.1)
            with pytest.raises(psycopg.OperationalError):
                async with asyncio.timeout(30):
                    await connection.execute(ASKED, {"n": 2})

    with between(tmp_path, database_url) as one:
        run(asked(one))
    assert one.over.is_set()
