-- name: take
-- No row comes back when the same was taken in last.
INSERT INTO feedback_taken (tenant, key, digest, taken_at) VALUES (%(tenant)s, %(key)s, %(digest)s, %(now)s)
ON CONFLICT (tenant, key) DO UPDATE SET digest = excluded.digest, taken_at = excluded.taken_at
    WHERE feedback_taken.digest <> excluded.digest
RETURNING key;

-- name: rate
INSERT INTO rating_month (tenant, month, procedure, agency, very_satisfied, satisfied, dissatisfied, told_at)
VALUES (%(tenant)s, %(month)s, %(procedure)s, %(agency)s, %(very_satisfied)s, %(satisfied)s, %(dissatisfied)s, %(now)s)
ON CONFLICT (tenant, month, procedure, agency) DO UPDATE SET
    very_satisfied = excluded.very_satisfied, satisfied = excluded.satisfied, dissatisfied = excluded.dissatisfied,
    told_at = excluded.told_at;
