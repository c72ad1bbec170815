"""Faults on demand: by the header `X-Mock-Fault: name[:argument]`, or planned with `POST /_mock/faults`.

The shared ones are carried out by the kit. The others (`refuse`, `duplicate`, …) belong to a mock: it names them to
`app.build` and asks for it with `app.fault_of`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from mocks._kit.errors import FaultNotKnown

SHARED = frozenset({"slow", "unavailable", "error", "cut", "garbage", "html", "empty", "late_success"})
DEFAULT_SLOW_S = 13.0
"""Longer than the 10 s that consumers of the national systems wait (population contract, 3.7)."""


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
    """What a mock can do wrong (`known`) and what it will do wrong next (`rules`, first match wins)."""

    def __init__(self, own: Iterable[str] = ()) -> None:
        self.known = SHARED | frozenset(own)
        self.rules: list[Rule] = []

    def read(self, text: str) -> Fault:
        """`name[:argument]` as a fault; `FaultNotKnown` when this mock does not offer it."""
        name, _, argument = text.strip().partition(":")
        if name not in self.known:
            raise FaultNotKnown(f"no fault named {name!r}; this mock knows {', '.join(sorted(self.known))}")
        fault = Fault(name, argument)
        if name == "slow":
            _ = fault.seconds
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
        if header:
            return Aimed(self.read(header))
        return next((Aimed(self.read(rule.fault), rule) for rule in self.rules if rule.fits(path, body)), None)

    def clear(self) -> None:
        self.rules.clear()

    def as_json(self) -> list[dict[str, Any]]:
        """The rules that can still strike."""
        return [asdict(rule) for rule in self.rules if rule.times != 0]
