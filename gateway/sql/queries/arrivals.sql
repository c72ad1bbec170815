-- name: turn
-- One at a time, until the transaction ends: cursors then grow in the order of commits.
SELECT pg_advisory_xact_lock(hashtextextended('arrival/' || %(tenant)s, 0));

-- name: again
UPDATE arrival SET deliveries = deliveries + 1
WHERE tenant = %(tenant)s AND system = %(system)s AND event = %(event)s AND key = %(key)s AND digest = %(digest)s
RETURNING *;

-- name: keep
INSERT INTO arrival (tenant, id, system, event, key, version, digest, content, received_at)
SELECT %(tenant)s, %(id)s, %(system)s, %(event)s, %(key)s, count(*) + 1, %(digest)s, %(content)s, %(received_at)s
FROM arrival WHERE tenant = %(tenant)s AND system = %(system)s AND event = %(event)s AND key = %(key)s
RETURNING *;

-- name: after
SELECT id, cursor, system, event, key, version, received_at, deliveries, acknowledged_at, acknowledged_by FROM arrival
WHERE tenant = %(tenant)s AND cursor > %(cursor)s AND (%(everything)s OR acknowledged_at IS NULL)
ORDER BY cursor LIMIT %(limit)s;

-- name: find
SELECT * FROM arrival WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: acknowledge
-- The first time stands.
UPDATE arrival SET acknowledged_by = CASE WHEN acknowledged_at IS NULL THEN %(by)s ELSE acknowledged_by END,
    acknowledged_at = coalesce(acknowledged_at, %(now)s)
WHERE tenant = %(tenant)s AND id = %(id)s RETURNING *;
