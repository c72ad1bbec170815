-- name: add
INSERT INTO file (tenant, file_id, name, media_type, size, sha256, content, stored_at)
VALUES (%(tenant)s, %(file_id)s, %(name)s, %(media_type)s, %(size)s, %(sha256)s, %(content)s, %(stored_at)s)
ON CONFLICT (tenant, file_id) DO NOTHING;

-- name: restore
UPDATE file SET content = %(content)s, size = %(size)s WHERE tenant = %(tenant)s AND file_id = %(file_id)s;

-- name: find
SELECT tenant, file_id, name, media_type, size, sha256, stored_at FROM file
WHERE tenant = %(tenant)s AND file_id = %(file_id)s;

-- name: content
SELECT content FROM file WHERE tenant = %(tenant)s AND file_id = %(file_id)s;

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
