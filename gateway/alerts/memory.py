"""Rules, receivers and tellings in dictionaries, for tests."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from gateway.alerts.model import Receiver, Rule, Standing, Telling, TellingState
from gateway.alerts.store import Key
from gateway.callbacks.model import Lease


class MemoryAlerts:
    def __init__(self) -> None:
        self._ids = itertools.count(1)
        self._rules: dict[tuple[str, int], Rule] = {}
        self._receivers: dict[tuple[str, int], Receiver] = {}
        self._standings: dict[tuple[str, Key], Standing] = {}
        self._tellings: dict[tuple[str, int], Telling] = {}
        self._leases: dict[tuple[str, int], Lease] = {}

    async def turn(self, tenant: str) -> bool:  # noqa: ARG002 - one process
        return True

    async def rules(self, tenant: str) -> Sequence[Rule]:
        return [rule for (owner, _), rule in self._rules.items() if owner == tenant]

    async def add_rule(self, tenant: str, rule: Rule) -> int:
        number = next(self._ids)
        self._rules[tenant, number] = replace(rule, id=number)
        return number

    async def switch_rule(self, tenant: str, rule_id: int, *, is_on: bool) -> bool:
        rule = self._rules.get((tenant, rule_id))
        if rule is None:
            return False
        self._forget_standings(tenant, rule_id)
        self._rules[tenant, rule_id] = replace(rule, is_on=is_on)
        return True

    async def remove_rule(self, tenant: str, rule_id: int) -> bool:
        self._forget_standings(tenant, rule_id)
        return self._rules.pop((tenant, rule_id), None) is not None

    def _forget_standings(self, tenant: str, rule_id: int) -> None:
        for key in [key for key in self._standings if key[0] == tenant and key[1][0] == rule_id]:
            del self._standings[key]

    async def receivers(self, tenant: str) -> Sequence[Receiver]:
        return [receiver for (owner, _), receiver in self._receivers.items() if owner == tenant]

    async def add_receiver(self, tenant: str, receiver: Receiver) -> int:
        number = next(self._ids)
        self._receivers[tenant, number] = replace(receiver, id=number)
        return number

    async def remove_receiver(self, tenant: str, receiver_id: int) -> bool:
        return self._receivers.pop((tenant, receiver_id), None) is not None

    async def standings(self, tenant: str) -> Mapping[Key, Standing]:
        return {key: standing for (owner, key), standing in self._standings.items() if owner == tenant}

    async def stand(self, tenant: str, key: Key, standing: Standing) -> None:
        self._standings[tenant, key] = standing

    async def enqueue(self, tenant: str, tellings: Sequence[Telling]) -> None:
        for telling in tellings:
            number = next(self._ids)
            self._tellings[tenant, number] = replace(telling, id=number)

    async def claim(self, tenant: str, lease: Lease, *, most: int) -> Sequence[Telling]:
        waiting = [
            telling
            for (owner, _), telling in sorted(self._tellings.items())
            if owner == tenant and telling.state is TellingState.WAITING
        ]
        oldest = {telling.receiver_id: telling for telling in reversed(waiting)}
        found = [
            telling
            for telling in oldest.values()
            if telling.due is not None and telling.due <= lease.now and self._is_free(tenant, telling, lease.now)
        ]
        lent = sorted(found, key=lambda telling: (telling.due, telling.id))[:most]
        self._leases |= {(tenant, telling.id): lease for telling in lent}
        return lent

    def _is_free(self, tenant: str, telling: Telling, now: datetime) -> bool:
        held = self._leases.get((tenant, telling.id))
        return held is None or held.until <= now

    async def settle(self, tenant: str, after: Telling, *, owner: str) -> bool:
        held = self._leases.get((tenant, after.id))
        if held is None or held.owner != owner:
            return False
        del self._leases[tenant, after.id]
        self._tellings[tenant, after.id] = after
        return True

    async def tellings(self, tenant: str, *, limit: int) -> Sequence[Telling]:
        found = [telling for (owner, _), telling in sorted(self._tellings.items()) if owner == tenant]
        return found[::-1][:limit]

    async def forget(self, tenant: str, *, before: datetime) -> None:
        for key, telling in list(self._tellings.items()):
            if key[0] == tenant and telling.state is not TellingState.WAITING and telling.created_at < before:
                del self._tellings[key]
