-- name: take
-- No row comes back when the same was taken in last.
INSERT INTO feedback_taken (tenant, key, digest, taken_at) VALUES (%(tenant)s, %(key)s, %(digest)s, %(now)s)
ON CONFLICT (tenant, key) DO UPDATE SET digest = excluded.digest, taken_at = excluded.taken_at
    WHERE feedback_taken.digest <> excluded.digest
RETURNING key;
