"""Planned suspensions and the status page, put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.maintenance.keeper import Keeper
from gateway.maintenance.model import GATEWAY
from gateway.maintenance.service import Maintenance, Notice
from gateway.maintenance.status import Condition, StatusPage, Subject
from gateway.rules.packs import load_calendar, load_packs
from gateway.traffic.public import PublicSight

OURSELVES = Subject(id=GATEWAY, vi="Cổng liên thông của tỉnh", en="The province's gateway")


def maintenance(ground: Ground, stores: Stores) -> Maintenance:
    return Maintenance(
        stores.office.maintenance,
        notice=Notice(calendar=load_calendar(), packs=load_packs()),
        targets=list(ground.exchange.targets),
        recorder=ground.recorder,
        atomically=ground.database.transaction,
        clock=utc_now,
    )


def keeper(ground: Ground, stores: Stores) -> Keeper:
    return Keeper(store=stores.office.maintenance, outbox=stores.outbox, recorder=ground.recorder, **ground.own)


def status_page(ground: Ground, maintained: Maintenance, *, seen: PublicSight) -> StatusPage:
    async def conditions() -> Mapping[str, Condition]:
        """That somebody is answered shows that the gateway works."""
        return {GATEWAY: Condition.WORKING, **await seen.conditions()}

    return StatusPage(
        maintained,
        tenant=ground.tenant,
        subjects=subjects_of(ground),
        conditions=conditions,
        days=seen.days,
        contact=ground.settings.contact,
        clock=utc_now,
    )


def subjects_of(ground: Ground) -> Sequence[Subject]:
    """The gateway itself first, then the systems by their names."""
    manifests = [system.connector.manifest for system in ground.exchange.systems.values()]
    systems = [Subject(id=own.id, vi=own.title_vi, en=own.title) for own in manifests]
    return [OURSELVES, *sorted(systems, key=lambda subject: subject.vi)]
