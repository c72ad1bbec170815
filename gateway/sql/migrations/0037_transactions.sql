-- Giao dịch: what the leaves say, in columns, to search by and to count. Written behind the log by the indexer
-- (gateway.transactions), never evidence itself: it may be emptied and is then made again from the log.
CREATE TABLE transaction (
    tenant      text        NOT NULL,
    index       bigint      NOT NULL,                 -- of the leaf
    recorded_at timestamptz NOT NULL,
    kind        text        NOT NULL,
    actor       text        NOT NULL,
    operation   text        NOT NULL,
    system      text        NOT NULL,
    outcome     text        NOT NULL,
    fault       text        NOT NULL,                 -- gateway.transactions.model.Fault
    reference   text        NOT NULL,
    trace_id    text        NOT NULL,
    call_id     text        NOT NULL,
    duration_ms integer,                              -- NULL: it says none
    PRIMARY KEY (tenant, index, recorded_at)
) PARTITION BY RANGE (recorded_at);

-- How far the log was read by whoever reads it in order: `transactions`, `traffic`.
CREATE TABLE log_reader (
    tenant     text        NOT NULL,
    name       text        NOT NULL,
    next_index bigint      NOT NULL,                  -- of the first leaf that was not read
    moved_at   timestamptz NOT NULL,
    PRIMARY KEY (tenant, name)
);

SELECT ensure_partitions(now() - interval '62 days', now() + interval '92 days');
