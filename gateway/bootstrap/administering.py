"""What the console's pages of administration call, put together."""

from __future__ import annotations

from datetime import timedelta

from gateway.bootstrap.capabilities import Capabilities
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.staffing import code_flow
from gateway.bootstrap.stores import Stores
from gateway.console.admin_desk import AdminDesk, ClientsDesk, Vault
from gateway.operators.policy import Policy


def administration(ground: Ground, stores: Stores, *, able: Capabilities) -> AdminDesk:
    own = ground.settings.operators
    return AdminDesk(
        staffing=able.staffing,
        policy=Policy.of(own),
        provider=code_flow(ground, able.staffing),
        clients=_clients(ground, stores, able),
        agreements=able.protecting.agreement_acts,
        operations={name: tuple(system.operations) for name, system in ground.exchange.systems.items()},
        vault=_vault(ground, stores),
        unused=timedelta(days=own.unused_days),
    )


def _clients(ground: Ground, stores: Stores, able: Capabilities) -> ClientsDesk:
    quotas = ground.settings.quotas
    return ClientsDesk(
        store=stores.clients,
        usage=stores.usage,
        receivers=stores.receivers,
        acts=able.client_acts,
        per_minute=quotas.per_minute,
        per_day=quotas.per_day,
    )


def _vault(ground: Ground, stores: Stores) -> Vault:
    kek = ground.keyring.kek_id

    async def elsewhere() -> int:
        bodies = await stores.office.retention.elsewhere(ground.tenant, kek)
        return bodies + await stores.office.files.elsewhere(ground.tenant)

    return Vault(
        keys=ground.trusting.keys,
        trust=ground.trusting.trust,
        kek=kek.hex(),
        in_hsm=bool(ground.settings.sealing.hsm),
        elsewhere=elsewhere,
    )
