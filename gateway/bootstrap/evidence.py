"""The evidence log, read and proven."""

from __future__ import annotations

from datetime import timedelta

from gateway.alarms.model import Occasion
from gateway.audit.attesting import Asked, Attesting, Patience
from gateway.audit.cosignature import witness_of
from gateway.audit.evidence import Evidence
from gateway.audit.exhibits import Source
from gateway.audit.keys import Stamper
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.stores import Stores
from gateway.observability import own_context
from gateway.sdk import ConfigurationError
from gateway.signing import stamps as signing


def source_of(ground: Ground, stores: Stores) -> Source:
    return Source(
        reader=stores.audit,
        tenant=ground.tenant,
        public_key=ground.keyring.public_key,
        sealer=ground.keyring,
        witnesses=[witness_of(said.key) for said in ground.settings.audit.witnesses],
    )


def evidence_of(ground: Ground, stores: Stores) -> Evidence:
    return Evidence(stores.audit, source_of(ground, stores))


async def attest(ground: Ground, stores: Stores) -> None:
    """Have the newest checkpoint cosigned and stamped; what goes wrong is an alarm."""
    own, stamper = ground.settings.audit, stamper_of(ground)
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


def stamper_of(ground: Ground) -> Stamper | None:
    """`ConfigurationError`: it names a trust that is not set."""
    said = ground.settings.audit.stamps
    if said is None:
        return None
    trust = ground.trusting.trust.get(said.trust)
    if trust is None:
        raise ConfigurationError(
            f"audit.stamps names {said.trust}, which is not in [trust].",
            vi=f"audit.stamps nêu {said.trust}: không có trong [trust].",
            what="stamps",
        )
    return signing.Stamper(ground.to_clients, url=said.url, trust=trust, clock=utc_now)
