"""Retention on its stores."""

from __future__ import annotations

from gateway.alarms.model import AlarmService
from gateway.approvals.model import Approvals
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.chores.nightly import Chore
from gateway.files.nightly import Cycle, FileCheck
from gateway.retention.nightly import ScheduledErasure
from gateway.retention.room import Room, StorageWatch, room_of
from gateway.retention.service import Retention


def retention_of(ground: Ground, stores: Stores, approvals: Approvals) -> Retention:
    return Retention(
        stores.office.retention, approvals, ground.recorder, atomically=ground.database.transaction, clock=utc_now
    )


def scheduled_erasure(ground: Ground, stores: Stores) -> ScheduledErasure:
    own = ground.settings.retention
    return ScheduledErasure(stores.office.retention, ground.recorder, tenant=ground.tenant, settings=own, clock=utc_now)


def chores_of(ground: Ground, stores: Stores, alarms: AlarmService) -> tuple[Chore, ...]:
    """Erase what is due, compare files with their digests, watch the room that is left."""
    own = ground.settings.files
    check = FileCheck(
        stores.office.files,
        ground.files,
        alarms=alarms,
        recorder=ground.recorder,
        cycle=Cycle(days=own.check_days, per_night=own.checks_per_night),
        clock=utc_now,
    )
    percent = ground.settings.storage.warn_percent
    watch = StorageWatch(lambda: _rooms(ground), alarms, tenant=ground.tenant, percent=percent)
    erasure = scheduled_erasure(ground, stores)
    return erasure.chore(), check.chore(own.check_at, tenant=ground.tenant), watch.chore()


async def _rooms(ground: Ground) -> list[Room]:
    rooms, most = [room_of(ground.settings.state)], ground.settings.storage.database_bytes
    if most is not None:
        cursor = await ground.database.run("SELECT pg_database_size(current_database()) AS size", {})
        row = await cursor.fetchone()
        rooms.append(Room(name="database", used=row["size"] if row else most, size=most))
    return rooms
