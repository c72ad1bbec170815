"""The stores of what staff and workers do, and of what the console's pages are made from."""

from __future__ import annotations

from dataclasses import dataclass

from gateway.agreements.postgres import PostgresAccessRequests
from gateway.alerts.postgres import PostgresAlerts
from gateway.approvals.postgres import PostgresApprovals
from gateway.audit.postgres_checks import PostgresChecks
from gateway.audit.postgres_reviews import PostgresReviews
from gateway.bootstrap.ground import Ground
from gateway.chores.postgres import PostgresChores
from gateway.delivery.jobs.postgres import PostgresJobs
from gateway.diagnostics.postgres import PostgresRuns
from gateway.files.postgres import PostgresFiles
from gateway.ledger.postgres import PostgresLedger
from gateway.maintenance.postgres import PostgresMaintenance
from gateway.operators.postgres import PostgresAccounts, PostgresFailures, PostgresSessions
from gateway.privacy.postgres import PostgresBreaches, PostgresRequests
from gateway.rechecks.postgres import PostgresRechecks
from gateway.reconciliation.postgres import PostgresDays, PostgresStatements
from gateway.retention.postgres import PostgresRetention
from gateway.scores.postgres import PostgresScores
from gateway.shadow.postgres import PostgresShadow
from gateway.traffic.postgres import PostgresTraffic
from gateway.transactions.postgres import PostgresTransactions


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeStores:
    """One of each."""

    log_checks: PostgresChecks
    log_reviews: PostgresReviews
    jobs: PostgresJobs
    traffic: PostgresTraffic
    alerts: PostgresAlerts
    transactions: PostgresTransactions
    maintenance: PostgresMaintenance
    scores: PostgresScores
    diagnoses: PostgresRuns
    ledger: PostgresLedger
    money_days: PostgresDays
    statements: PostgresStatements
    rechecks: PostgresRechecks
    retention: PostgresRetention
    files: PostgresFiles
    data_requests: PostgresRequests
    breaches: PostgresBreaches
    access_requests: PostgresAccessRequests
    approvals: PostgresApprovals
    accounts: PostgresAccounts
    sessions: PostgresSessions
    failures: PostgresFailures
    chores: PostgresChores
    shadow: PostgresShadow

    @classmethod
    def on(cls, ground: Ground) -> OfficeStores:
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
            diagnoses=PostgresRuns(database),
            ledger=PostgresLedger(database),
            money_days=PostgresDays(database, keyring),
            statements=PostgresStatements(database, keyring),
            rechecks=PostgresRechecks(database, keyring),
            retention=PostgresRetention(database, keyring),
            files=PostgresFiles(database, keyring),
            data_requests=PostgresRequests(database, keyring),
            breaches=PostgresBreaches(database, keyring),
            access_requests=PostgresAccessRequests(database, keyring),
            approvals=PostgresApprovals(database, keyring),
            accounts=PostgresAccounts(database, keyring),
            sessions=PostgresSessions(database),
            failures=PostgresFailures(database),
            chores=PostgresChores(database),
            shadow=PostgresShadow(database),
        )
