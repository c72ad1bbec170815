-- name: add
INSERT INTO client (tenant, client_id, title, scopes, agencies, secret_digest, created_at)
VALUES (%(tenant)s, %(client_id)s, %(title)s, %(scopes)s, %(agencies)s, %(secret_digest)s, %(created_at)s)
ON CONFLICT DO NOTHING;

-- name: find
SELECT * FROM client WHERE tenant = %(tenant)s AND client_id = %(client_id)s;

-- name: all
SELECT * FROM client WHERE tenant = %(tenant)s ORDER BY client_id;

-- name: revoke
UPDATE client SET revoked_at = %(at)s WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND revoked_at IS NULL;
