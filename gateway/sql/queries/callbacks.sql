-- name: add
INSERT INTO callback_event (tenant, event_id, client_id, type, subject, agency_id, reference, trace_id, body, created_at,
    due, state, tries, trouble)
VALUES (%(tenant)s, %(event_id)s, %(client_id)s, %(type)s, %(subject)s, %(agency_id)s, %(reference)s, %(trace_id)s,
    %(body)s, %(created_at)s, %(due)s, %(state)s, %(tries)s, %(trouble)s);

-- name: claim
WITH free AS (
    SELECT e.tenant, e.number FROM callback_event e
    WHERE e.tenant = %(tenant)s AND e.state = 'waiting' AND e.due <= %(now)s
        AND (e.owner = '' OR e.lease_until <= %(now)s)
        AND NOT EXISTS (
            SELECT 1 FROM callback_event b
            WHERE b.tenant = e.tenant AND b.client_id = e.client_id AND b.subject = e.subject AND b.state = 'waiting'
                AND b.number < e.number
        )
    ORDER BY e.due, e.number LIMIT %(most)s FOR UPDATE OF e SKIP LOCKED
)
UPDATE callback_event e SET owner = %(owner)s, lease_until = %(until)s
FROM free f WHERE e.tenant = f.tenant AND e.number = f.number RETURNING e.*;

-- name: settle
UPDATE callback_event SET state = %(state)s, due = %(due)s, tries = %(tries)s, trouble = %(trouble)s, owner = '',
    lease_until = NULL
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND event_id = %(event_id)s AND owner = %(owner)s
    AND owner <> '';

-- name: postpone
UPDATE callback_event SET due = %(until)s
WHERE tenant = %(tenant)s AND client_id = %(client_id)s AND state = 'waiting' AND due < %(until)s AND owner = '';

-- name: hurry
UPDATE callback_event SET due = LEAST(due, %(now)s)
WHERE tenant = %(tenant)s AND event_id = %(event_id)s AND state = 'waiting';

-- name: latest
SELECT * FROM callback_event WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY number DESC LIMIT %(limit)s;

-- name: expire
DELETE FROM callback_event WHERE tenant = %(tenant)s AND state <> 'waiting' AND created_at < %(before)s;

-- name: put_receiver
INSERT INTO receiver (tenant, client_id, url, secret) VALUES (%(tenant)s, %(client_id)s, %(url)s, %(secret)s)
ON CONFLICT (tenant, client_id) DO UPDATE SET url = excluded.url, secret = excluded.secret;

-- name: find_receiver
SELECT * FROM receiver WHERE tenant = %(tenant)s AND client_id = %(client_id)s;

-- name: remove_receiver
DELETE FROM receiver WHERE tenant = %(tenant)s AND client_id = %(client_id)s;

-- name: addresses
SELECT client_id, url FROM receiver WHERE tenant = %(tenant)s ORDER BY client_id;
