"""How long sessions last and how long guessing has to wait."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from gateway.operators.settings import OperatorsSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    idle: timedelta
    absolute: timedelta
    sessions: int
    free_failures: int
    address_failures: int
    back_off: timedelta
    back_off_cap: timedelta

    @classmethod
    def of(cls, own: OperatorsSettings) -> Policy:
        return cls(
            idle=timedelta(seconds=own.idle_s),
            absolute=timedelta(seconds=own.absolute_s),
            sessions=own.sessions,
            free_failures=own.free_failures,
            address_failures=own.address_failures,
            back_off=timedelta(seconds=own.back_off_s),
            back_off_cap=timedelta(seconds=own.back_off_cap_s),
        )

    def ladder(self, free: int) -> Callable[[int], timedelta]:
        """Nothing up to `free` failures less one; then twice as long each time, up to the cap, so that nobody can lock
        somebody out for good."""

        def wait(failures: int) -> timedelta:
            if failures < free:
                return timedelta(0)
            doubled: int = 2 ** min(failures - free, 30)
            return min(self.back_off * doubled, self.back_off_cap)

        return wait
