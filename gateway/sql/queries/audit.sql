-- name: begin
INSERT INTO audit_head (tenant, size, peaks, last_hash, signed_size) VALUES (%(tenant)s, 0, '', '', 0)
ON CONFLICT (tenant) DO NOTHING;

-- name: lock
SELECT * FROM audit_head WHERE tenant = %(tenant)s FOR UPDATE;

-- name: head
SELECT * FROM audit_head WHERE tenant = %(tenant)s;

-- name: extend
-- One statement for the head and every table: a round trip costs its caller more than the rows do. Nothing is added unless
-- the head is where the batch was made to follow it. Columns are unnested where they are selected, in step with each
-- other: as a table in FROM they would be written down once more before they are read.
WITH moved AS (
    UPDATE audit_head SET size = %(size)s, peaks = %(peaks)s, last_hash = %(last_hash)s, signed_size = %(signed_size)s,
        signed_at = %(signed_at)s
    WHERE tenant = %(tenant)s AND size = %(old_size)s AND peaks = %(old_peaks)s AND last_hash = %(old_last_hash)s
        AND signed_size = %(old_signed_size)s
    RETURNING tenant
), leaves AS (
    INSERT INTO audit_leaf (tenant, recorded_at, index, leaf, leaf_hash, reference, trace_id)
    SELECT tenant, %(recorded_at)s, unnest(%(leaf_index)s), unnest(%(leaf)s), unnest(%(leaf_hash)s),
        unnest(%(reference)s), unnest(%(trace_id)s) FROM moved
), bodies AS (
    INSERT INTO audit_body (tenant, recorded_at, index, name, sealed)
    SELECT tenant, %(recorded_at)s, unnest(%(body_index)s), unnest(%(name)s), unnest(%(sealed)s) FROM moved
), keys AS (
    INSERT INTO audit_body_key (tenant, recorded_at, index, kind, operation, kek_id, wrapped)
    SELECT tenant, %(recorded_at)s, unnest(%(key_index)s), unnest(%(kind)s), unnest(%(operation)s), unnest(%(kek_id)s),
        unnest(%(wrapped)s) FROM moved
), subjects AS (
    INSERT INTO audit_subject (tenant, recorded_at, index, digest)
    SELECT tenant, %(recorded_at)s, unnest(%(subject_index)s), unnest(%(digest)s) FROM moved
)
SELECT FROM moved;

-- name: checkpoint
INSERT INTO audit_checkpoint (tenant, size, signed_at, note) VALUES (%(tenant)s, %(size)s, %(signed_at)s, %(note)s);

-- name: rows
-- Two rows of one index are both read, and a time that Python cannot hold still is one: the verifier names them.
SELECT index, LEAST(GREATEST(recorded_at, '0002-01-01'), '9999-12-30') AS recorded_at, leaf, leaf_hash, reference,
    trace_id, recorded_at::text AS place
FROM audit_leaf
WHERE tenant = %(tenant)s AND (index, audit_leaf.recorded_at) > (%(index)s, %(place)s::timestamptz)
ORDER BY index, audit_leaf.recorded_at LIMIT %(limit)s;

-- name: bodies
SELECT b.index, b.name, b.recorded_at, b.sealed, COALESCE(k.wrapped, '') AS wrapped FROM audit_body b
LEFT JOIN audit_body_key k ON (k.tenant, k.index) = (b.tenant, b.index)
WHERE b.tenant = %(tenant)s AND b.index BETWEEN %(first)s AND %(last)s ORDER BY b.index, b.name;

-- name: checkpoints
SELECT size, signed_at, note FROM audit_checkpoint WHERE tenant = %(tenant)s ORDER BY size;

-- name: unsigned
SELECT tenant FROM audit_head WHERE size > signed_size ORDER BY tenant;

-- name: find
SELECT index, recorded_at, leaf, leaf_hash, reference, trace_id FROM audit_leaf
WHERE tenant = %(tenant)s
  AND (%(reference)s = '' OR reference = %(reference)s)
  AND (%(trace_id)s = '' OR trace_id = %(trace_id)s)
  AND (%(before)s::bigint IS NULL OR index < %(before)s)
  AND (%(since)s::timestamptz IS NULL OR recorded_at >= %(since)s)
  AND (%(until)s::timestamptz IS NULL OR recorded_at < %(until)s)
ORDER BY index DESC LIMIT %(limit)s;

-- name: of_subject
SELECT l.index, l.recorded_at, l.leaf, l.leaf_hash, l.reference, l.trace_id FROM audit_subject s
JOIN audit_leaf l ON (l.tenant, l.index, l.recorded_at) = (s.tenant, s.index, s.recorded_at)
WHERE s.tenant = %(tenant)s AND s.digest = %(digest)s AND (%(before)s::bigint IS NULL OR s.index < %(before)s)
ORDER BY s.index DESC LIMIT %(limit)s;

-- name: erase
WITH keys AS (DELETE FROM audit_body_key WHERE tenant = %(tenant)s AND index = %(index)s),
bodies AS (DELETE FROM audit_body WHERE tenant = %(tenant)s AND index = %(index)s RETURNING 1)
SELECT count(*) AS erased FROM bodies;
