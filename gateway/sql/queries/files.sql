-- name: begin
-- It waits for no disk, nor do the parts after it: the commit that makes them a file's flushes all that went before.
WITH at_once AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO file_coming (tenant, taking, file_id, began_at)
SELECT %(tenant)s, %(taking)s, %(file_id)s, %(at)s FROM at_once;

-- name: part
WITH at_once AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO file_part (tenant, file_id, taking, number, content)
SELECT %(tenant)s, %(file_id)s, %(taking)s, %(number)s, %(content)b FROM at_once
WHERE EXISTS (SELECT FROM file_coming WHERE tenant = %(tenant)s AND taking = %(taking)s);

-- name: last
INSERT INTO file_part (tenant, file_id, taking, number, content)
VALUES (%(tenant)s, %(file_id)s, %(taking)s, %(number)s, %(content)b);

-- name: arrived
DELETE FROM file_coming WHERE tenant = %(tenant)s AND taking = %(taking)s;

-- name: keep
INSERT INTO file (tenant, file_id, name, media_type, size, sha256, stored_at, taking, key, seal)
VALUES (
    %(tenant)s, %(file_id)s, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(stored_at)s, %(taking)s, %(key)s, %(seal)s
)
ON CONFLICT (tenant, file_id) DO NOTHING;

-- name: replace
-- The parts that go are those of an earlier handing over; `was_whole`: only the bytes of a file that has none.
WITH stands AS (
    UPDATE file SET content = NULL, size = %(size)s, taking = %(taking)s, key = %(key)s, seal = %(seal)s
    WHERE tenant = %(tenant)s AND file_id = %(file_id)s AND (content IS NOT NULL OR NOT %(was_whole)s)
    RETURNING 1
), gone AS (
    DELETE FROM file_part p USING stands
    WHERE p.tenant = %(tenant)s AND p.file_id = %(file_id)s AND p.taking <> %(taking)s
        AND NOT EXISTS (SELECT FROM file_coming c WHERE c.tenant = p.tenant AND c.taking = p.taking)
)
SELECT 1 FROM stands;

-- name: drop
WITH gone AS (DELETE FROM file_coming WHERE tenant = %(tenant)s AND taking = %(taking)s)
DELETE FROM file_part WHERE tenant = %(tenant)s AND file_id = %(file_id)s AND taking = %(taking)s;

-- name: sweep
WITH gone AS (
    DELETE FROM file_coming WHERE tenant = %(tenant)s AND began_at < %(before)s RETURNING tenant, file_id, taking
), parts AS (
    DELETE FROM file_part p USING gone
    WHERE p.tenant = gone.tenant AND p.file_id = gone.file_id AND p.taking = gone.taking
)
SELECT count(*) AS files FROM gone;

-- name: find
SELECT tenant, file_id, name, media_type, size, sha256, stored_at FROM file
WHERE tenant = %(tenant)s AND file_id = %(file_id)s;

-- name: opening
SELECT sha256, size, content IS NOT NULL AS is_whole, taking, key, seal FROM file
WHERE tenant = %(tenant)s AND file_id = %(file_id)s;

-- name: content
SELECT content FROM file WHERE tenant = %(tenant)s AND file_id = %(file_id)s;

-- name: read
SELECT content FROM file_part
WHERE tenant = %(tenant)s AND file_id = %(file_id)s AND taking = %(taking)s AND number = %(number)s;

-- name: known
SELECT file_id FROM file WHERE tenant = %(tenant)s AND file_id = ANY(%(file_ids)s);

-- name: assign
INSERT INTO file_assigned (tenant, target, key, file_id)
SELECT %(tenant)s, %(target)s, %(key)s, file_id FROM unnest(%(file_ids)s::text[]) AS n (file_id)
ON CONFLICT DO NOTHING RETURNING file_id;

-- name: unchecked
SELECT file_id FROM file
WHERE tenant = %(tenant)s AND COALESCE(checked_at, stored_at) < %(before)s
ORDER BY COALESCE(checked_at, stored_at), file_id LIMIT %(limit)s;

-- name: checked
UPDATE file SET checked_at = %(at)s WHERE tenant = %(tenant)s AND file_id = %(file_id)s RETURNING file_id;
