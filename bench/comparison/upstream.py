"""The canned upstream as a process: one bare protocol on uvloop.

    .venv/bin/python -m comparison.upstream PORT [--delay-ms 50] [--keys FOLDER]

`/_bench/forget`, `/_bench/delay/<ms>`, `/_bench/delay/<ms>/<how paths begin>`, `/_bench/size/<bytes>` (of an answer, at
least) and `/_bench/heard` (what the portal was told, and CPU so far) are for whoever compares. `--keys`: PEM files of
the two parties, for paths that begin with `/signed`.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import httpx
import orjson
import uvloop
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from comparison.canned import Asked, Canned, Refused, Told, headers_of
from comparison.replying import ReplySigner
from mocks._kit.signatures import NotSigned
from mocks.business_registry import app as business_registry
from mocks.national_portal import app as national_portal
from mocks.payment import app as payment
from mocks.population import app as population

REASONS = {200: b"OK", 401: b"Unauthorized"}
CONTROL = "/_bench/"


class Mocks:
    """The four mocks in this process, each asked for its own paths."""

    def __init__(self, port: int) -> None:
        apps = {
            "/csdldc/": population.create_app(),
            "/token": business_registry.create_app(),
            "/pp/": payment.create_app(),
            "/XrdAdapter/": national_portal.create_app(),
        }
        apps["/apiCSDLDKDN/"] = apps["/token"]
        self._ways = {prefix: httpx.ASGITransport(app) for prefix, app in apps.items()}
        self._base = f"http://127.0.0.1:{port}"

    async def __call__(self, asked: Asked) -> Told:
        for prefix, way in self._ways.items():
            if asked.path.startswith(prefix):
                async with httpx.AsyncClient(transport=way, base_url=self._base) as client:
                    headers = dict(headers_of(asked.head)) | {"content-length": str(len(asked.body))}
                    reply = await client.request(asked.method, asked.target, headers=headers, content=asked.body)
                return Told(reply.status_code, reply.headers.get("content-type", ""), reply.content)
        raise Refused(f"no mock has the path {asked.path}")


class Upstream(asyncio.Protocol):
    """One connection. Answers leave in the order of the questions: no client here asks before it was answered."""

    delay_s = 0.0
    slow = ""
    """How the paths begin that take so long; empty: all."""

    def __init__(self, canned: Canned) -> None:
        self._canned = canned
        self._buffer = b""
        self._tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is no subclass of it

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (asked := self._next()) is not None:
            if asked.target.startswith(CONTROL):
                self._control(asked.target)
                continue
            try:
                told = self._canned.known(asked)
            except Refused as exc:
                told = Told(401, "text/plain", str(exc).encode())
            if told is None:
                task = asyncio.ensure_future(self._find(asked))
                self._tasks.add(task)
                task.add_done_callback(self._tasks.discard)
            else:
                self._send(told, to=asked)

    def _next(self) -> Asked | None:
        end = self._buffer.find(b"\r\n\r\n")
        if end < 0:
            return None
        head = self._buffer[:end]
        at = head.lower().find(b"\r\ncontent-length:")
        length = int(head[at + 17 :].partition(b"\r\n")[0]) if at >= 0 else 0
        if len(self._buffer) < end + 4 + length:
            return None
        body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
        method, target, _ = head.split(b" ", 2)
        return Asked(method.decode(), target.decode(), head, body)

    async def _find(self, asked: Asked) -> None:
        try:
            told = await self._canned.answer(asked)
        except (Refused, NotSigned) as exc:
            told = Told(401, "text/plain", str(exc).encode())
        self._send(told, to=asked)

    def _send(self, told: Told, *, to: Asked) -> None:
        head = b"HTTP/1.1 %d %s\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n" % (
            told.status,
            REASONS.get(told.status, b"No"),
            told.kind.encode(),
            len(told.body),
        )
        if self.delay_s and to.path.startswith(self.slow):
            asyncio.get_running_loop().call_later(self.delay_s, self._write, head + told.body)
        else:
            self._write(head + told.body)

    def _write(self, data: bytes) -> None:
        if not self._transport.is_closing():  # whoever asked may wait no longer
            self._transport.write(data)

    def _control(self, target: str) -> None:
        what, _, value = target.removeprefix(CONTROL).partition("/")
        said = b""
        if what == "forget":
            self._canned.forget()
        elif what == "delay":
            delay_ms, slash, path = value.partition("/")
            type(self).delay_s, type(self).slow = float(delay_ms) / 1000, slash + path
        elif what == "size":
            self._canned.lengthen(int(value))
        elif what == "heard":
            said = orjson.dumps({**self._canned.witness.said(), "cpu_s": time.process_time()})
        self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(said), said))


def signer(keys: Path) -> ReplySigner:
    """Theirs to sign with, ours to verify with."""
    key = load_pem_private_key((keys / "theirs-key.pem").read_bytes(), password=None)
    assert isinstance(key, RSAPrivateKey)
    certificates: Mapping[str, x509.Certificate] = {
        name: x509.load_pem_x509_certificate((keys / f"{name}.pem").read_bytes()) for name in ("theirs", "ours")
    }
    return ReplySigner(key, certificates["theirs"], theirs=certificates["ours"])


async def serve(options: argparse.Namespace) -> None:
    canned = Canned(Mocks(options.port), signer(options.keys) if options.keys else None)
    Upstream.delay_s = options.delay_ms / 1000
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Upstream(canned), "127.0.0.1", options.port, backlog=2048)
    async with server:
        await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("port", type=int)
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--keys", type=Path)
    uvloop.run(serve(parser.parse_args()))


if __name__ == "__main__":
    main()
