"""A witness (C2SP tlog-witness): it cosigns a checkpoint once it has seen that the log only grew since the last one.

It is no national system and has no connector. It remembers, of each log that it was told of, the newest size and root,
and refuses to go back, or to sign two trees of one size. Its key lives as long as it runs.
"""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Mapping, Sequence

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of
from mocks._kit.app import note as note_of
from mocks._kit.clock import Clock, utc_now
from mocks._kit.settings import Settings

PORT = 7113
ADD = "/MOCK-WITNESS/add-checkpoint"
KEY = "/MOCK-WITNESS/key"
NAME = "example.vn/MOCK-WITNESS"
FAULTS = ("refuse", "wrong_signature", "of_another")
DEFAULTS: dict[str, object] = {
    "log": "",  # verifier key of the log that it follows; empty: it takes every log's word for who it is
}


class WitnessDesk:
    """Cosigns. What it has seen is its memory."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._key = Ed25519PrivateKey.generate()
        self._seen: dict[str, tuple[int, bytes]] = {}

    def forget(self) -> None:
        self._seen.clear()

    @property
    def verifier_key(self) -> str:
        raw = b"\x04" + self._key.public_key().public_bytes_raw()
        return f"{NAME}+{_key_id(raw).hex()}+{base64.b64encode(raw).decode()}"

    async def key(self, _: Request) -> Response:
        """What to put into `audit.witnesses`."""
        return PlainTextResponse(self.verifier_key)

    async def add_checkpoint(self, request: Request) -> Response:
        try:
            head, _, note = (await request.body()).decode().partition("\n\n")
            first, *lines = head.split("\n")
            old, proof = int(first.removeprefix("old ")), [base64.b64decode(line, validate=True) for line in lines]
            text = note[: note.rindex("\n\n") + 1]
            origin, size, root = text.split("\n")[:3]
            asked = (int(size), base64.b64decode(root))
        except ValueError:
            return PlainTextResponse("MOCK-WITNESS: malformed\n", 400)
        note_of(request, size=asked[0])
        if fault_of(request, "refuse") or not self._signed(note, text, origin):
            return PlainTextResponse("MOCK-WITNESS: not signed by a log that I know\n", 403)
        known = self._seen.get(origin, (0, b""))
        if old > asked[0]:
            return PlainTextResponse("MOCK-WITNESS: it shrinks\n", 400)
        if old != known[0] or (asked[0] == known[0] and asked[1] != known[1]):
            return PlainTextResponse(f"{known[0]}\n", 409, media_type="text/x.tlog.size")
        if not grows(known, asked, proof):
            return PlainTextResponse("MOCK-WITNESS: it did not only grow\n", 422)
        self._seen[origin] = asked
        return PlainTextResponse(self._line(request, text))

    def _signed(self, note: str, text: str, origin: str) -> bool:
        """By the log that it is set to follow; a log that it is not told of is believed, as this is a mock."""
        key = self._settings.text("log")
        if not key:
            return True
        raw = base64.b64decode(key.split("+", 2)[2])
        for line in note[len(text) + 1 :].splitlines():
            name, _, signature = line.removeprefix("— ").partition(" ")
            blob = base64.b64decode(signature)
            if name == origin and blob[:4] == _key_id(raw, name):
                try:
                    Ed25519PublicKey.from_public_bytes(raw[1:]).verify(blob[4:], text.encode())
                except InvalidSignature:
                    return False
                return True
        return False

    def _line(self, request: Request, text: str) -> str:
        now = int(self._clock().timestamp())
        said = f"{'x' if fault_of(request, 'wrong_signature') else ''}cosignature/v1\ntime {now}\n{text}"
        raw = b"\x04" + self._key.public_key().public_bytes_raw()
        name = "example.vn/another" if fault_of(request, "of_another") else NAME
        blob = _key_id(raw, name) + now.to_bytes(8, "big") + self._key.sign(said.encode())
        return f"— {name} {base64.b64encode(blob).decode()}\n"


def _key_id(raw: bytes, name: str = NAME) -> bytes:
    return hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def grows(old: tuple[int, bytes], new: tuple[int, bytes], proof: Sequence[bytes]) -> bool:
    """RFC 9162, 2.1.4.2."""
    if old[0] == 0 or old == new:
        return not proof
    path = [old[1], *proof] if old[0] & (old[0] - 1) == 0 else list(proof)
    if not path or old[0] >= new[0]:
        return False
    node, last = old[0] - 1, new[0] - 1
    while node & 1:
        node, last = node >> 1, last >> 1
    before = after = path[0]
    for sibling in path[1:]:
        if last == 0:
            return False
        if node & 1 or node == last:
            before, after = _node(sibling, before), _node(sibling, after)
            while node and not node & 1:
                node, last = node >> 1, last >> 1
        else:
            after = _node(after, sibling)
        node, last = node >> 1, last >> 1
    return last == 0 and (before, after) == (old[1], new[1])


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    desk = WitnessDesk(switches, clock)
    routes = [Route(ADD, desk.add_checkpoint, methods=["POST"]), Route(KEY, desk.key, methods=["GET"])]
    return build(routes, name="witness", settings=switches, faults=FAULTS, reset=desk.forget)


if __name__ == "__main__":
    sys.exit(alone.main(["witness", *sys.argv[1:]]))
