-- name: lock
SELECT * FROM dossier WHERE tenant = %(tenant)s AND code = %(code)s FOR UPDATE;

-- name: guard
-- A dossier that does not exist yet has no row to lock: its code is locked instead, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || '/' || %(code)s, 0));

-- name: find
SELECT * FROM dossier WHERE tenant = %(tenant)s AND code = %(code)s;

-- name: save
INSERT INTO dossier (tenant, code, version, status, document, last_event_at, created_at, updated_at)
VALUES (%(tenant)s, %(code)s, %(version)s, %(status)s, %(document)s, %(last_event_at)s, %(now)s, %(now)s)
ON CONFLICT (tenant, code) DO UPDATE SET
    version = excluded.version, status = excluded.status, document = excluded.document,
    last_event_at = excluded.last_event_at, updated_at = excluded.updated_at;

-- name: append
INSERT INTO dossier_event (tenant, code, version, recorded_at, event_id, status, occurred_at, document)
VALUES (%(tenant)s, %(code)s, %(version)s, %(now)s, %(event_id)s, %(status)s, %(occurred_at)s, %(document)s);

-- name: event
SELECT * FROM dossier_event WHERE tenant = %(tenant)s AND code = %(code)s AND event_id = %(event_id)s LIMIT 1;
