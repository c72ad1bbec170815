-- name: present
SELECT DISTINCT kind, operation FROM audit_body_key
WHERE tenant = %(tenant)s AND recorded_at < %(before)s ORDER BY kind, operation;

-- name: erase
WITH due AS MATERIALIZED (
    SELECT index, recorded_at FROM audit_body_key
    WHERE tenant = %(tenant)s AND kind = %(kind)s AND operation = %(operation)s AND recorded_at < %(before)s
      AND NOT audit_is_held(tenant, index, recorded_at)
    ORDER BY index LIMIT %(limit)s
), keys AS (
    DELETE FROM audit_body_key k USING due
    WHERE k.tenant = %(tenant)s AND (k.index, k.recorded_at) = (due.index, due.recorded_at) RETURNING k.index
), bodies AS (
    DELETE FROM audit_body b USING due
    WHERE b.tenant = %(tenant)s AND (b.index, b.recorded_at) = (due.index, due.recorded_at) RETURNING 1
)
SELECT count(*) AS rows, (SELECT count(*) FROM bodies) AS bodies, min(index) AS first, max(index) AS last FROM keys;

-- name: erase_reference
WITH due AS MATERIALIZED (
    SELECT index, recorded_at FROM audit_leaf
    WHERE tenant = %(tenant)s AND reference = %(reference)s AND reference <> ''
      AND NOT audit_is_held(tenant, index, recorded_at)
), keys AS (
    DELETE FROM audit_body_key k USING due
    WHERE k.tenant = %(tenant)s AND (k.index, k.recorded_at) = (due.index, due.recorded_at) RETURNING k.index
), bodies AS (
    DELETE FROM audit_body b USING due
    WHERE b.tenant = %(tenant)s AND (b.index, b.recorded_at) = (due.index, due.recorded_at) RETURNING 1
)
SELECT count(*) AS rows, (SELECT count(*) FROM bodies) AS bodies, min(index) AS first, max(index) AS last FROM keys;

-- name: erase_subjects
WITH due AS MATERIALIZED (
    SELECT digest, index, recorded_at FROM audit_subject
    WHERE tenant = %(tenant)s AND recorded_at < %(before)s AND NOT audit_is_held(tenant, index, recorded_at)
    LIMIT %(limit)s
), gone AS (
    DELETE FROM audit_subject s USING due
    WHERE s.tenant = %(tenant)s AND (s.digest, s.index, s.recorded_at) = (due.digest, due.index, due.recorded_at)
    RETURNING s.index
)
SELECT count(*) AS rows, 0 AS bodies, min(index) AS first, max(index) AS last FROM gone;

-- name: still
-- Waits for every deletion that is under way, and keeps others waiting until the hold stands: each finds it, or is over.
LOCK TABLE audit_body_key, audit_subject IN SHARE MODE;

-- name: place
INSERT INTO audit_hold (tenant, reference, first, last, subject, reason, placed_by, placed_at)
VALUES (%(tenant)s, %(reference)s, %(first)s, %(last)s, %(subject)s, %(reason)s, %(by)s, %(at)s) RETURNING *;

-- name: lift
UPDATE audit_hold SET lifted_by = %(by)s, lifted_at = %(now)s
WHERE tenant = %(tenant)s AND id = %(id)s AND lifted_at IS NULL RETURNING *;

-- name: holds
SELECT * FROM audit_hold WHERE tenant = %(tenant)s AND (%(everything)s OR lifted_at IS NULL) ORDER BY id;

-- name: elsewhere
SELECT count(*) AS keys FROM audit_body_key WHERE tenant = %(tenant)s AND kek_id <> %(kek_id)s AND wrapped <> '';

-- name: under_others
SELECT index, wrapped AS was FROM audit_body_key
WHERE tenant = %(tenant)s AND kek_id <> %(kek_id)s AND wrapped <> '' AND index > %(after)s
ORDER BY index LIMIT %(limit)s;

-- name: put
UPDATE audit_body_key k SET kek_id = %(kek_id)s, wrapped = n.wrapped
FROM unnest(%(index)s::bigint[], %(was)s::bytea[], %(wrapped)s::bytea[]) AS n (index, was, wrapped)
WHERE k.tenant = %(tenant)s AND k.index = n.index AND k.wrapped = n.was RETURNING k.index;
