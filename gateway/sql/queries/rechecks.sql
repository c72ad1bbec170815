-- name: add
INSERT INTO recheck (tenant, recheck_id, client_id, operation, dossier_code, reference, trace_id, created_at, due, state,
    callback, request)
VALUES (%(tenant)s, %(recheck_id)s, %(client_id)s, %(operation)s, %(dossier_code)s, %(reference)s, %(trace_id)s,
    %(created_at)s, %(due)s, %(state)s, %(callback)s, %(request)s)
ON CONFLICT DO NOTHING RETURNING *;

-- name: find
SELECT * FROM recheck WHERE tenant = %(tenant)s AND recheck_id = %(recheck_id)s;

-- name: claim
WITH free AS (
    SELECT tenant, recheck_id FROM recheck
    WHERE tenant = %(tenant)s AND state = 'waiting' AND operation = %(operation)s AND due <= %(now)s
        AND (owner = '' OR lease_until <= %(now)s)
    ORDER BY due, recheck_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE recheck r SET owner = %(owner)s, lease_until = %(until)s
FROM free f WHERE r.tenant = f.tenant AND r.recheck_id = f.recheck_id RETURNING r.*;

-- name: claim_calls
WITH free AS (
    SELECT tenant, recheck_id FROM recheck
    WHERE tenant = %(tenant)s AND state <> 'waiting' AND callback = 'waiting' AND due <= %(now)s
        AND (owner = '' OR lease_until <= %(now)s)
    ORDER BY due, recheck_id LIMIT %(most)s FOR UPDATE SKIP LOCKED
)
UPDATE recheck r SET owner = %(owner)s, lease_until = %(until)s
FROM free f WHERE r.tenant = f.tenant AND r.recheck_id = f.recheck_id RETURNING r.*;

-- name: postpone_calls
UPDATE recheck SET due = %(until)s
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND state <> 'waiting' AND callback = 'waiting'
    AND due < %(until)s AND owner = '';

-- name: settle
UPDATE recheck SET state = %(state)s, due = %(due)s, tries = %(tries)s, trouble = %(trouble)s, ended_at = %(ended_at)s,
    callback = %(callback)s, callback_tries = %(callback_tries)s, callback_trouble = %(callback_trouble)s,
    result = COALESCE(%(result)s, result), owner = '', lease_until = NULL,
    erased_at = COALESCE(erased_at, %(erased_at)s),
    request = CASE WHEN %(erased_at)s::timestamptz IS NULL THEN request END
WHERE tenant = %(tenant)s AND recheck_id = %(recheck_id)s AND owner = %(owner)s AND owner <> '';

-- name: withdraw
UPDATE recheck SET state = 'withdrawn', due = NULL, trouble = '', ended_at = %(now)s, callback = 'none', request = NULL,
    erased_at = %(now)s, owner = '', lease_until = NULL
WHERE tenant = %(tenant)s AND recheck_id = %(recheck_id)s AND state = 'waiting';

-- name: hurry
UPDATE recheck SET due = LEAST(due, %(now)s)
WHERE tenant = %(tenant)s AND recheck_id = %(recheck_id)s AND due IS NOT NULL;

-- name: latest
SELECT * FROM recheck WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY created_at DESC, recheck_id DESC LIMIT %(limit)s;

-- name: erase
UPDATE recheck SET request = NULL, result = NULL, erased_at = %(now)s
WHERE tenant = %(tenant)s AND ended_at < %(ended_before)s AND erased_at IS NULL;
