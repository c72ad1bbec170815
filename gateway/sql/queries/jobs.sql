-- name: add
INSERT INTO job (tenant, id, what, state, parameters, total, asked_by, begun_at, moved_at)
VALUES (%(tenant)s, %(id)s, %(what)s, %(state)s, %(parameters)s::jsonb, %(total)s, %(asked_by)s, %(now)s, %(now)s);

-- name: add_items
INSERT INTO job_item (tenant, job_id, number, key, said)
SELECT %(tenant)s, %(id)s, n.number, n.key, n.said::jsonb
FROM unnest(%(number)s::int[], %(key)s::text[], %(said)s::text[]) AS n (number, key, said);

-- name: find
SELECT * FROM job WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: listed
SELECT * FROM job WHERE tenant = %(tenant)s AND begun_at < coalesce(%(before)s::timestamptz, 'infinity')
ORDER BY begun_at DESC, id DESC LIMIT %(limit)s;

-- name: running
SELECT * FROM job WHERE tenant = %(tenant)s AND state = 'running' AND moved_at >= %(since)s;

-- name: items
SELECT number, key, said, outcome FROM job_item
WHERE tenant = %(tenant)s AND job_id = %(id)s AND number > %(after)s
    AND (%(outcome)s::text IS NULL OR outcome = %(outcome)s)
ORDER BY number LIMIT %(limit)s;

-- name: take
UPDATE job SET state = 'running', owner = %(owner)s, moved_at = %(now)s, trouble = '', trouble_vi = ''
WHERE tenant = %(tenant)s AND id = %(id)s
    AND (state IN ('drafted', 'interrupted') OR (state = 'running' AND moved_at < %(stale)s))
RETURNING *;

-- name: keep
UPDATE job SET moved_at = %(now)s
WHERE tenant = %(tenant)s AND id = %(id)s AND owner = %(owner)s AND state = 'running';

-- name: tell
WITH told AS (
    UPDATE job_item SET outcome = %(outcome)s
    WHERE tenant = %(tenant)s AND job_id = %(id)s AND number = %(number)s AND outcome = ''
    RETURNING outcome
)
UPDATE job j SET done = done + (t.outcome = 'done')::int, refused = refused + (t.outcome <> 'done')::int
FROM told t WHERE j.tenant = %(tenant)s AND j.id = %(id)s;

-- name: count
UPDATE job SET done = %(done)s, total = GREATEST(total, %(done)s), moved_at = %(now)s
WHERE tenant = %(tenant)s AND id = %(id)s AND owner = %(owner)s AND state = 'running';

-- name: end
UPDATE job SET state = %(state)s, owner = '', moved_at = %(now)s, trouble = %(trouble)s, trouble_vi = %(trouble_vi)s,
    ended_at = CASE WHEN %(state)s = 'ended' THEN %(now)s::timestamptz END
WHERE tenant = %(tenant)s AND id = %(id)s AND owner = %(owner)s AND state = 'running';

-- name: stop
UPDATE job SET state = 'interrupted', owner = '', moved_at = %(now)s
WHERE tenant = %(tenant)s AND id = %(id)s AND state = 'running';

-- name: forget
DELETE FROM job WHERE tenant = %(tenant)s AND begun_at < %(before)s AND state <> 'running';
