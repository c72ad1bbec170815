-- name: begin
-- The first request takes the key. A key whose time is over, or whose request was lost with its process, is taken anew.
-- `started_at` tells whose it is, and stays as it is; `expires_at` moves on as long as the request runs (`renew`).
INSERT INTO idempotency AS i (tenant, client_id, key_digest, fingerprint, started_at, expires_at, holder)
SELECT n.tenant, n.client_id, n.key_digest, n.fingerprint, n.now, n.now + %(kept)s, %(holder)s
FROM unnest(%(tenant)s::text[], %(client_id)s::text[], %(key_digest)s::bytea[], %(fingerprint)s::bytea[], %(now)s::timestamptz[])
    AS n (tenant, client_id, key_digest, fingerprint, now)
ORDER BY n.tenant, n.client_id, n.key_digest
ON CONFLICT (tenant, client_id, key_digest) DO UPDATE SET
    fingerprint = excluded.fingerprint, started_at = excluded.started_at, answer = NULL, expires_at = excluded.expires_at,
    holder = excluded.holder
WHERE i.expires_at <= excluded.started_at
   OR (i.answer IS NULL AND i.expires_at <= excluded.expires_at - %(abandoned)s AND i.fingerprint = excluded.fingerprint)
RETURNING tenant, client_id, key_digest;

-- name: find
SELECT fingerprint, answer FROM idempotency
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND key_digest = %(key_digest)s;

-- name: finish
-- Locked in the order of `begin`, which locks the keys that are taken, too: nobody waits in a circle. A key that was
-- taken over is another's.
WITH locked AS (
    SELECT n.* FROM unnest(%(tenant)s::text[], %(client_id)s::text[], %(key_digest)s::bytea[], %(began)s::timestamptz[],
        %(answer)s::bytea[]) AS n (tenant, client_id, key_digest, began, answer)
    JOIN idempotency i ON (i.tenant, i.client_id, i.key_digest, i.started_at)
        = (n.tenant, n.client_id, n.key_digest, n.began) AND i.answer IS NULL
    ORDER BY i.tenant, i.client_id, i.key_digest FOR UPDATE OF i
)
UPDATE idempotency i SET answer = n.answer FROM locked n
WHERE (i.tenant, i.client_id, i.key_digest) = (n.tenant, n.client_id, n.key_digest);

-- name: renew
UPDATE idempotency SET expires_at = %(expires_at)s
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND key_digest = %(key_digest)s AND started_at = %(began)s
    AND answer IS NULL;

-- name: earlier
-- Whose key `begin` would not take. One row is looked up for each, whatever was known of the table when this was planned.
SELECT i.tenant, i.client_id, i.key_digest, i.fingerprint, i.answer
FROM unnest((SELECT %(tenant)s), (SELECT %(client_id)s), (SELECT %(key_digest)s), (SELECT %(fingerprint)s))
    AS n (tenant, client_id, key_digest, fingerprint)
CROSS JOIN LATERAL (
    SELECT * FROM idempotency i
    WHERE i.tenant = n.tenant AND i.client_id = n.client_id AND i.key_digest = n.key_digest LIMIT 1
) i
WHERE i.expires_at > %(now)s
    AND NOT (i.answer IS NULL AND i.expires_at <= %(expires_at)s - %(abandoned)s AND i.fingerprint = n.fingerprint);

-- name: keep
-- `begin` and `finish` in one. The last locks of its transaction, in the order of `begin`: nobody waits in a circle.
INSERT INTO idempotency AS i (tenant, client_id, key_digest, fingerprint, answer, started_at, expires_at, holder)
SELECT n.tenant, n.client_id, n.key_digest, n.fingerprint, n.answer, %(now)s, %(expires_at)s, %(holder)s
FROM unnest(%(tenant)s, %(client_id)s, %(key_digest)s, %(fingerprint)s, %(answer)s)
    AS n (tenant, client_id, key_digest, fingerprint, answer)
ORDER BY n.tenant, n.client_id, n.key_digest
ON CONFLICT (tenant, client_id, key_digest) DO UPDATE SET
    fingerprint = excluded.fingerprint, started_at = excluded.started_at, answer = excluded.answer,
    expires_at = excluded.expires_at, holder = excluded.holder
WHERE i.expires_at <= excluded.started_at
   OR (i.answer IS NULL AND i.expires_at <= excluded.expires_at - %(abandoned)s AND i.fingerprint = excluded.fingerprint);

-- name: forget
DELETE FROM idempotency
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND key_digest = %(key_digest)s AND started_at = %(began)s
    AND answer IS NULL;

-- name: expire
DELETE FROM idempotency WHERE expires_at <= %(now)s;

-- name: succeed
DELETE FROM idempotency WHERE holder = %(holder)s AND answer IS NULL;
