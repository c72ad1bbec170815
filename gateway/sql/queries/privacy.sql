-- name: number_of_request
SELECT nextval(pg_get_serial_sequence('data_request', 'id')) AS id;

-- name: receive
INSERT INTO data_request (tenant, id, kind, subject, person, third_party, received_at, answer_due, done_due,
    registered_by)
OVERRIDING SYSTEM VALUE
VALUES (%(tenant)s, %(id)s, %(kind)s, %(subject)s, %(person)s, %(third_party)s, %(received_at)s, %(answer_due)s,
    %(done_due)s, %(by)s)
RETURNING *;

-- name: listed
SELECT * FROM data_request WHERE tenant = %(tenant)s AND (%(everything)s OR ended_at IS NULL)
  AND (%(due)s::timestamptz IS NULL OR (done_due, id) > (%(due)s, %(after)s::bigint))
ORDER BY done_due, id LIMIT %(limit)s;

-- name: find
SELECT * FROM data_request WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: answer
UPDATE data_request SET state = 'answered', answered_at = %(at)s, handled_by = %(by)s, reason = %(reason)s
WHERE tenant = %(tenant)s AND id = %(id)s AND state = 'received' RETURNING *;

-- name: extend
UPDATE data_request SET extended_at = %(at)s, done_due = %(done_due)s, handled_by = %(by)s, reason = %(reason)s
WHERE tenant = %(tenant)s AND id = %(id)s AND ended_at IS NULL AND extended_at IS NULL RETURNING *;

-- name: end
UPDATE data_request SET state = %(state)s, ended_at = %(at)s, answered_at = coalesce(answered_at, %(at)s),
    handled_by = %(by)s, reason = %(reason)s, erased = %(erased)s, held = %(held)s, kept = %(kept)s
WHERE tenant = %(tenant)s AND id = %(id)s AND ended_at IS NULL RETURNING *;

-- name: number_of_breach
SELECT nextval(pg_get_serial_sequence('breach', 'id')) AS id;

-- name: open_breach
INSERT INTO breach (tenant, id, from_at, to_at, discovered_at, counts_from, words, due_at, registered_at,
    registered_by)
OVERRIDING SYSTEM VALUE
VALUES (%(tenant)s, %(id)s, %(from_at)s, %(to_at)s, %(discovered_at)s, %(counts_from)s, %(words)s, %(due_at)s,
    %(now)s, %(by)s)
RETURNING *;

-- name: breaches
SELECT * FROM breach WHERE tenant = %(tenant)s AND (%(everything)s OR closed_at IS NULL) ORDER BY due_at, id;

-- name: find_breach
SELECT * FROM breach WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: notify_breach
UPDATE breach SET notified_at = %(now)s, handled_by = %(by)s, late_reason = %(late_reason)s
WHERE tenant = %(tenant)s AND id = %(id)s AND notified_at IS NULL AND closed_at IS NULL RETURNING *;

-- name: close_breach
UPDATE breach SET closed_at = %(now)s, handled_by = %(by)s, measures = %(measures)s
WHERE tenant = %(tenant)s AND id = %(id)s AND closed_at IS NULL RETURNING *;

-- name: subjects_of
SELECT index, digest FROM audit_subject WHERE tenant = %(tenant)s AND index = ANY (%(indexes)s::bigint[])
ORDER BY index, digest;

-- name: subjects_since
SELECT min(recorded_at) AS since FROM audit_subject WHERE tenant = %(tenant)s;
