"""Every store, in PostgreSQL."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass

from gateway.agreements.postgres import PostgresAccessRequests, PostgresAgreements
from gateway.alarms.postgres import PostgresAlarms
from gateway.alerts.postgres import PostgresAlerts
from gateway.approvals.postgres import PostgresApprovals
from gateway.arrivals.postgres import PostgresArrivals
from gateway.audit.postgres import PostgresAudit
from gateway.audit.postgres_checks import PostgresChecks
from gateway.audit.postgres_reviews import PostgresReviews
from gateway.bootstrap.ground import Ground
from gateway.callbacks.postgres import PostgresEvents, PostgresReceivers
from gateway.cases.postgres import PostgresCases
from gateway.catalogues.postgres import PostgresCatalogues
from gateway.chores.postgres import PostgresChores
from gateway.clients.postgres import PostgresAnswers, PostgresClients
from gateway.clients.postgres_usage import PostgresUsage
from gateway.delivery.jobs.postgres import PostgresJobs
from gateway.delivery.postgres import PostgresOutbox
from gateway.diagnostics.postgres import PostgresRuns
from gateway.dossiers.postgres import PostgresDossiers
from gateway.feedback.postgres import PostgresFeedback
from gateway.files.postgres import PostgresFiles
from gateway.ledger.postgres import PostgresLedger
from gateway.maintenance.postgres import PostgresMaintenance
from gateway.mapping.postgres import PostgresVersions
from gateway.numbering.postgres import PostgresNumbering
from gateway.operators.postgres import PostgresAccounts, PostgresFailures, PostgresSessions
from gateway.payments.postgres import PostgresBills, PostgresBooks, PostgresInbox, PostgresPayments
from gateway.places.postgres import PostgresPlaces
from gateway.privacy.postgres import PostgresBreaches, PostgresRequests
from gateway.procedures.postgres import PostgresProcedures
from gateway.receipts.postgres import PostgresReceipts
from gateway.receipts.postgres_vouchers import PostgresVouchers
from gateway.rechecks.postgres import PostgresRechecks
from gateway.reconciliation.postgres import PostgresDays, PostgresStatements
from gateway.refunds.postgres import PostgresRefunds
from gateway.restraint.postgres import PostgresRestraint
from gateway.restraint.postgres_copies import PostgresCopies
from gateway.retention.postgres import PostgresRetention
from gateway.scores.postgres import PostgresScores
from gateway.settings import ApiSettings
from gateway.shadow.postgres import PostgresShadow
from gateway.traffic.postgres import PostgresTraffic
from gateway.transactions.postgres import PostgresTransactions

SEAT = "LIENTHONG_SEAT"
"""Number of this process among the API processes of its supervisor, from 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleStores:
    """What the console's pages are made from, and what people do there."""

    log_checks: PostgresChecks
    log_reviews: PostgresReviews
    jobs: PostgresJobs
    traffic: PostgresTraffic
    alerts: PostgresAlerts
    transactions: PostgresTransactions
    maintenance: PostgresMaintenance
    scores: PostgresScores
    mapping_versions: PostgresVersions
    diagnoses: PostgresRuns

    @classmethod
    def on(cls, ground: Ground) -> ConsoleStores:
        database, keyring = ground.database, ground.keyring
        return cls(
            log_checks=PostgresChecks(database),
            log_reviews=PostgresReviews(database, keyring),
            jobs=PostgresJobs(database),
            traffic=PostgresTraffic(database),
            alerts=PostgresAlerts(database, keyring),
            transactions=PostgresTransactions(database),
            maintenance=PostgresMaintenance(database),
            scores=PostgresScores(database),
            mapping_versions=PostgresVersions(database),
            diagnoses=PostgresRuns(database),
        )


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
    ledger: PostgresLedger
    catalogues: PostgresCatalogues
    chores: PostgresChores
    procedures: PostgresProcedures
    feedback: PostgresFeedback
    places: PostgresPlaces
    numbering: PostgresNumbering
    receipts: PostgresReceipts
    rechecks: PostgresRechecks
    receivers: PostgresReceivers
    events: PostgresEvents
    refunds: PostgresRefunds
    alarms: PostgresAlarms
    cases: PostgresCases
    money_days: PostgresDays
    statements: PostgresStatements
    restraint: PostgresRestraint
    copies: PostgresCopies
    retention: PostgresRetention
    files: PostgresFiles
    shadow: PostgresShadow
    vouchers: PostgresVouchers
    agreements: PostgresAgreements
    access_requests: PostgresAccessRequests
    data_requests: PostgresRequests
    breaches: PostgresBreaches
    approvals: PostgresApprovals
    accounts: PostgresAccounts
    sessions: PostgresSessions
    failures: PostgresFailures
    console: ConsoleStores

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
            ledger=PostgresLedger(database),
            catalogues=PostgresCatalogues(database),
            chores=PostgresChores(database),
            procedures=PostgresProcedures(database),
            feedback=PostgresFeedback(database),
            places=PostgresPlaces(database),
            numbering=PostgresNumbering(database),
            receipts=PostgresReceipts(database, keyring),
            rechecks=PostgresRechecks(database, keyring),
            receivers=PostgresReceivers(database, keyring),
            events=PostgresEvents(database),
            refunds=PostgresRefunds(database, keyring),
            alarms=PostgresAlarms(database, keyring),
            cases=PostgresCases(database, keyring),
            money_days=PostgresDays(database, keyring),
            statements=PostgresStatements(database, keyring),
            restraint=PostgresRestraint(database),
            copies=PostgresCopies(database),
            retention=PostgresRetention(database, keyring),
            files=PostgresFiles(database, keyring),
            shadow=PostgresShadow(database),
            vouchers=PostgresVouchers(database, keyring),
            agreements=PostgresAgreements(database, keyring),
            access_requests=PostgresAccessRequests(database, keyring),
            data_requests=PostgresRequests(database, keyring),
            breaches=PostgresBreaches(database, keyring),
            approvals=PostgresApprovals(database, keyring),
            accounts=PostgresAccounts(database, keyring),
            sessions=PostgresSessions(database),
            failures=PostgresFailures(database),
            console=ConsoleStores.on(ground),
        )


def _holder(api: ApiSettings) -> str:
    """The place that only one process has at a time: the address that it listens on, and its seat among those that
    share it. The first seat is that of a process that shares with nobody."""
    place, seat = f"{socket.gethostname()}:{api.host}:{api.port}", os.environ.get(SEAT, "1")
    return place if seat == "1" else f"{place}/{seat}"
