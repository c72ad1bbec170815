"""PostgreSQL: the embedded cluster, the pool, migrations and named queries."""
