-- name: lock
SELECT pg_advisory_xact_lock(hashtext('place'), hashtext(%(tenant)s));

-- name: all
SELECT code, name, kind, valid_from, valid_to, parent, alias, successors FROM place
WHERE tenant = %(tenant)s ORDER BY code COLLATE "C", valid_from;

-- name: save
-- A recorded period is completed, never rewritten.
INSERT INTO place (tenant, code, valid_from, valid_to, name, kind, parent, alias, successors)
VALUES (%(tenant)s, %(code)s, %(valid_from)s, %(valid_to)s, %(name)s, %(kind)s, %(parent)s, %(alias)s, %(successors)s)
ON CONFLICT (tenant, code, valid_from) DO UPDATE SET
    valid_to = COALESCE(place.valid_to, excluded.valid_to),
    parent = CASE WHEN place.parent = '' THEN excluded.parent ELSE place.parent END,
    alias = CASE WHEN place.alias = '' THEN excluded.alias ELSE place.alias END,
    successors = CASE WHEN place.successors = '{}' THEN excluded.successors ELSE place.successors END;
