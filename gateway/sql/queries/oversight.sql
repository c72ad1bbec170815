-- name: begin_check
-- One at a time: one that still moves is not begun a second time.
INSERT INTO log_check (tenant, whole, begun_at, begun_by, size, moved_at)
SELECT %(tenant)s, %(whole)s, %(at)s, %(by)s, %(size)s, %(at)s
WHERE NOT EXISTS (
    SELECT 1 FROM log_check WHERE tenant = %(tenant)s AND ended_at IS NULL AND moved_at >= %(alive)s)
RETURNING *;

-- name: move_check
UPDATE log_check SET done = %(done)s, first_row = %(first_row)s, moved_at = %(at)s
WHERE tenant = %(tenant)s AND id = %(id)s AND ended_at IS NULL;

-- name: end_check
UPDATE log_check SET done = %(done)s, first_row = %(first_row)s, moved_at = %(at)s, ended_at = %(at)s,
    signed = %(signed)s, checkpoints = %(checkpoints)s, bodies = %(bodies)s, erased = %(erased)s,
    finding_row = %(finding_row)s, finding = %(finding)s, finding_vi = %(finding_vi)s, failure = %(failure)s
WHERE tenant = %(tenant)s AND id = %(id)s AND ended_at IS NULL;

-- name: checks
SELECT * FROM log_check WHERE tenant = %(tenant)s ORDER BY id DESC LIMIT %(limit)s;

-- name: sign_review
INSERT INTO log_review (tenant, pace, first_day, reviewed_at, reviewed_by, verdict, words, leaves)
VALUES (%(tenant)s, %(pace)s, %(first_day)s, %(reviewed_at)s, %(reviewed_by)s, %(verdict)s, %(words)s, %(leaves)s)
ON CONFLICT DO NOTHING RETURNING *;

-- name: reviewed
SELECT pace, first_day FROM log_review WHERE tenant = %(tenant)s;

-- name: reviews
SELECT * FROM log_review WHERE tenant = %(tenant)s ORDER BY first_day DESC, pace LIMIT %(limit)s;

-- name: review_of
SELECT * FROM log_review WHERE tenant = %(tenant)s AND pace = %(pace)s AND first_day = %(first_day)s;

-- name: log_begins
SELECT min(recorded_at) AS at FROM audit_leaf WHERE tenant = %(tenant)s AND index = 0;

-- name: tally
-- What no longer is what was hashed is not read, and counted apart.
SELECT kind, actor, operation, outcome, count(*) AS count FROM (
    SELECT said ->> 'kind' AS kind, said ->> 'actor' AS actor, said ->> 'operation' AS operation,
        said ->> 'outcome' AS outcome
    FROM (
        SELECT CASE WHEN sha256('\x00'::bytea || leaf) = leaf_hash THEN convert_from(leaf, 'UTF8')::jsonb
            ELSE '{"kind": "altered", "actor": "", "operation": "", "outcome": ""}' END AS said
        FROM audit_leaf
        WHERE tenant = %(tenant)s AND recorded_at >= %(since)s AND recorded_at < %(until)s
    ) AS leaves
) AS told
GROUP BY kind, actor, operation, outcome ORDER BY count DESC, kind, actor, operation, outcome LIMIT %(limit)s;
