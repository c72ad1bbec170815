-- name: add
INSERT INTO approval (tenant, id, act, parameters, digest, reason, asked_by, asked_at, expires_at)
VALUES (%(tenant)s, %(id)s, %(act)s, %(parameters)s, %(digest)s, %(reason)s, %(asked_by)s, %(asked_at)s,
    %(expires_at)s);

-- name: find
SELECT * FROM approval WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: decide
UPDATE approval SET state = %(state)s, decided_by = %(by)s, decided_at = %(now)s
WHERE tenant = %(tenant)s AND id = %(id)s AND state = 'asked' AND expires_at > %(now)s AND asked_by <> %(by)s
RETURNING *;

-- name: use
-- Of many at once one gets it: the others pass over the row while it is locked, and find it used afterwards.
UPDATE approval SET state = 'used', used_at = %(now)s
WHERE state = 'allowed' AND (tenant, id) = (
    SELECT tenant, id FROM approval
    WHERE tenant = %(tenant)s AND digest = %(digest)s AND asked_by = %(by)s AND state = 'allowed'
      AND expires_at > %(now)s
    ORDER BY asked_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING *;

-- name: waiting
SELECT * FROM approval WHERE tenant = %(tenant)s AND state = 'asked' AND expires_at > %(now)s ORDER BY asked_at, id;

-- name: listed
SELECT * FROM approval WHERE tenant = %(tenant)s ORDER BY asked_at DESC, id DESC LIMIT %(limit)s;
