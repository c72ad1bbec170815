"""PostgreSQL: the embedded cluster, the pool, migrations and named queries."""

from gateway.database.cluster import EmbeddedCluster
from gateway.database.faults import OutcomeLostError, in_our_words
from gateway.database.gather import OF_ONE, Gather, each_alone, is_of_all, or_each_alone
from gateway.database.migrations import migrate
from gateway.database.ownership import check_ownership
from gateway.database.partitions import ensure_partitions
from gateway.database.pool import Database, open_database
from gateway.database.queries import columns, queries

__all__ = [
    "OF_ONE",
    "Database",
    "EmbeddedCluster",
    "Gather",
    "OutcomeLostError",
    "check_ownership",
    "columns",
    "each_alone",
    "ensure_partitions",
    "in_our_words",
    "is_of_all",
    "migrate",
    "open_database",
    "or_each_alone",
    "queries",
]
