"""The evidence log, read and proven."""

from __future__ import annotations

from datetime import timedelta

from gateway.alarms.model import Occasion
from gateway.audit.attesting import Asked, Attesting, Patience
from gateway.audit.cosignature import witness_of
from gateway.audit.evidence import Evidence
from gateway.audit.exhibits import Source
from gateway.audit.keys import Stamper
from gateway.bootstrap.ground import Ground, utc_now
from gateway.bootstrap.stores import Stores
from gateway.observability import own_context


def evidence_of(ground: Ground, stores: Stores) -> Evidence:
    source = Source(
        reader=stores.audit,
        tenant=ground.tenant,
        public_key=ground.keyring.public_key,
        sealer=ground.keyring,
        witnesses=[witness_of(said.key) for said in ground.settings.audit.witnesses],
    )
    return Evidence(stores.audit, source)


async def attest(ground: Ground, stores: Stores, *, stamper: Stamper | None = None) -> None:
    """Have the newest checkpoint cosigned and stamped; what goes wrong is an alarm."""
    own = ground.settings.audit
    witnesses = [Asked(name=said.name, url=said.url, witness=witness_of(said.key)) for said in own.witnesses]
    if not witnesses and stamper is None:
        return
    every = own.stamps.every_s if own.stamps else 0
    patience = Patience(stamp_every=timedelta(seconds=every), overdue=timedelta(seconds=own.overdue_s))
    attesting = Attesting(stores.audit, ground.tenant, transport=ground.to_clients, clock=utc_now, patience=patience)
    for trouble in await attesting.run(witnesses, stamper):
        facts: dict[str, str | int] = {"size": trouble.size, "code": trouble.code}
        occasion = Occasion(kind=trouble.kind, about=trouble.about, facts=facts)
        await ground.alarms.raise_alarm(occasion, context=own_context(ground.tenant))
