-- name: turn
SELECT pg_advisory_xact_lock(hashtextextended('clients/' || %(tenant)s, 0));

-- name: way_taken
SELECT 1 AS taken FROM client
 WHERE tenant = %(tenant)s AND client_id <> %(client_id)s AND revoked_at IS NULL AND ways && %(ways)s::text[];

-- name: add
INSERT INTO client (tenant, client_id, title, scopes, agencies, procedures, operations, networks, ways, per_minute,
                    per_day, secret_digest, secret_until, earlier_digest, earlier_until, created_at)
VALUES (%(tenant)s, %(client_id)s, %(title)s, %(scopes)s, %(agencies)s, %(procedures)s, %(operations)s, %(networks)s,
        %(ways)s, %(per_minute)s, %(per_day)s, %(secret_digest)s, %(secret_until)s, %(earlier_digest)s,
        %(earlier_until)s, %(created_at)s)
ON CONFLICT DO NOTHING;

-- name: change
UPDATE client
   SET title = %(title)s, scopes = %(scopes)s, agencies = %(agencies)s, procedures = %(procedures)s,
       operations = %(operations)s, networks = %(networks)s, ways = %(ways)s, per_minute = %(per_minute)s,
       per_day = %(per_day)s, secret_digest = %(secret_digest)s, secret_until = %(secret_until)s,
       earlier_digest = %(earlier_digest)s, earlier_until = %(earlier_until)s
 WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND revoked_at IS NULL;

-- name: find
SELECT c.* FROM unnest(%(tenants)s, %(ids)s) AS n (tenant, client_id) JOIN client c USING (tenant, client_id);

-- name: hold
SELECT * FROM client WHERE tenant = %(tenant)s AND client_id = %(client_id)s FOR UPDATE;

-- name: coming
SELECT * FROM client WHERE tenant = %(tenant)s AND revoked_at IS NULL AND ways && %(ways)s::text[];

-- name: all
SELECT * FROM client WHERE tenant = %(tenant)s ORDER BY client_id;

-- name: revoke
UPDATE client SET revoked_at = %(at)s WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND revoked_at IS NULL;
