-- name: begin
INSERT INTO audit_head (tenant, size, peaks, last_hash, signed_size) VALUES (%(tenant)s, 0, '', '', 0)
ON CONFLICT (tenant) DO NOTHING;

-- name: lock
SELECT * FROM audit_head WHERE tenant = %(tenant)s FOR UPDATE;

-- name: head
SELECT * FROM audit_head WHERE tenant = %(tenant)s;

-- name: move
UPDATE audit_head SET size = %(size)s, peaks = %(peaks)s, last_hash = %(last_hash)s, signed_size = %(signed_size)s,
    signed_at = %(signed_at)s
WHERE tenant = %(tenant)s;

-- name: leaf
INSERT INTO audit_leaf (tenant, index, recorded_at, leaf, leaf_hash, reference, trace_id)
SELECT %(tenant)s, n.* FROM unnest(%(index)s::bigint[], %(recorded_at)s::timestamptz[], %(leaf)s::bytea[],
    %(leaf_hash)s::bytea[], %(reference)s::text[], %(trace_id)s::text[]) AS n;

-- name: body
INSERT INTO audit_body (tenant, index, name, recorded_at, sealed)
SELECT %(tenant)s, n.* FROM unnest(%(index)s::bigint[], %(name)s::text[], %(recorded_at)s::timestamptz[],
    %(sealed)s::bytea[]) AS n;

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
SELECT index, name, recorded_at, sealed FROM audit_body
WHERE tenant = %(tenant)s AND index BETWEEN %(first)s AND %(last)s ORDER BY index, name;

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

-- name: erase
DELETE FROM audit_body WHERE tenant = %(tenant)s AND index = %(index)s;
