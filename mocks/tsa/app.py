"""A time-stamping authority over HTTP (RFC 3161, 3.4). It is no national system and has no connector: the gateway asks
it for stamps of its checkpoints and of signatures. Its keys live as long as it runs."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from datetime import timedelta

from asn1crypto import tsp
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mocks._kit import alone
from mocks._kit.app import build, fault_of, note
from mocks._kit.clock import Clock, utc_now
from mocks._kit.settings import Settings
from mocks.tsa.authority import Authority, Holder, found, granted, rejected

PORT = 7112
STAMP = "/MOCK-TSA/tsr"
ROOT = "/MOCK-TSA/root.pem"
CERTIFICATE = "/MOCK-TSA/certificate.pem"
FAULTS = (
    "refuse",
    "wrong_imprint",
    "wrong_nonce",
    "expired_certificate",
    "no_purpose",
    "of_the_future",
    "of_the_past",
)
ANSWERED = "application/timestamp-reply"

DEFAULTS: dict[str, object] = {
    "closed": False,  # true: every request is rejected (systemFailure)
}


class TimeStamping:
    """Gives stamps of SHA-256, SHA-384 and SHA-512 digests, numbered from 1."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._authority: Authority = found(clock())
        self._given = 0

    def forget(self) -> None:
        self._given = 0

    async def stamp(self, request: Request) -> Response:
        if request.headers.get("content-type", "") != "application/timestamp-query":
            return Response(status_code=415)
        try:
            asked = tsp.TimeStampReq.load(await request.body(), strict=True)
            sound = asked["version"].native == "v1" and asked["message_imprint"]["hash_algorithm"][
                "algorithm"
            ].native in {
                "sha256",
                "sha384",
                "sha512",
            }
        except ValueError:
            return self._told(rejected("MOCK-TSA: not a request", failure="bad_data_format"))
        if not sound:
            return self._told(rejected("MOCK-TSA: not this algorithm", failure="bad_alg"))
        if self._settings.flag("closed") or fault_of(request, "refuse"):
            return self._told(rejected("MOCK-TSA: not today", failure="system_failure"))
        self._given += 1
        note(request, serial=self._given)
        return self._told(self._answer(request, asked))

    async def root(self, _: Request) -> Response:
        """What to put into `[trust.…] roots`; another one after each start."""
        pem = self._authority.root.certificate.public_bytes(Encoding.PEM)
        return Response(pem, media_type="application/x-pem-file")

    async def certificate(self, _: Request) -> Response:
        """What to put into `[trust.…] pinned`, and what `lienthong audit check --tsa` takes."""
        pem = self._authority.good.certificate.public_bytes(Encoding.PEM)
        return Response(pem, media_type="application/x-pem-file")

    def _answer(self, request: Request, asked: tsp.TimeStampReq) -> bytes:
        at = self._clock()
        if fault_of(request, "wrong_imprint"):
            asked["message_imprint"]["hashed_message"] = bytes(len(asked["message_imprint"]["hashed_message"].native))
        if fault_of(request, "wrong_nonce"):
            asked["nonce"] = (asked["nonce"].native or 0) + 1
        if fault_of(request, "of_the_future"):
            at += timedelta(hours=1)
        if fault_of(request, "of_the_past"):
            at -= timedelta(hours=1)
        return granted(asked, self._holder(request), serial=self._given, at=at)

    def _holder(self, request: Request) -> Holder:
        if fault_of(request, "expired_certificate"):
            return self._authority.expired
        if fault_of(request, "no_purpose"):
            return self._authority.without_purpose
        return self._authority.good

    def _told(self, content: bytes) -> Response:
        return Response(content, media_type=ANSWERED)


def create_app(settings: Mapping[str, object] | None = None, *, clock: Clock = utc_now) -> Starlette:
    switches = Settings(DEFAULTS, settings)
    authority = TimeStamping(switches, clock)
    routes = [
        Route(STAMP, authority.stamp, methods=["POST"]),
        Route(ROOT, authority.root, methods=["GET"]),
        Route(CERTIFICATE, authority.certificate, methods=["GET"]),
    ]
    return build(routes, name="tsa", settings=switches, faults=FAULTS, reset=authority.forget)


if __name__ == "__main__":
    sys.exit(alone.main(["tsa", *sys.argv[1:]]))
