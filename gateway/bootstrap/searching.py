"""The search of transactions, their courses and contents, put together."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.audit.exhibits import Source
from gateway.audit.subject import subject_digest
from gateway.bootstrap.clock import utc_now
from gateway.bootstrap.following import indexer_of
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.kinds import kinds_of
from gateway.bootstrap.stores import Stores
from gateway.privacy.postgres_index import PostgresSubjects
from gateway.transactions.contents import Contents
from gateway.transactions.course import Courses
from gateway.transactions.fields import ShownFields
from gateway.transactions.postgres_relations import PostgresRelations
from gateway.transactions.service import Transactions


@dataclass(frozen=True, slots=True, kw_only=True)
class Searching:
    """One of each."""

    transactions: Transactions
    courses: Courses
    contents: Contents


def searching(ground: Ground, stores: Stores) -> Searching:
    relations, indexer = PostgresRelations(ground.database), indexer_of(ground, stores)
    systems = ground.exchange.systems
    source = Source(
        reader=stores.audit, tenant=ground.tenant, public_key=ground.keyring.public_key, sealer=ground.keyring
    )
    fields = ShownFields({name: system.mappings for name, system in systems.items()}, kinds_of(ground))

    def digest(tenant: str, number: str) -> bytes:
        return subject_digest(number, ground.keyring, tenant=tenant)

    return Searching(
        transactions=Transactions(
            stores.office.transactions,
            relations,
            indexer=indexer,
            subjects=PostgresSubjects(ground.database, stores.audit),
            digest=digest,
            recorder=ground.recorder,
            clock=utc_now,
        ),
        courses=Courses(
            stores.audit, stores.office.transactions, relations, indexer=indexer, outbox=stores.outbox, clock=utc_now
        ),
        contents=Contents(source, stores.audit, fields, recorder=ground.recorder, clock=utc_now),
    )
