"""What national systems answer, several times faster than anybody can ask: each answer comes from the mock itself.

A question that has not been asked before goes to the mock, which checks it in full; its answer is kept and repeated for
the same question. What differs from call to call is still checked on every call: the hash that proves a caller of the
population database, the token of the business registry, the checksum of an INIT. Of signed requests one in 25 is
verified in full. Whatever the portal is told of a dossier is looked at: the `witness` says what was wrong. After
`forget` the next question goes to the mock again, so each subject of a comparison is checked.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace

import orjson

from comparison.padding import padded
from comparison.replying import ReplySigner
from comparison.witness import Witness
from mocks.payment import checksum
from mocks.payment.settings import PaymentSettings
from mocks.population import credentials
from mocks.population.app import DEFAULTS as POPULATION
from mocks.population.fields import OPERATIONS

PARTNERS = PaymentSettings().partners
"""Of the mock payment platform, with what each shares with it."""
SIGNED = "/signed"
"""In front of a path: the message and its answer are signed."""
VERIFIED_IN_FULL = 25
PERSON = re.compile(rb"SoDinhDanh>([^<]*)<.*?HoVaTen>([^<]*)<.*?NgayThangNam>([^<]*)<", re.S)
SERVICE = re.compile(rb'"service" ?: ?"(\w+)"')
AUTHORIZATION = re.compile(rb"\r\nauthorization: *([^\r]+)", re.I)
TIMESTAMP = re.compile(rb"\r\ntimestamp: *([0-9]+)", re.I)
USERNAME = str(POPULATION["username"])
PATHS = {f"/csdldc/{name}": f"/r1/VN/GOV/EXAMPLE/EXAMPLE/{name}" for name in OPERATIONS}
"""Of the population database, with the service path that the hash is over."""
INIT, TOKEN, PORTAL = "/pp/init", "/token", "/XrdAdapter/"


@dataclass(frozen=True)
class Asked:
    """One request as it came. `target` has the query string, `path` has not."""

    method: str
    target: str
    head: bytes
    body: bytes

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


@dataclass(frozen=True)
class Told:
    """One answer."""

    status: int
    kind: str
    body: bytes


Mock = Callable[[Asked], Awaitable[Told]]


class Refused(Exception):  # noqa: N818 - names the fact
    """The mock would not take this; the text says why."""


class Canned:
    """One memory of answers for all systems. `mock` is asked what is not in it."""

    def __init__(self, mock: Mock, signer: ReplySigner | None = None) -> None:
        self._mock = mock
        self._signer = signer
        self._kept: dict[tuple[object, ...], Told] = {}
        self._tokens: set[bytes] = set()
        self._signed = 0
        self._least = 0
        self.asked_mock = 0
        self.witness = Witness()

    def forget(self) -> None:
        """The next question of each kind goes to the mock. Tokens still count."""
        self._kept.clear()

    def lengthen(self, least: int) -> None:
        """From now on an answer of the registers has so many bytes at least; what was kept is forgotten."""
        self._least = least
        self.forget()

    def known(self, asked: Asked) -> Told | None:
        """The answer if there is one already. `Refused`: the call does not prove itself."""
        kept = self._kept.get(self._key(asked))
        if kept is None or asked.path.startswith(SIGNED):
            return None
        return self._made_for(asked, kept)

    async def answer(self, asked: Asked) -> Told:
        """As `known`, and from the mock what is not known."""
        if asked.path.startswith(SIGNED):
            return await self._answer_signed(asked)
        told = self.known(asked)
        if told is None:
            self.asked_mock += 1
            told = await self._mock(asked)
            self._witness(asked)
            told = replace(told, body=padded(told.body, self._least))
            self._keep(asked, told)
        return told

    async def _answer_signed(self, asked: Asked) -> Told:
        if self._signer is None:
            raise Refused("there is no key to sign with")
        self._signed += 1
        plain = replace(asked, target=asked.target.removeprefix(SIGNED))
        is_first = self._key(plain) not in self._kept
        if is_first or self._signed % VERIFIED_IN_FULL == 0:
            plain = replace(plain, body=self._signer.verified(asked.body))
        told = await self.answer(plain)
        return replace(told, body=self._signer.sign(told.body, answers=asked.body)) if told.status == 200 else told

    def _key(self, asked: Asked) -> tuple[object, ...]:
        path = asked.path
        if path in PATHS:
            person = PERSON.search(asked.body)
            return (path, *(person.groups() if person else (asked.body,)))
        service = SERVICE.search(asked.body)
        if service:
            return (path, service[1])
        return (path,) if path == INIT else (asked.method, asked.target)

    def _keep(self, asked: Asked, told: Told) -> None:
        if told.status != 200:
            return
        if asked.path == TOKEN:
            self._tokens.add(str(orjson.loads(told.body)["access_token"]).encode())
        if asked.path == INIT:
            opened = orjson.loads(told.body)
            if opened.get("MaLoi") != "00":
                return
            told = replace(told, body=told.body.replace(str(opened["MaThamChieu"]).encode(), b"%s"))
        self._kept[self._key(asked)] = told

    def _witness(self, asked: Asked) -> None:
        if asked.path.startswith(PORTAL):
            self.witness.hear(asked.body)

    def _made_for(self, asked: Asked, kept: Told) -> Told:
        self._witness(asked)
        path = asked.path
        if path in PATHS:
            self._check_hash(asked, PATHS[path])
        elif path == INIT:
            message = orjson.loads(asked.body)
            if not checksum.verify(message, checksum.INIT, PARTNERS.get(message.get("MaDoiTac"), ())):
                raise Refused("MaXacThuc is wrong")
            return replace(kept, body=kept.body.replace(b"%s", str(message["MaThamChieu"]).encode()))
        elif asked.method == "GET" and _authorization(asked).removeprefix(b"Bearer ") not in self._tokens:
            raise Refused("the token was never issued")
        return kept

    def _check_hash(self, asked: Asked, service: str) -> None:
        stamp = TIMESTAMP.search(asked.head)
        if not stamp:
            raise Refused("Timestamp is missing")
        proof = credentials.password(
            sv_url=service, username=USERNAME, timestamp=stamp[1].decode(), secret=str(POPULATION["secret"])
        )
        if _authorization(asked) != b"Basic " + base64.b64encode(f"{USERNAME}:{proof}".encode()):
            raise Refused("the hash over the Timestamp is wrong")


def _authorization(asked: Asked) -> bytes:
    found = AUTHORIZATION.search(asked.head)
    return found[1] if found else b""


def headers_of(head: bytes) -> Mapping[str, str]:
    """The headers of a request's head, in lower case."""
    lines = head.decode("latin-1").split("\r\n")[1:]
    return {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines if line)}
