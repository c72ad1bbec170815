"""Rechecks, and the workers that ask again and that call clients, put together."""

from __future__ import annotations

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.callbacks.call import Calls
from gateway.callbacks.course import CallPolicy
from gateway.callbacks.worker import Messenger
from gateway.clients.audience import PaymentReaders
from gateway.exchange.service import GatewayExchange
from gateway.lookups.model import LookupService
from gateway.rechecks.asking import Asker, Room
from gateway.rechecks.course import RecheckPolicy
from gateway.rechecks.model import RecheckOperation
from gateway.rechecks.service import Rechecks
from gateway.rechecks.settings import RechecksSettings
from gateway.rechecks.worker import Rechecker
from gateway.restraint.lookups import RestrainedLookups
from gateway.sdk import ConfigurationError


def policy_of(own: RechecksSettings) -> RecheckPolicy:
    """The settings that decide when and how many."""
    return RecheckPolicy(**own.model_dump(exclude={"callback_timeout_s", "keep_days", "erase_at"}))


def rechecks(ground: Ground, stores: Stores, lookups: RestrainedLookups) -> Rechecks:
    return Rechecks(
        stores.office.rechecks,
        stores.receivers,
        check=lookups.check_verification,
        policy=policy_of(ground.settings.rechecks),
        clock=utc_now,
    )


def rechecker(ground: Ground, stores: Stores, lookups: LookupService, *, name: str) -> Rechecker:
    """`lookups` is the one that the API asks, limits included."""
    return Rechecker(
        stores.office.rechecks,
        Asker(lookups, stores.clients, ground.recorder, room=room_of(ground.exchange), clock=utc_now),
        Calls(stores.receivers, ground.to_clients, ground.recorder, clock=utc_now),
        tenant=ground.tenant,
        name=name,
        clock=utc_now,
        policy=policy_of(ground.settings.rechecks),
    )


def messenger(ground: Ground, stores: Stores, *, name: str) -> Messenger:
    """The callbacks of `[rechecks]` say when and how many for all callbacks."""
    own = ground.settings.rechecks
    return Messenger(
        stores.events,
        Calls(stores.receivers, ground.to_clients, ground.recorder, clock=utc_now),
        PaymentReaders(stores.clients),
        tenant=ground.tenant,
        name=name,
        clock=utc_now,
        policy=CallPolicy(
            ladder_s=own.callback_ladder_s,
            give_up_after_s=own.callback_give_up_after_s,
            at_once=own.callbacks_at_once,
            lease_s=own.lease_s,
            poll_s=own.poll_s,
        ),
    )


def room_of(exchange: GatewayExchange) -> Room:
    """What the breaker of the system lets through. Where no system is configured, asking finds that out, and waits."""

    def room(operation: RecheckOperation, most: int) -> int:
        try:
            return exchange.room(exchange.system_for(operation.asks), most=most, operation=operation.asks)
        except ConfigurationError:
            return most

    return room
