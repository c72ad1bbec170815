-- name: lock
-- In the order of their codes, so that nobody waits in a circle. One row is looked up for each. How many codes there are is
-- hidden from the planner (`SELECT` around them), here and below: one plan fits any number, and where it sees a few it makes a new one each time.
SELECT d.* FROM (SELECT code FROM unnest((SELECT %(codes)s::text[])) AS n (code) ORDER BY code) n
CROSS JOIN LATERAL (
    SELECT tenant, code, version, status, document, target, pack, reschedules, last_event_at, updated_at FROM dossier d
    WHERE d.tenant = %(tenant)s AND d.code = n.code FOR UPDATE
) d;

-- name: guard
-- A dossier that does not exist yet has no row to lock: its code is locked instead, until the transaction ends.
SELECT pg_advisory_xact_lock(hashtextextended(%(tenant)s || '/' || %(code)s, 0));

-- name: find
SELECT * FROM dossier WHERE tenant = %(tenant)s AND code = %(code)s;

-- name: save
-- The rule pack and the target stay those of the first version. `updated_at` never goes back, whichever process's clock is
-- behind: its steps are looked for until then (`known`).
INSERT INTO dossier (tenant, code, version, status, document, target, pack, received_on, due_at, apologised_at, reschedules, last_event_at,
    created_at, updated_at, facts, agency, procedure, channel, mirrored, received_at, finished_at, fee, online_payment, components,
    digitised, reused, from_store, results, contacts)
SELECT n.tenant, n.code, n.version, n.status, n.document, n.target, n.pack, n.received_on, n.due_at, n.apologised_at, n.reschedules,
    n.last_event_at, n.now, n.now, n.facts, n.agency, n.procedure, n.channel, n.mirrored, n.received_at, n.finished_at, n.fee,
    n.online_payment, n.components, n.digitised, n.reused, n.from_store, n.results, n.contacts
FROM unnest(%(tenant)s::text[], %(code)s::text[], %(version)s::bigint[], %(status)s::smallint[], %(document)s::bytea[],
    %(target)s::text[], %(pack)s::text[], %(received_on)s::date[], %(due_at)s::timestamptz[], %(apologised_at)s::timestamptz[],
    %(reschedules)s::int[], %(last_event_at)s::timestamptz[], %(now)s::timestamptz[], %(facts)s::smallint[], %(agency)s::text[],
    %(procedure)s::text[], %(channel)s::text[], %(mirrored)s::boolean[], %(received_at)s::timestamptz[],
    %(finished_at)s::timestamptz[], %(fee)s::bigint[], %(online_payment)s::boolean[], %(components)s::int[], %(digitised)s::int[],
    %(reused)s::int[], %(from_store)s::int[], %(results)s::int[], %(contacts)s::int[])
    AS n (tenant, code, version, status, document, target, pack, received_on, due_at, apologised_at, reschedules, last_event_at, now,
        facts, agency, procedure, channel, mirrored, received_at, finished_at, fee, online_payment, components, digitised, reused,
        from_store, results, contacts)
ORDER BY n.tenant, n.code
ON CONFLICT (tenant, code) DO UPDATE SET
    version = excluded.version, status = excluded.status, document = excluded.document, received_on = excluded.received_on,
    due_at = excluded.due_at, apologised_at = excluded.apologised_at, reschedules = excluded.reschedules,
    last_event_at = excluded.last_event_at, updated_at = greatest(dossier.updated_at, excluded.updated_at),
    facts = excluded.facts,
    agency = excluded.agency, procedure = excluded.procedure, channel = excluded.channel, mirrored = excluded.mirrored,
    received_at = excluded.received_at, finished_at = excluded.finished_at, fee = excluded.fee,
    online_payment = excluded.online_payment, components = excluded.components, digitised = excluded.digitised,
    reused = excluded.reused, from_store = excluded.from_store, results = excluded.results, contacts = excluded.contacts;

-- name: advance
-- Rows that this transaction has locked before (`lock`), so that where they stand is where they are. Nothing that an index
-- holds changes before the end, so the indexes are left alone. Their steps go with them: one round trip.
WITH moved AS (
    UPDATE dossier d SET version = n.version, status = n.status, document = n.document, finished_at = n.finished_at,
        last_event_at = n.last_event_at, updated_at = greatest(d.updated_at, n.now)
    FROM (
        SELECT n.*, row.ctid
        FROM unnest(%(code)s, %(version)s, %(status)s, %(document)s, %(finished_at)s, %(last_event_at)s, %(now)s)
            AS n (code, version, status, document, finished_at, last_event_at, now)
        CROSS JOIN LATERAL (SELECT ctid FROM dossier d WHERE d.tenant = %(tenant)s AND d.code = n.code OFFSET 0) row
    ) n
    WHERE d.ctid = n.ctid
)
INSERT INTO dossier_event (tenant, code, version, recorded_at, event_id, status, previous, late, occurred_at, document)
SELECT %(tenant)s, n.* FROM unnest(%(step_of)s, %(step_version)s, %(recorded_at)s, %(event_id)s, %(step_status)s, %(previous)s, %(late)s,
    %(occurred_at)s, %(step)s) AS n;

-- name: no_facts
SELECT * FROM dossier WHERE tenant = %(tenant)s AND facts = 0 ORDER BY code LIMIT %(limit)s FOR UPDATE SKIP LOCKED;

-- name: read_facts
UPDATE dossier d SET facts = n.facts, agency = n.agency, procedure = n.procedure, channel = n.channel, mirrored = n.mirrored,
    received_at = n.received_at, finished_at = n.finished_at, fee = n.fee, online_payment = n.online_payment,
    components = n.components, digitised = n.digitised, reused = n.reused, from_store = n.from_store, results = n.results,
    contacts = n.contacts
FROM unnest(%(code)s::text[], %(facts)s::smallint[], %(agency)s::text[], %(procedure)s::text[], %(channel)s::text[],
    %(mirrored)s::boolean[], %(received_at)s::timestamptz[], %(finished_at)s::timestamptz[], %(fee)s::bigint[],
    %(online_payment)s::boolean[], %(components)s::int[], %(digitised)s::int[], %(reused)s::int[], %(from_store)s::int[],
    %(results)s::int[], %(contacts)s::int[])
    AS n (code, facts, agency, procedure, channel, mirrored, received_at, finished_at, fee, online_payment, components, digitised,
        reused, from_store, results, contacts)
WHERE d.tenant = %(tenant)s AND d.code = n.code;

-- name: due
SELECT code, status, due_at, apologised_at IS NOT NULL AS apologised, pack FROM dossier
WHERE tenant = %(tenant)s AND due_at < %(before)s AND finished_at IS NULL AND status NOT IN (3, 9, 10)
    AND (%(after)s::timestamptz IS NULL OR (due_at, code) > (%(after)s::timestamptz, %(after_code)s))
ORDER BY due_at, code LIMIT %(limit)s;

-- name: recalled
-- Steps are looked for in the months of the dossier's life; clocks may differ by a day. What is parked says why (`why_code`).
SELECT e.code, e.event_id, e.status, e.occurred_at, e.document, e.previous, e.late, e.version,
    NULL AS why_code, NULL AS why, NULL AS why_vi, NULL::timestamptz AS parked_at, NULL AS settled_as
FROM unnest((SELECT %(code)s), (SELECT %(event_id)s)) AS s (code, event_id)
CROSS JOIN LATERAL (SELECT created_at, updated_at FROM dossier d WHERE d.tenant = %(tenant)s AND d.code = s.code LIMIT 1) d
CROSS JOIN LATERAL (
    SELECT * FROM dossier_event e WHERE e.tenant = %(tenant)s AND e.code = s.code AND e.event_id = s.event_id
        AND e.recorded_at BETWEEN d.created_at - interval '1 day' AND d.updated_at + interval '1 day' LIMIT 1
) e
UNION ALL
SELECT p.code, p.event_id, p.status, p.occurred_at, p.document, NULL, false, 0, p.why_code, p.why, p.why_vi, p.parked_at, p.settled_as
FROM unnest((SELECT %(codes)s)) AS n (code)
CROSS JOIN LATERAL (SELECT * FROM parked_event p WHERE p.tenant = %(tenant)s AND p.code = n.code OFFSET 0) p;

-- name: histories
SELECT e.* FROM unnest((SELECT %(codes)s::text[])) AS n (code)
CROSS JOIN LATERAL (SELECT * FROM dossier_event e WHERE e.tenant = %(tenant)s AND e.code = n.code OFFSET 0) e
ORDER BY e.code, e.version;

-- name: park
INSERT INTO parked_event (tenant, code, event_id, status, occurred_at, document, why_code, why, why_vi, parked_at)
SELECT %(tenant)s, n.* FROM unnest(%(code)s::text[], %(event_id)s::text[], %(status)s::smallint[],
    %(occurred_at)s::timestamptz[], %(document)s::bytea[], %(why_code)s::text[], %(why)s::text[], %(why_vi)s::text[],
    %(parked_at)s::timestamptz[]) AS n
ON CONFLICT (tenant, code, event_id) DO UPDATE SET
    why_code = excluded.why_code, why = excluded.why, why_vi = excluded.why_vi;

-- name: parked
SELECT * FROM parked_event
WHERE tenant = %(tenant)s AND settled_at IS NULL AND (%(code)s = '' OR code = %(code)s)
    AND (%(after)s::timestamptz IS NULL OR (parked_at, code, event_id) > (%(after)s::timestamptz, %(after_code)s, %(after_id)s))
ORDER BY parked_at, code, event_id LIMIT %(limit)s;

-- name: settle
UPDATE parked_event SET settled_at = %(now)s, settled_as = %(settled_as)s
WHERE tenant = %(tenant)s AND code = %(code)s AND event_id = %(event_id)s AND settled_as = '';
