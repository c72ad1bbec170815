"""Faults on demand: by the header `X-Mock-Fault: [mock/]name[:argument]`, or planned with `POST /_mock/faults`.

The shared ones are carried out by the kit. The others (`refuse`, `duplicate`, …) belong to a mock: it names them to
`app.build` and asks for it with `app.fault_of`.

A header with `mock/` before the name is for that mock alone. A plain name is for whoever answers the call: a platform
between (`relay`) leaves it to the system behind.
"""

from __future__ import annotations

import codecs
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mocks._kit.discover import names
from mocks._kit.errors import FaultNotKnown

AROUND = frozenset({"slow", "late_success", "truncated", "charset", "doctype", "entity", "bomb"})
"""The mock answers, and something happens to its answer on the way."""
INSTEAD = frozenset(
    {"unavailable", "error", "cut", "garbage", "html", "empty", "json_error", "xml_fault", "big", "deep"}
)
"""The mock does not see the call."""
SHARED = AROUND | INSTEAD
DEFAULT_SLOW_S = 13.0
"""Longer than the 10 s that consumers of the national systems wait (population contract, 3.7)."""
BIG_BYTES = 50_000_000
DEEP_LEVELS = 100_000
WRONG_CHARSET = "utf-16"


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its name, and an argument whose meaning the name decides (seconds for `slow`)."""

    name: str
    argument: str = ""

    def __str__(self) -> str:
        return f"{self.name}:{self.argument}" if self.argument else self.name

    @property
    def seconds(self) -> float:
        """The argument as seconds; `FaultNotKnown` when it is not a positive number."""
        try:
            seconds = float(self.argument or DEFAULT_SLOW_S)
        except ValueError as exc:
            raise FaultNotKnown(f"{self} has no number of seconds") from exc
        if not 0 <= seconds < float("inf"):
            raise FaultNotKnown(f"{self} has no possible number of seconds")
        return seconds

    def status(self, default: int) -> int:
        """The argument as an HTTP status, `default` when there is none; `FaultNotKnown` when it is no status."""
        if self.argument and not (self.argument.isdecimal() and 200 <= int(self.argument) <= 599):
            raise FaultNotKnown(f"{self} has no HTTP status")
        return int(self.argument or default)

    def count(self, default: int) -> int:
        """The argument as a positive whole number, `default` when there is none."""
        if self.argument and not (self.argument.isascii() and self.argument.isdecimal() and int(self.argument)):
            raise FaultNotKnown(f"{self} has no positive whole number")
        return int(self.argument or default)

    @property
    def encoding(self) -> str:
        """The argument as the name of a character encoding."""
        try:
            return codecs.lookup(self.argument or WRONG_CHARSET).name
        except LookupError as exc:
            raise FaultNotKnown(f"{self} has no encoding that is known here") from exc


ARGUMENTS: Mapping[str, Callable[[Fault], object]] = {
    "slow": lambda fault: fault.seconds,
    "json_error": lambda fault: fault.status(500),
    "xml_fault": lambda fault: fault.status(500),
    "big": lambda fault: fault.count(BIG_BYTES),
    "deep": lambda fault: fault.count(DEEP_LEVELS),
    "charset": lambda fault: fault.encoding,
}
"""How an argument of a shared fault is read; reading it raises `FaultNotKnown` when it makes no sense."""


@dataclass(slots=True, kw_only=True)
class Rule:
    """A planned fault: `times` left to strike (None: until cleared), on calls whose path and body contain the texts."""

    fault: str
    times: int | None = 1
    path: str = ""
    contains: str = ""

    def fits(self, path: str, body: str) -> bool:
        return self.times != 0 and self.path in path and self.contains in body

    def use(self) -> bool:
        """Takes one of the times; False when another call took the last one in between."""
        if self.times == 0:
            return False
        self.times = None if self.times is None else self.times - 1
        return True


@dataclass(slots=True)
class Aimed:
    """A fault aimed at one call; `rule` is None when the call's own header named it.

    It is used up when it is carried out, not before. So a fault that only some calls of a mock can carry out waits for
    one of them: `duplicate` planned for the bank page is not lost on the GET that shows the page.
    """

    fault: Fault
    rule: Rule | None = None
    taken: bool = False

    def take(self) -> bool:
        """Whether this call carries it out. Asking twice uses it up once."""
        self.taken = self.taken or self.rule is None or self.rule.use()
        return self.taken


class FaultPlan:
    """What a mock can do wrong (`known`) and what it will do wrong next (`rules`, first match wins).

    `mock` is its name. `relay`: it passes calls on, and with them a fault header without a mock's name.
    """

    def __init__(self, own: Iterable[str] = (), *, mock: str = "", relay: bool = False) -> None:
        self.known = SHARED | frozenset(own)
        self.rules: list[Rule] = []
        self._mock = mock
        self._relay = relay

    def read(self, text: str) -> Fault:
        """`name[:argument]` as a fault; `FaultNotKnown` when this mock does not offer it."""
        name, _, argument = text.strip().partition(":")
        if name not in self.known:
            raise FaultNotKnown(f"no fault named {name!r}; this mock knows {', '.join(sorted(self.known))}")
        fault = Fault(name, argument)
        ARGUMENTS.get(name, str)(fault)
        return fault

    def add(self, request: Mapping[str, Any]) -> Rule:
        """Plans a fault from the JSON of `POST /_mock/faults`: `fault`, and optionally `times`, `path`, `contains`."""
        extra = set(request) - {"fault", "times", "path", "contains"}
        times = request.get("times", 1)
        if extra or not isinstance(times, int | None) or isinstance(times, bool):
            raise FaultNotKnown(
                f"a planned fault has fault, times, path, contains; not {sorted(extra) or 'this times'}"
            )
        fault = self.read(str(request.get("fault", "")))
        texts = {key: str(request.get(key) or "") for key in ("path", "contains")}
        rule = Rule(fault=str(fault), times=times, **texts)
        self.rules.append(rule)
        return rule

    def aim(self, path: str, body: str, *, header: str | None = None) -> Aimed | None:
        """The fault meant for this call, if any. The header goes first and uses up no planned one."""
        if header and (fault := self._addressed(header)):
            return Aimed(fault)
        return next((Aimed(self.read(rule.fault), rule) for rule in self.rules if rule.fits(path, body)), None)

    def _addressed(self, header: str) -> Fault | None:
        """The fault of the header when it is for this mock, None when it is for another one on the way."""
        target, colon, argument = header.strip().partition(":")
        mock, slash, name = target.rpartition("/")
        if not slash:
            return None if self._relay else self.read(header)
        if mock == self._mock:
            return self.read(f"{name}{colon}{argument}")
        if mock not in names():
            raise FaultNotKnown(f"no mock named {mock!r}; there are {', '.join(names())}")
        return None

    def clear(self) -> None:
        self.rules.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The rules that can still strike."""
        return [asdict(rule) for rule in self.rules if rule.times != 0]
