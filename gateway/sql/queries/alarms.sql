-- name: turn
-- One at a time for the same alarm, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended('alarm/' || %(tenant)s || '/' || %(kind)s || '/' || %(about)s, 0));

-- name: again
UPDATE alarm SET count = count + 1, last_at = %(now)s, facts = %(facts)s
WHERE tenant = %(tenant)s AND kind = %(kind)s AND about = %(about)s AND settled_at IS NULL AND raised_at > %(since)s
RETURNING *;

-- name: raise
INSERT INTO alarm (tenant, kind, about, facts, raised_at, last_at)
VALUES (%(tenant)s, %(kind)s, %(about)s, %(facts)s, %(now)s, %(now)s) RETURNING *;

-- name: listed
SELECT * FROM alarm WHERE tenant = %(tenant)s AND (%(everything)s OR settled_at IS NULL) ORDER BY id DESC LIMIT %(limit)s;

-- name: page
SELECT * FROM alarm WHERE tenant = %(tenant)s AND (%(everything)s OR settled_at IS NULL) AND id < %(before)s
ORDER BY id DESC LIMIT %(limit)s;

-- name: find
SELECT * FROM alarm WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: settle
UPDATE alarm SET settled_at = %(now)s, settled = %(settled)s
WHERE tenant = %(tenant)s AND id = %(id)s AND settled_at IS NULL RETURNING *;
