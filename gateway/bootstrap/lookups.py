"""Look-ups: the registers, copies where a rule allows them, and restraint around both."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from gateway.alarms.model import AlarmService
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.exchange.system import System
from gateway.lookups.model import SamePlace
from gateway.lookups.service import Lookups
from gateway.restraint.copies import CopyingExchange
from gateway.restraint.lookups import RestrainedLookups
from gateway.restraint.model import Patterns, Policy, Rates
from gateway.restraint.service import Restraint
from gateway.restraint.settings import RestraintSettings
from gateway.restraint.subject import Subjects
from gateway.rules.purposes import load_purposes
from gateway.sdk import ConfigurationError
from gateway.sdk.port import Kind
from gateway.settings import CacheSettings


def lookups(ground: Ground, stores: Stores, *, alarms: AlarmService, places: SamePlace) -> RestrainedLookups:
    """`ConfigurationError` for a file of purposes or a rule of the cache that cannot be."""
    settings = ground.settings
    policy = policy_of(settings.restraint)
    exchange = CopyingExchange(
        ground.exchange,
        stores.copies,
        ground.keyring,
        kept_for=kept_for(settings.cache, ground.exchange.systems),
        recorder=ground.recorder,
        clock=utc_now,
    )
    return RestrainedLookups(
        Lookups(exchange, clock=utc_now, places=places),
        load_purposes(settings.restraint.purposes, made_up=settings.sandbox),
        Restraint(stores.restraint, alarms, policy=policy, clock=utc_now),
        subjects=Subjects(ground.keyring, neighbour_digits=policy.neighbour_digits),
        clock=utc_now,
    )


def policy_of(settings: RestraintSettings) -> Policy:
    """The numbers as set."""
    patterns = settings.patterns.model_dump()
    digits = patterns.pop("neighbour_digits")
    return Policy(
        officer=Rates(**settings.officer.model_dump()),
        client=Rates(**settings.client.model_dump()),
        patterns=Patterns(**patterns),
        neighbour_digits=digits,
        blocked_for=timedelta(hours=settings.blocked_hours),
        kept_for=timedelta(days=settings.keep_days),
    )


def kept_for(rules: tuple[CacheSettings, ...], systems: Mapping[str, System]) -> dict[str, timedelta]:
    """By operation. Only what is a look-up at every system that offers it can be kept."""
    found: dict[str, timedelta] = {}
    for rule in rules:
        kinds = {own.operations[rule.operation].kind for own in systems.values() if rule.operation in own.operations}
        if kinds != {Kind.LOOKUP} or rule.operation in found:
            raise ConfigurationError(
                f"cache: {rule.operation} is no look-up of a configured system, or stands twice.",
                vi=f"cache: {rule.operation} không phải nghiệp vụ tra cứu của hệ thống đã cấu hình, hoặc bị lặp.",
                what="cache",
            )
        found[rule.operation] = timedelta(seconds=rule.seconds)
    return found
