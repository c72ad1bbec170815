"""Counting the traffic, and the board that is made of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from gateway.agreements.model import AgreementService
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.maintenance.model import MaintenanceService
from gateway.signing.expiry import Held
from gateway.traffic.board import Board, Sources
from gateway.traffic.counter import Counter
from gateway.traffic.state import Limits


def board_of(ground: Ground, stores: Stores, *, maintenance: MaintenanceService) -> Board:
    own = ground.settings.traffic
    agreements: AgreementService = ground.agreements
    sources = Sources(
        traffic=stores.office.traffic,
        outbox=stores.outbox,
        ledger=stores.office.ledger,
        agreements=agreements,
        alarms=ground.alarms,
        ways=ground.exchange,
        held=_held(ground),
        maintenance=maintenance,
    )
    limits = Limits(slow_ms=own.slow_ms, good_from=own.good_from, broken_below=own.broken_below, least=own.least)
    return Board(sources, limits, clock=utc_now)


def counter_of(ground: Ground, stores: Stores) -> Counter:
    targets = tuple(ground.exchange.targets)
    return Counter(stores.office.traffic, stores.outbox, tenant=ground.tenant, targets=targets, clock=utc_now)


def _held(ground: Ground) -> Callable[[str, datetime], Sequence[Held]]:
    """By system: the certificates that its rules of protection and its TLS name."""
    settings, names = ground.settings, dict[str, set[str]]()
    for system, rules in settings.protection.items():
        names[system] = {name for rule in rules for name in (f"keys.{rule.key}", f"trust.{rule.trust}")}
    for system, tls in settings.tls.items():
        names.setdefault(system, set()).add(f"keys.{tls.key}")

    def held(system: str, at: datetime) -> Sequence[Held]:
        wanted = names.get(system, set())
        if not wanted:
            return ()
        return [one for one in ground.trusting.held(at) if ".".join(one.name.split(".")[:2]) in wanted]

    return held
