"""Every store, in PostgreSQL; what staff and workers do has its own in `office_stores`."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gateway.agreements.postgres import PostgresAgreements
from gateway.alarms.postgres import PostgresAlarms
from gateway.arrivals.postgres import PostgresArrivals
from gateway.audit.postgres import PostgresAudit
from gateway.bootstrap.ground import Ground
from gateway.bootstrap.lazy import Lazy
from gateway.callbacks.postgres import PostgresEvents, PostgresReceivers
from gateway.cases.postgres import PostgresCases
from gateway.catalogues.postgres import PostgresCatalogues
from gateway.clients.postgres import PostgresAnswers, PostgresClients
from gateway.clients.postgres_usage import PostgresUsage
from gateway.delivery.postgres import PostgresOutbox
from gateway.dossiers.postgres import PostgresDossiers
from gateway.feedback.postgres import PostgresFeedback
from gateway.mapping.postgres import PostgresVersions
from gateway.numbering.postgres import PostgresNumbering
from gateway.payments.postgres import PostgresBills, PostgresBooks, PostgresInbox, PostgresPayments
from gateway.places.postgres import PostgresPlaces
from gateway.procedures.postgres import PostgresProcedures
from gateway.receipts.postgres import PostgresReceipts
from gateway.receipts.postgres_vouchers import PostgresVouchers
from gateway.refunds.postgres import PostgresRefunds
from gateway.restraint.postgres import PostgresRestraint
from gateway.restraint.postgres_copies import PostgresCopies
from gateway.settings import ApiSettings

if TYPE_CHECKING:
    from gateway.bootstrap.office_stores import OfficeStores

SEAT = "LIENTHONG_SEAT"
"""Number of this process among the API processes of its supervisor, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """One of each."""

    audit: PostgresAudit
    clients: PostgresClients
    usage: PostgresUsage
    answers: PostgresAnswers
    outbox: PostgresOutbox
    dossiers: PostgresDossiers
    bills: PostgresBills
    payments: PostgresPayments
    books: PostgresBooks
    inbox: PostgresInbox
    arrivals: PostgresArrivals
    catalogues: PostgresCatalogues
    procedures: PostgresProcedures
    feedback: PostgresFeedback
    places: PostgresPlaces
    numbering: PostgresNumbering
    receipts: PostgresReceipts
    receivers: PostgresReceivers
    events: PostgresEvents
    refunds: PostgresRefunds
    alarms: PostgresAlarms
    cases: PostgresCases
    restraint: PostgresRestraint
    copies: PostgresCopies
    vouchers: PostgresVouchers
    agreements: PostgresAgreements
    mapping_versions: PostgresVersions
    offices: Lazy[OfficeStores]

    @classmethod
    def on(cls, ground: Ground) -> Stores:
        database, keyring, api = ground.database, ground.keyring, ground.settings.api
        return cls(
            audit=PostgresAudit(database),
            clients=PostgresClients(database),
            usage=PostgresUsage(database),
            answers=PostgresAnswers(database, keyring, holder=_holder(api)),
            outbox=PostgresOutbox(database, keyring, tenant=ground.tenant),
            dossiers=PostgresDossiers(database, keyring),
            bills=PostgresBills(database, keyring),
            payments=PostgresPayments(database, keyring),
            books=PostgresBooks(database),
            inbox=PostgresInbox(database),
            arrivals=PostgresArrivals(database, keyring),
            catalogues=PostgresCatalogues(database),
            procedures=PostgresProcedures(database),
            feedback=PostgresFeedback(database),
            places=PostgresPlaces(database),
            numbering=PostgresNumbering(database),
            receipts=PostgresReceipts(database, keyring),
            receivers=PostgresReceivers(database, keyring),
            events=PostgresEvents(database),
            refunds=PostgresRefunds(database, keyring),
            alarms=PostgresAlarms(database, keyring),
            cases=PostgresCases(database, keyring),
            restraint=PostgresRestraint(database),
            copies=PostgresCopies(database),
            vouchers=PostgresVouchers(database, keyring),
            agreements=PostgresAgreements(database, keyring),
            mapping_versions=PostgresVersions(database),
            offices=Lazy(lambda: _office(ground)),
        )

    @property
    def office(self) -> OfficeStores:
        return self.offices.get()


def _office(ground: Ground) -> OfficeStores:
    from gateway.bootstrap.office_stores import OfficeStores

    return OfficeStores.on(ground)


def _holder(api: ApiSettings) -> str:
    """The place that only one process has at a time: the address that it listens on, and its seat among those that
    share it. The first seat is that of a process that shares with nobody."""
    place, seat = f"{socket.gethostname()}:{api.host}:{api.port}", os.environ.get(SEAT, "1")
    return place if seat == "1" else f"{place}/{seat}"
