-- name: turn
-- Made at the first leaf; locked until the transaction ends, so that one process counts at a time. `read_at`: whatever was
-- recorded until then is indexed; read before the rows are, so that it never says more than they do.
INSERT INTO log_reader AS own (tenant, name, next_index, moved_at) VALUES (%(tenant)s, 'traffic', 0, 'epoch')
ON CONFLICT (tenant, name) DO UPDATE SET next_index = own.next_index
RETURNING next_index, (SELECT i.moved_at FROM log_reader i WHERE i.tenant = %(tenant)s AND i.name = 'transactions') AS read_at;

-- name: rows
-- Up to where the indexer is: behind that, rows may still be missing.
SELECT t.index, t.recorded_at, t.kind, t.actor, t.operation, t.system, t.fault, t.duration_ms, t.beside FROM transaction t
WHERE t.tenant = %(tenant)s AND t.index >= %(next)s
    AND t.index < (SELECT next_index FROM log_reader WHERE tenant = %(tenant)s AND name = 'transactions')
ORDER BY t.index LIMIT %(most)s;

-- name: move
-- `moved_at`: whatever was recorded until then is counted.
UPDATE log_reader SET next_index = %(next)s, moved_at = COALESCE(%(counted)s, moved_at) WHERE tenant = %(tenant)s AND name = 'traffic';

-- name: add
INSERT INTO traffic (tenant, grain, at, kind, system, operation, outcomes, latency, sum_ms)
SELECT %(tenant)s, r.grain, r.at, r.kind, r.system, r.operation, r.outcomes, r.latency, r.sum_ms
FROM jsonb_to_recordset(%(rows)s) AS r (grain text, at timestamptz, kind text, system text, operation text,
                                        outcomes bigint[], latency bigint[], sum_ms bigint)
ON CONFLICT (tenant, grain, at, kind, system, operation) DO UPDATE SET
    outcomes = sum_of(traffic.outcomes, excluded.outcomes), latency = sum_of(traffic.latency, excluded.latency),
    sum_ms = traffic.sum_ms + excluded.sum_ms;

-- name: share
INSERT INTO sharing (tenant, month, kind, system, actor, operation, outcomes)
SELECT %(tenant)s, r.month, r.kind, r.system, r.actor, r.operation, r.outcomes
FROM jsonb_to_recordset(%(rows)s) AS r (month date, kind text, system text, actor text, operation text,
                                        outcomes bigint[])
ON CONFLICT (tenant, month, kind, system, actor, operation) DO UPDATE SET
    outcomes = sum_of(sharing.outcomes, excluded.outcomes);

-- name: spans
SELECT at, sum_counts(outcomes) AS outcomes, sum_counts(latency) AS latency, sum(sum_ms)::bigint AS sum_ms FROM traffic
WHERE tenant = %(tenant)s AND grain = %(grain)s AND at >= %(since)s AND at < %(until)s AND kind = %(kind)s
    -- All together: the national systems, and neither what the province's own are told nor log-ins at platforms.
    AND (system = %(system)s OR (%(system)s = '' AND position(':' IN system) = 0))
GROUP BY at ORDER BY at;

-- name: all_spans
SELECT system, at, sum_counts(outcomes) AS outcomes, sum_counts(latency) AS latency, sum(sum_ms)::bigint AS sum_ms
FROM traffic
WHERE tenant = %(tenant)s AND grain = %(grain)s AND at >= %(since)s AND at < %(until)s AND kind = %(kind)s
GROUP BY system, at;

-- name: by_system
SELECT system, sum_counts(outcomes) AS outcomes, sum_counts(latency) AS latency, sum(sum_ms)::bigint AS sum_ms
FROM traffic
WHERE tenant = %(tenant)s AND grain = %(grain)s AND at >= %(since)s AND at < %(until)s AND kind = %(kind)s
GROUP BY system;

-- name: sample
INSERT INTO backlog (tenant, grain, at, target, waiting, held, messages, oldest_s)
SELECT %(tenant)s, r.grain, r.at, r.target, r.waiting, r.held, r.messages, r.oldest_s
FROM jsonb_to_recordset(%(rows)s) AS r (grain text, at timestamptz, target text, waiting bigint, held bigint,
                                        messages bigint, oldest_s bigint)
ON CONFLICT (tenant, grain, at, target) DO UPDATE SET
    waiting = GREATEST(backlog.waiting, excluded.waiting), held = GREATEST(backlog.held, excluded.held),
    messages = GREATEST(backlog.messages, excluded.messages),
    oldest_s = GREATEST(backlog.oldest_s, excluded.oldest_s);

-- name: backlog
SELECT at, target, waiting, held, messages, oldest_s FROM backlog
WHERE tenant = %(tenant)s AND grain = %(grain)s AND at >= %(since)s AND at < %(until)s
    AND (%(system)s = '' OR target = %(system)s)
ORDER BY at, target;

-- name: forget
WITH old AS (SELECT * FROM jsonb_to_recordset(%(before)s) AS o (grain text, at timestamptz)),
    counts AS (DELETE FROM traffic t USING old WHERE t.tenant = %(tenant)s AND t.grain = old.grain AND t.at < old.at),
    samples AS (DELETE FROM backlog b USING old WHERE b.tenant = %(tenant)s AND b.grain = old.grain AND b.at < old.at)
SELECT 1;

-- name: sharing
-- With the place that they were counted to, in one statement: figures and place are of one moment.
SELECT kind, system, actor, operation, outcomes,
    (SELECT next_index FROM log_reader WHERE tenant = %(tenant)s AND name = 'traffic') AS counted
FROM sharing
WHERE tenant = %(tenant)s AND month = %(month)s ORDER BY kind, system, actor, operation;

-- name: months
SELECT DISTINCT month FROM sharing WHERE tenant = %(tenant)s ORDER BY month DESC LIMIT %(limit)s;

-- name: place
SELECT next_index, NULLIF(moved_at, 'epoch') AS moved_at FROM log_reader WHERE tenant = %(tenant)s AND name = 'traffic';
