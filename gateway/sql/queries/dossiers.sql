-- name: lock
SELECT * FROM dossier WHERE tenant = %(tenant)s AND code = %(code)s FOR UPDATE;

-- name: guard
-- A dossier that does not exist yet has no row to lock: its code is locked instead, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || '/' || %(code)s, 0));

-- name: find
SELECT * FROM dossier WHERE tenant = %(tenant)s AND code = %(code)s;

-- name: save
-- The rule pack and the target stay those of the first version.
INSERT INTO dossier (tenant, code, version, status, document, target, pack, received_on, due_at, apologised_at, reschedules, last_event_at,
    created_at, updated_at)
VALUES (%(tenant)s, %(code)s, %(version)s, %(status)s, %(document)s, %(target)s, %(pack)s, %(received_on)s, %(due_at)s,
        %(apologised_at)s, %(reschedules)s, %(last_event_at)s, %(now)s, %(now)s)
ON CONFLICT (tenant, code) DO UPDATE SET
    version = excluded.version, status = excluded.status, document = excluded.document, received_on = excluded.received_on,
    due_at = excluded.due_at, apologised_at = excluded.apologised_at, reschedules = excluded.reschedules,
    last_event_at = excluded.last_event_at, updated_at = excluded.updated_at;

-- name: due
SELECT code, status, due_at, apologised_at IS NOT NULL AS apologised, pack FROM dossier
WHERE tenant = %(tenant)s AND due_at < %(before)s AND status NOT IN (3, 9, 10) ORDER BY due_at LIMIT %(limit)s;

-- name: append
INSERT INTO dossier_event (tenant, code, version, recorded_at, event_id, status, previous, late, occurred_at, document)
VALUES (%(tenant)s, %(code)s, %(version)s, %(now)s, %(event_id)s, %(status)s, %(previous)s, %(late)s, %(occurred_at)s,
        %(document)s);

-- name: event
SELECT * FROM dossier_event WHERE tenant = %(tenant)s AND code = %(code)s AND event_id = %(event_id)s LIMIT 1;

-- name: events
SELECT * FROM dossier_event WHERE tenant = %(tenant)s AND code = %(code)s ORDER BY version;

-- name: park
INSERT INTO parked_event (tenant, code, event_id, status, occurred_at, document, why_code, why, why_vi, parked_at)
VALUES (%(tenant)s, %(code)s, %(event_id)s, %(status)s, %(occurred_at)s, %(document)s, %(why_code)s, %(why)s, %(why_vi)s,
        %(parked_at)s)
ON CONFLICT (tenant, code, event_id) DO UPDATE SET
    why_code = excluded.why_code, why = excluded.why, why_vi = excluded.why_vi;

-- name: parked
SELECT * FROM parked_event
WHERE tenant = %(tenant)s AND settled_at IS NULL AND (%(code)s = '' OR code = %(code)s)
ORDER BY parked_at, code, event_id LIMIT %(limit)s;

-- name: parked_event
SELECT * FROM parked_event WHERE tenant = %(tenant)s AND code = %(code)s AND event_id = %(event_id)s;

-- name: settle
UPDATE parked_event SET settled_at = %(now)s, settled_as = %(settled_as)s
WHERE tenant = %(tenant)s AND code = %(code)s AND event_id = %(event_id)s AND settled_at IS NULL;
