-- name: lock
SELECT pg_try_advisory_xact_lock(hashtextextended('log_reader/' || %(tenant)s || '/' || %(reader)s, 0)) AS mine;

-- name: place
SELECT next_index FROM log_reader WHERE tenant = %(tenant)s AND name = %(reader)s;

-- name: move
-- `moved_at`: whatever was recorded until then has been read.
INSERT INTO log_reader (tenant, name, next_index, moved_at) VALUES (%(tenant)s, %(reader)s, %(next_index)s, %(now)s)
ON CONFLICT (tenant, name) DO UPDATE SET next_index = excluded.next_index, moved_at = excluded.moved_at;

-- name: add
INSERT INTO transaction (tenant, index, recorded_at, kind, actor, operation, system, outcome, fault, reference, trace_id,
    call_id, duration_ms, beside)
SELECT %(tenant)s, n.* FROM unnest(%(index)s, %(recorded_at)s, %(kind)s, %(actor)s, %(operation)s, %(system)s, %(outcome)s,
    %(fault)s, %(reference)s, %(trace_id)s, %(call_id)s, %(duration_ms)s, %(beside)s) AS n
ON CONFLICT DO NOTHING;

-- name: at
SELECT index, recorded_at, kind, actor, operation, system, outcome, fault, reference, trace_id, call_id, duration_ms, beside
FROM transaction WHERE tenant = %(tenant)s AND index = ANY(%(indexes)s::bigint[])
ORDER BY recorded_at DESC, index DESC;

-- name: page
-- `driver` reads one index in the order of the list, at most %(most)s entries of it; `rest` is looked at row by row. So
-- a page is found at once where it is near, and the search ends where it is not there at all.
SELECT index, recorded_at, kind, actor, operation, system, outcome, fault, reference, trace_id, call_id, duration_ms, beside
FROM (SELECT * FROM transaction WHERE tenant = %(tenant)s {driver}
      ORDER BY recorded_at DESC, index DESC LIMIT %(most)s) AS looked
WHERE true {rest}
ORDER BY recorded_at DESC, index DESC LIMIT %(limit)s;

-- name: end
-- Where the look ended; no row: it came to the end of what there is.
SELECT recorded_at, index FROM transaction WHERE tenant = %(tenant)s {driver}
ORDER BY recorded_at DESC, index DESC OFFSET %(most)s - 1 LIMIT 1;

-- name: common
-- How many rows a condition has, as far as it matters which of several has fewest.
SELECT count(*) AS rows FROM (SELECT 1 FROM transaction WHERE tenant = %(tenant)s {driver}
    ORDER BY recorded_at DESC, index DESC LIMIT %(most)s) AS looked;
