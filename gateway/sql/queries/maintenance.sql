-- name: add
INSERT INTO maintenance (tenant, subject, begins, ends, text, text_en, force_majeure, pauses, rate, announced_at,
    announced_by)
VALUES (%(tenant)s, %(subject)s, %(begins)s, %(ends)s, %(text)s, %(text_en)s, %(force_majeure)s, %(pauses)s, %(rate)s,
    %(at)s, %(by)s)
RETURNING *;

-- name: find
SELECT * FROM maintenance WHERE tenant = %(tenant)s AND id = %(id)s;

-- name: listed
SELECT * FROM maintenance WHERE tenant = %(tenant)s AND (%(before)s::bigint IS NULL OR id < %(before)s)
ORDER BY id DESC LIMIT %(limit)s;

-- name: current
SELECT * FROM maintenance
WHERE tenant = %(tenant)s AND cancelled_at IS NULL AND begins <= %(at)s AND COALESCE(ended_at, ends) > %(at)s
ORDER BY begins, id;

-- name: coming
SELECT * FROM maintenance WHERE tenant = %(tenant)s AND cancelled_at IS NULL AND begins > %(at)s
ORDER BY begins, id LIMIT %(limit)s;

-- name: past
SELECT * FROM maintenance WHERE tenant = %(tenant)s AND cancelled_at IS NULL AND COALESCE(ended_at, ends) <= %(at)s
ORDER BY begins DESC, id DESC LIMIT %(limit)s;

-- name: cancel
UPDATE maintenance SET cancelled_at = %(at)s
WHERE tenant = %(tenant)s AND id = %(id)s AND cancelled_at IS NULL AND begins > %(at)s RETURNING *;

-- name: end
UPDATE maintenance SET ended_at = %(at)s
WHERE tenant = %(tenant)s AND id = %(id)s AND cancelled_at IS NULL AND begins <= %(at)s
  AND COALESCE(ended_at, ends) > %(at)s RETURNING *;

-- name: extend
UPDATE maintenance SET ends = %(ends)s
WHERE tenant = %(tenant)s AND id = %(id)s AND cancelled_at IS NULL AND ended_at IS NULL AND ends > %(at)s
  AND ends < %(ends)s RETURNING *;

-- name: pausing
SELECT * FROM maintenance
WHERE tenant = %(tenant)s AND pauses AND paused_at IS NULL AND cancelled_at IS NULL AND begins <= %(at)s
  AND COALESCE(ended_at, ends) > %(at)s
ORDER BY begins, id;

-- name: holding
SELECT * FROM maintenance WHERE tenant = %(tenant)s AND paused_at IS NOT NULL AND resumed_at IS NULL ORDER BY begins, id;

-- name: paused
UPDATE maintenance SET paused_at = %(at)s WHERE tenant = %(tenant)s AND id = %(id)s AND paused_at IS NULL RETURNING id;

-- name: resumed
UPDATE maintenance SET resumed_at = %(at)s
WHERE tenant = %(tenant)s AND id = %(id)s AND paused_at IS NOT NULL AND resumed_at IS NULL RETURNING id;
