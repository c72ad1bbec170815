-- Lưu lượng: how many and how fast, counted from `transaction` by a reader of the log (`log_reader`, name `traffic`) in
-- the same database transaction that moves its place, so that each row counts once. Nothing of a person.

-- Two lists of counters, added place by place; a shorter one goes on with noughts.
CREATE FUNCTION sum_of(a bigint[], b bigint[]) RETURNS bigint[] LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(array_agg(COALESCE(x, 0) + COALESCE(y, 0) ORDER BY place), '{}')
    FROM unnest(a, b) WITH ORDINALITY AS u (x, y, place)
$$;

CREATE AGGREGATE sum_counts(bigint[]) (SFUNC = sum_of, STYPE = bigint[], INITCOND = '{}');

-- By minute, hour and day (of Vietnam) at once: a plot reads few rows, whatever span it shows.
CREATE TABLE traffic (
    tenant    text        NOT NULL,
    grain     text        NOT NULL CHECK (grain IN ('minute', 'hour', 'day')),
    at        timestamptz NOT NULL,                   -- beginning of the span
    kind      text        NOT NULL,
    system    text        NOT NULL,
    operation text        NOT NULL,
    outcomes  bigint[]    NOT NULL,                   -- in the order of gateway.traffic.model.CLASSES
    latency   bigint[]    NOT NULL,                   -- histogram: gateway.traffic.tally.BOUNDS
    sum_ms    bigint      NOT NULL,
    PRIMARY KEY (tenant, grain, at, kind, system, operation)
);

-- Thống kê chia sẻ (47/2020/NĐ-CP): who had what of whom, by month of Vietnam.
CREATE TABLE sharing (
    tenant    text     NOT NULL,
    month     date     NOT NULL,                      -- its first day
    kind      text     NOT NULL,
    system    text     NOT NULL,
    actor     text     NOT NULL,
    operation text     NOT NULL,
    outcomes  bigint[] NOT NULL,
    PRIMARY KEY (tenant, month, kind, system, actor, operation)
);

-- The highest that a lane stood at within the span.
CREATE TABLE backlog (
    tenant   text        NOT NULL,
    grain    text        NOT NULL CHECK (grain IN ('minute', 'hour', 'day')),
    at       timestamptz NOT NULL,
    target   text        NOT NULL,
    waiting  bigint      NOT NULL,
    held     bigint      NOT NULL,
    messages bigint      NOT NULL,
    oldest_s bigint      NOT NULL,                    -- age of the oldest message not delivered
    PRIMARY KEY (tenant, grain, at, target)
);
