-- name: begin
-- The first request takes the key. A key whose time is over, or whose request was lost with its process, is taken anew.
INSERT INTO idempotency AS i (tenant, client_id, key_digest, fingerprint, started_at, expires_at, holder)
VALUES (%(tenant)s, %(client_id)s, %(key_digest)s, %(fingerprint)s, %(now)s, %(expires_at)s, %(holder)s)
ON CONFLICT (tenant, client_id, key_digest) DO UPDATE SET
    fingerprint = excluded.fingerprint, started_at = excluded.started_at, answer = NULL, expires_at = excluded.expires_at,
    holder = excluded.holder
WHERE i.expires_at <= %(now)s
   OR (i.answer IS NULL AND i.started_at <= %(abandoned_before)s AND i.fingerprint = excluded.fingerprint);

-- name: find
SELECT fingerprint, answer FROM idempotency
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND key_digest = %(key_digest)s;

-- name: finish
UPDATE idempotency SET answer = %(answer)s
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND key_digest = %(key_digest)s;

-- name: forget
DELETE FROM idempotency
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND key_digest = %(key_digest)s AND answer IS NULL;

-- name: expire
DELETE FROM idempotency WHERE expires_at <= %(now)s;

-- name: succeed
DELETE FROM idempotency WHERE holder = %(holder)s AND answer IS NULL;
