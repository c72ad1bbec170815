-- name: add
INSERT INTO agreement (tenant, number, system, operations, terms, since, until, registered_at, registered_by)
VALUES (%(tenant)s, %(number)s, %(system)s, %(operations)s, %(terms)s, %(since)s, %(until)s, %(now)s, %(by)s)
ON CONFLICT (tenant, number) DO NOTHING RETURNING *;

-- name: listed
SELECT * FROM agreement WHERE tenant = %(tenant)s ORDER BY until NULLS LAST, id;

-- name: of
SELECT a.*, n.operation AS asked
FROM unnest(%(tenants)s, %(systems)s, %(operations)s) AS n (tenant, system, operation)
JOIN agreement a USING (tenant, system)
WHERE a.operations = '{}' OR n.operation = ANY (a.operations)
ORDER BY a.until NULLS LAST, a.id;

-- name: find
SELECT * FROM agreement WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: set_end
UPDATE agreement SET until = %(until)s, told = NULL WHERE tenant = %(tenant)s AND id = %(id)s RETURNING *;

-- name: suspend
UPDATE agreement SET suspended_at = %(now)s, suspended = %(suspended)s
WHERE tenant = %(tenant)s AND id = %(id)s AND (suspended_at IS NULL) <> (%(now)s::timestamptz IS NULL) RETURNING *;

-- name: tell
UPDATE agreement SET told = %(days)s
WHERE tenant = %(tenant)s AND id = %(id)s AND (told IS NULL OR told > %(days)s) RETURNING id;

-- name: receive
INSERT INTO access_request (tenant, wanted, received_at, due_at, registered_by)
VALUES (%(tenant)s, %(wanted)s, %(received_at)s, %(due_at)s, %(by)s) RETURNING *;

-- name: access_listed
SELECT * FROM access_request WHERE tenant = %(tenant)s AND (%(everything)s OR state = 'received') ORDER BY due_at, id;

-- name: access_find
SELECT * FROM access_request WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: decide
UPDATE access_request SET state = %(state)s, decided_at = %(at)s, decided = %(decided)s, agreement = %(agreement)s
WHERE tenant = %(tenant)s AND id = %(id)s AND state = 'received' RETURNING *;
