"""Cost curves: what a request costs as payload, callers, backlog, log and tenants grow; and what a long run shows."""
