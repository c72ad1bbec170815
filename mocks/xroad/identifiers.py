"""Who asks and what is asked for: the identifiers in the path and in `X-Road-Client` (contract, 5.1)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import unquote

from mocks._kit.forward import longest

ALLOWED = re.compile(r"[A-Za-z0-9'()+,\-.=?]+")
"""What a part of an identifier may be made of, decoded."""


class XRoadRefusal(Exception):  # noqa: N818 - names the fact
    """The security server does not pass the call on: `code` in the older spelling, a message without values."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """The service that a path names; `rest` is what follows it, as it was sent."""

    service: str
    rest: str


def client(shown: Iterable[str], registered: Iterable[str]) -> str:
    """The `X-Road-Client` of a call that has the header so often (the last one counts). Raises `XRoadRefusal`."""
    last = list(shown)[-1:]
    parts = [unquote(part) for part in last[0].split("/")] if last else []
    if not parts:
        raise XRoadRefusal("Client.MissingHeader", "MOCK-XROAD X-Road-Client is missing")
    if len(parts) not in (3, 4) or not all(ALLOWED.fullmatch(part) for part in parts):
        raise XRoadRefusal("Client.BadRequest", "MOCK-XROAD X-Road-Client is not INSTANCE/CLASS/MEMBER[/SUBSYSTEM]")
    identifier, known = "/".join(parts), list(registered)
    if known and identifier not in known:
        raise XRoadRefusal("Server.ClientProxy.UnknownMember", "MOCK-XROAD the client is not registered here")
    return identifier


def asked(path: str, services: Iterable[str]) -> Asked:
    """The service that `path` (with its percent-encoding) asks for, among `services`. Raises `XRoadRefusal`.

    `services` are `INSTANCE/CLASS/MEMBER/[SUBSYSTEM/]SERVICE`: only the list tells whether there is a subsystem.
    """
    parts = path.lstrip("/").split("/")
    named = [unquote(part) for part in parts[1:]]
    if parts[0] != "r1" or len(named) < 4 or not all(ALLOWED.fullmatch(part) for part in named[:4]):
        raise XRoadRefusal("Client.InvalidRest", "MOCK-XROAD the path is not /r1/ and the identifier of a service")
    known = list(services)
    service = longest(known, "/".join(named))
    if service is not None:
        return Asked(service=service, rest="/".join(parts[1 + service.count("/") + 1 :]))
    member = "/".join(named[:3])
    if not any(name.startswith(f"{member}/") for name in known):
        raise XRoadRefusal("Server.ClientProxy.UnknownMember", "MOCK-XROAD no such member")
    raise XRoadRefusal("Server.ServerProxy.UnknownService", "MOCK-XROAD the member has no such service")
