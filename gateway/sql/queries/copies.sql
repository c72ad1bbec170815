-- name: keep
INSERT INTO lookup_copy (tenant, name, system, operation, asked_at, expires_at, sealed)
VALUES (%(tenant)s, %(name)s, %(system)s, %(operation)s, %(asked_at)s, %(expires_at)s, %(sealed)s)
ON CONFLICT (tenant, name) DO UPDATE SET
    system = excluded.system, asked_at = excluded.asked_at, expires_at = excluded.expires_at, sealed = excluded.sealed;

-- name: find
SELECT tenant, name, system, operation, asked_at, expires_at, sealed FROM lookup_copy
WHERE tenant = %(tenant)s AND name = %(name)s AND expires_at > %(now)s;

-- name: clear
DELETE FROM lookup_copy WHERE tenant = %(tenant)s AND (%(system)s = '' OR system = %(system)s);

-- name: expire
DELETE FROM lookup_copy WHERE tenant = %(tenant)s AND expires_at <= %(now)s;
