"""Certificates that end are told ninety, thirty and seven days ahead, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from trust_house import TrustHouse

from gateway.alarms.model import Alarm, Occasion, Settled
from gateway.bootstrap.expiring import ExpiryWatch
from gateway.domain import Context
from gateway.signing.expiry import Held, expiring, held_certificates
from gateway.signing.keys import load_keys
from gateway.signing.settings import KeySettings
from mocks._kit import pki

NOW, DAY = pki.NOW, timedelta(days=1)


def held(days: float, name: str = "keys.tinh") -> Held:
    return Held(name=name, certificate=pki.self_signed("x", pki.Wanted(ends=NOW + days * DAY)).certificate)


@pytest.mark.parametrize(
    ("days", "level"),
    [(100, None), (90, None), (89, 90), (31, 90), (30, 90), (29, 30), (8, 30), (6, 7), (0.5, 7), (-1, 0)],
)
def test_each_certificate_has_reached_one_level_or_none(days: float, level: int | None) -> None:
    """SIG-06 (part)"""
    found = expiring([held(days)], NOW)
    assert [ending.level for ending in found] == ([] if level is None else [level])


def test_the_next_to_end_comes_first() -> None:
    found = expiring([held(60, "later"), held(3, "sooner")], NOW)
    assert [(ending.held.name, ending.days) for ending in found] == [("sooner", 3), ("later", 60)]


def test_all_that_something_depends_on_is_looked_at(tmp_path: Path) -> None:
    house = TrustHouse(tmp_path)
    own = pki.self_signed("Tỉnh").write_pem(tmp_path / "own")
    past = pki.self_signed("Cũ").write_pem(tmp_path / "past")
    several = [
        KeySettings(source="pem", path=own),
        KeySettings(source="pem", path=past, until=NOW - DAY),
    ]
    keys = load_keys({"tinh": several}, environment={})
    pin = house.file(pki.self_signed("Đối tác").certificate)
    trust = {"c06": house.trust(keys=keys, pinned=(pin,))}
    names = sorted(one.name for one in held_certificates(keys, trust, at=NOW))
    assert names == ["keys.tinh", "trust.c06.pinned", "trust.c06.roots"]


class Bells:
    """Implements `AlarmService` as far as the watch asks; a day after it was raised, an alarm would be a new one."""

    def __init__(self) -> None:
        self.raised: list[Occasion] = []

    async def raise_alarm(self, occasion: Occasion, *, context: Context) -> Alarm:
        self.raised.append(occasion)
        return Alarm(id=len(self.raised), occasion=occasion, raised_at=NOW, last_at=NOW)

    async def listed(self, tenant: str, *, everything: bool, limit: int) -> Sequence[Alarm]:
        assert everything
        return [Alarm(id=1, occasion=one, raised_at=NOW, last_at=NOW) for one in self.raised]

    async def find(self, tenant: str, alarm_id: int) -> Alarm:
        raise NotImplementedError

    async def settle(self, tenant: str, alarm_id: int, *, by: str, reason: str) -> Alarm:
        raise NotImplementedError(Settled)


async def test_one_alarm_is_raised_for_each_level_however_many_nights_pass() -> None:
    bells, today, own = Bells(), NOW, held(100)

    def clock() -> datetime:
        return today

    watch = ExpiryWatch(lambda _: [own], bells, tenant="H99", clock=clock)
    for _ in range(110):
        await watch.look()
        today += DAY
    assert [one.about.rpartition("/")[2] for one in bells.raised] == ["90", "30", "7", "0"]
    assert {one.kind for one in bells.raised} == {"certificate_expires"}
    assert bells.raised[0].facts["days"] == 89
