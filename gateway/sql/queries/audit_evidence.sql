-- name: tiles
-- In one question: what is stored, or else what it would be made of. The limit changes no answer: without it the server
-- expects a part of the whole log, and compiles the question (JIT) for longer than it takes.
SELECT n.level, n.index, COALESCE(
    (SELECT hashes FROM audit_tile t WHERE t.tenant = %(tenant)s AND t.level = n.level AND t.index = n.index),
    CASE WHEN n.level = 0 THEN
        (SELECT string_agg(f.leaf_hash, ''::bytea ORDER BY f.index) FROM
            (SELECT l.index, l.leaf_hash FROM audit_leaf l
             WHERE l.tenant = %(tenant)s AND l.index >= n.index * 256 AND l.index < n.index * 256 + n.width
             ORDER BY l.index LIMIT 257) f)
    ELSE
        (SELECT string_agg(f.root, ''::bytea ORDER BY f.index) FROM
            (SELECT t.index, t.root FROM audit_tile t
             WHERE t.tenant = %(tenant)s AND t.level = n.level - 1
               AND t.index >= n.index * 256 AND t.index < n.index * 256 + n.width
             ORDER BY t.index LIMIT 257) f)
    END, ''::bytea) AS hashes
FROM unnest(%(level)s::smallint[], %(index)s::bigint[], %(width)s::int[]) AS n (level, index, width);

-- name: leaf_hashes
SELECT string_agg(f.leaf_hash, ''::bytea ORDER BY f.index) AS hashes FROM
    (SELECT index, leaf_hash FROM audit_leaf WHERE tenant = %(tenant)s AND index >= %(first)s AND index < %(last)s
     ORDER BY index LIMIT 257) f;

-- name: roots
SELECT string_agg(root, ''::bytea ORDER BY index) AS hashes FROM audit_tile
WHERE tenant = %(tenant)s AND level = %(level)s AND index >= %(first)s AND index < %(last)s;

-- name: tiled
SELECT tiled FROM audit_head WHERE tenant = %(tenant)s;

-- name: add_tile
INSERT INTO audit_tile (tenant, level, index, hashes, root)
VALUES (%(tenant)s, %(level)s, %(index)s, %(hashes)s, %(root)s) ON CONFLICT DO NOTHING;

-- name: tile_up_to
UPDATE audit_head SET tiled = %(tiled)s WHERE tenant = %(tenant)s AND tiled < %(tiled)s;

-- name: span
-- A time that Python cannot hold is read, too: whoever reads in order must not stop at it.
SELECT index, LEAST(GREATEST(audit_leaf.recorded_at, '0002-01-01'), '9999-12-30') AS recorded_at, leaf, leaf_hash, reference, trace_id FROM audit_leaf
WHERE tenant = %(tenant)s AND index BETWEEN %(first)s AND %(last)s ORDER BY index, audit_leaf.recorded_at LIMIT %(limit)s;

-- name: newest_checkpoint
SELECT size, signed_at, note FROM audit_checkpoint WHERE tenant = %(tenant)s ORDER BY size DESC LIMIT 1;

-- name: checkpoint_over
SELECT size, signed_at, note FROM audit_checkpoint WHERE tenant = %(tenant)s AND size >= %(least)s
ORDER BY size LIMIT 1;

-- name: add_cosignature
INSERT INTO audit_cosignature (tenant, size, witness, at, line)
VALUES (%(tenant)s, %(size)s, %(witness)s, %(at)s, %(line)s) ON CONFLICT DO NOTHING;

-- name: cosignatures
SELECT size, witness, at, line FROM audit_cosignature WHERE tenant = %(tenant)s AND size = %(size)s ORDER BY witness;

-- name: cosigned
SELECT size, witness, at, line FROM audit_cosignature WHERE tenant = %(tenant)s AND witness = %(witness)s
ORDER BY size DESC LIMIT 1;

-- name: add_stamp
INSERT INTO audit_stamp (tenant, size, at, token) VALUES (%(tenant)s, %(size)s, %(at)s, %(token)s)
ON CONFLICT DO NOTHING;

-- name: stamp_over
SELECT size, at, token FROM audit_stamp WHERE tenant = %(tenant)s AND size >= %(least)s ORDER BY size LIMIT 1;

-- name: newest_stamp
SELECT size, at, token FROM audit_stamp WHERE tenant = %(tenant)s ORDER BY size DESC LIMIT 1;
