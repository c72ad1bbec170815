-- name: turn
-- One at a time for the same case, until the transaction ends.
SELECT pg_advisory_xact_lock(
    hashtextextended('case/' || %(tenant)s || '/' || %(kind)s || '/' || %(rail)s || '/' || %(about)s, 0));

-- name: same
SELECT * FROM money_case
WHERE tenant = %(tenant)s AND kind = %(kind)s AND rail = %(rail)s AND about = %(about)s
    AND (resolved_at IS NULL OR facts = %(facts)s)
ORDER BY id DESC LIMIT 1;

-- name: open
INSERT INTO money_case (tenant, kind, about, rail, finder, owner, facts, day, opened_at, due_at)
VALUES (%(tenant)s, %(kind)s, %(about)s, %(rail)s, %(finder)s, %(owner)s, %(facts)s, %(day)s, %(now)s, %(due_at)s)
RETURNING *;

-- name: listed
SELECT * FROM money_case
WHERE tenant = %(tenant)s AND (%(everything)s OR resolved_at IS NULL)
    AND (%(day)s::date IS NULL OR day = %(day)s) AND (%(rail)s = '' OR rail = %(rail)s)
ORDER BY due_at, id LIMIT %(limit)s;

-- name: find
SELECT * FROM money_case WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: resolve
UPDATE money_case SET resolved_at = %(now)s, resolved = %(resolved)s, evidence = %(evidence)s
WHERE tenant = %(tenant)s AND id = %(id)s AND resolved_at IS NULL RETURNING *;
