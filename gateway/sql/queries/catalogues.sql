-- name: guard
SELECT pg_advisory_xact_lock(hashtext('catalogue'), hashtext(%(tenant)s || '/' || %(catalogue)s));

-- name: current
SELECT code, name FROM catalogue_entry WHERE tenant = %(tenant)s AND catalogue = %(catalogue)s AND valid_to IS NULL;

-- name: entries
SELECT code, name FROM catalogue_entry
WHERE tenant = %(tenant)s AND catalogue = %(catalogue)s AND valid_from <= %(day)s AND (valid_to IS NULL OR valid_to >= %(day)s);

-- name: end
UPDATE catalogue_entry SET valid_to = %(last)s
WHERE tenant = %(tenant)s AND catalogue = %(catalogue)s AND code = ANY(%(codes)s) AND valid_to IS NULL;

-- name: begin
INSERT INTO catalogue_entry (tenant, catalogue, code, name, valid_from)
SELECT %(tenant)s, %(catalogue)s, code, name, %(day)s FROM unnest(%(codes)s::text[], %(names)s::text[]) AS n (code, name)
ON CONFLICT (tenant, catalogue, code, valid_from) DO UPDATE SET name = excluded.name, valid_to = NULL;

-- name: report
INSERT INTO catalogue_sync (tenant, catalogue, at, applied, added, changed, vanished, version)
SELECT %(tenant)s, %(catalogue)s, %(at)s, %(applied)s, %(added)s, %(changed)s, %(vanished)s,
    COALESCE(max(version), 0) + %(step)s
FROM catalogue_sync WHERE tenant = %(tenant)s AND catalogue = %(catalogue)s
RETURNING version;

-- name: reports
SELECT catalogue, at, applied, added, changed, vanished, version FROM catalogue_sync
WHERE tenant = %(tenant)s AND (added <> '{}' OR changed <> '{}' OR vanished <> '{}') ORDER BY at DESC, catalogue LIMIT %(limit)s;

-- name: views
SELECT s.catalogue, max(s.version) AS version, max(s.at) AS looked_at,
    max(s.at) FILTER (WHERE s.applied AND (s.added <> '{}' OR s.changed <> '{}' OR s.vanished <> '{}')) AS changed_at,
    (SELECT count(*) FROM catalogue_entry e
        WHERE e.tenant = %(tenant)s AND e.catalogue = s.catalogue AND e.valid_to IS NULL) AS codes
FROM catalogue_sync s WHERE s.tenant = %(tenant)s GROUP BY s.catalogue ORDER BY s.catalogue;

-- name: version
SELECT COALESCE(max(version), 0) AS version FROM catalogue_sync
WHERE tenant = %(tenant)s AND catalogue = %(catalogue)s AND (at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date <= %(day)s;

-- name: examine
-- A catalogue that was never taken over has nothing to say. There is always one row, for `waits`.
SELECT w.waits, u.catalogue, u.code
FROM (
    SELECT EXISTS (
        SELECT FROM quarantine WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s) AS waits
) w
LEFT JOIN (
    SELECT a.catalogue, a.code FROM unnest(%(catalogues)s::text[], %(codes)s::text[]) AS a (catalogue, code)
    WHERE EXISTS (SELECT FROM catalogue_entry e WHERE e.tenant = %(tenant)s AND e.catalogue = a.catalogue)
        AND NOT EXISTS (
            SELECT FROM catalogue_entry e
            WHERE e.tenant = %(tenant)s AND e.catalogue = a.catalogue AND e.code = a.code AND e.valid_from <= %(until)s
                AND (e.valid_to IS NULL OR e.valid_to >= %(since)s))
) u ON true;

-- name: quarantine
INSERT INTO quarantine (tenant, target, key, catalogue, code, since)
SELECT %(tenant)s, %(target)s, %(key)s, catalogue, code, %(now)s
FROM unnest(%(catalogues)s::text[], %(codes)s::text[]) AS n (catalogue, code) ON CONFLICT DO NOTHING;

-- name: leave
DELETE FROM quarantine WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s;

-- name: freed
-- Dossiers all of whose codes are known by now.
DELETE FROM quarantine q WHERE q.tenant = %(tenant)s AND NOT EXISTS (
    SELECT FROM quarantine o WHERE o.tenant = q.tenant AND o.target = q.target AND o.key = q.key AND NOT EXISTS (
        SELECT FROM catalogue_entry e
        WHERE e.tenant = o.tenant AND e.catalogue = o.catalogue AND e.code = o.code AND e.valid_to IS NULL))
RETURNING q.target, q.key;

-- name: waiting
SELECT target, key, catalogue, code, since FROM quarantine
WHERE tenant = %(tenant)s ORDER BY since, target, key, catalogue, code LIMIT %(limit)s;
