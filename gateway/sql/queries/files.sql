-- name: begin
-- It waits for no disk, nor do the parts after it: the commit that makes them a file's flushes all that went before. What
-- a crash of the server takes of them is missed by `arrived`. `at` NULL: now.
WITH at_once AS (SELECT set_config('synchronous_commit', 'off', true))
INSERT INTO file_coming (tenant, taking, file_id, began_at)
SELECT %(tenant)s, %(taking)s, %(file_id)s, COALESCE(%(at)s::timestamptz, now()) FROM at_once;

-- name: part
-- Whoever takes the note away waits for a part that is just coming, and takes it, too.
WITH at_once AS (SELECT set_config('synchronous_commit', 'off', true)), note AS (
    SELECT 1 FROM file_coming WHERE tenant = %(tenant)s AND taking = %(taking)s FOR KEY SHARE
)
INSERT INTO file_part (tenant, file_id, taking, number, content)
SELECT %(tenant)s, %(file_id)s, %(taking)s, %(number)s, %(content)b FROM at_once, note;

-- name: last
INSERT INTO file_part (tenant, file_id, taking, number, content)
VALUES (%(tenant)s, %(file_id)s, %(taking)s, %(number)s, %(content)b);

-- name: arrived
-- Only of what is all there: parts are not waited for, and a server that crashed meanwhile may have lost some.
DELETE FROM file_coming WHERE tenant = %(tenant)s AND taking = %(taking)s AND (
    SELECT count(*) = %(count)s AND max(number) = %(count)s - 1 FROM file_part
    WHERE tenant = %(tenant)s AND file_id = %(file_id)s AND taking = %(taking)s
);

-- name: keep
INSERT INTO file (tenant, file_id, name, media_type, size, sha256, stored_at, taking, key, seal)
VALUES (
    %(tenant)s, %(file_id)s, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(stored_at)s, %(taking)s, %(key)s, %(seal)s
)
ON CONFLICT (tenant, file_id) DO NOTHING;

-- name: stands
-- Before `replace`, so that it sees what another handing over of the same file left that was waited for here.
SELECT 1 FROM file WHERE tenant = %(tenant)s AND file_id = %(file_id)s FOR UPDATE;

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
-- The note decides: what became a file has none any more, whoever did not hear of it. It is waited for while that is open.
DELETE FROM file_coming WHERE tenant = %(tenant)s AND taking = %(taking)s RETURNING file_id, taking;

-- name: sweep
DELETE FROM file_coming WHERE tenant = %(tenant)s AND began_at < %(before)s RETURNING file_id, taking;

-- name: gone
-- After the notes, in their transaction: by itself it sees every part that came before they went.
DELETE FROM file_part p USING unnest(%(file_ids)s::text[], %(takings)s::uuid[]) AS gone (file_id, taking)
WHERE p.tenant = %(tenant)s AND p.file_id = gone.file_id AND p.taking = gone.taking;

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

-- name: elsewhere
-- A key and a name say at bytes 5 to 12 which KEK they are under (`LTK1`, `LTS1`); so does a file that is not in parts.
SELECT count(*) AS files FROM file
WHERE tenant = %(tenant)s AND (
    substring(name FROM 5 FOR 8) <> %(kek_id)s OR substring(COALESCE(key, content) FROM 5 FOR 8) <> %(kek_id)s
);

-- name: under_others
SELECT file_id, name, key FROM file
WHERE tenant = %(tenant)s AND file_id > %(after)s AND (
    substring(name FROM 5 FOR 8) <> %(kek_id)s OR substring(COALESCE(key, content) FROM 5 FOR 8) <> %(kek_id)s
)
ORDER BY file_id LIMIT %(limit)s;

-- name: rewrapped
-- Unless it was restored meanwhile: then its key is another one.
UPDATE file SET name = %(name)s, key = %(key)s
WHERE tenant = %(tenant)s AND file_id = %(file_id)s AND key = %(was)s;
