-- name: turn
-- One process evaluates at a time, until its transaction ends.
SELECT pg_try_advisory_xact_lock(hashtextextended('alerts/' || %(tenant)s, 0)) AS mine;

-- name: rules
SELECT id, name, metric, subject, raise_at, clear_at, for_s, quiet_s, receivers, is_on FROM alert_rule
WHERE tenant = %(tenant)s ORDER BY id;

-- name: add_rule
INSERT INTO alert_rule (tenant, name, metric, subject, raise_at, clear_at, for_s, quiet_s, receivers, is_on)
VALUES (%(tenant)s, %(name)s, %(metric)s, %(subject)s, %(raise_at)s, %(clear_at)s, %(for_s)s, %(quiet_s)s,
        %(receivers)s::bigint[], %(is_on)s)
RETURNING id;

-- name: switch_rule
-- How it stood is forgotten: whoever switches it on is told what is so now.
WITH standings AS (DELETE FROM alert_standing WHERE tenant = %(tenant)s AND rule_id = %(id)s)
UPDATE alert_rule SET is_on = %(is_on)s WHERE tenant = %(tenant)s AND id = %(id)s RETURNING id;

-- name: remove_rule
DELETE FROM alert_rule WHERE tenant = %(tenant)s AND id = %(id)s RETURNING id;

-- name: receivers
SELECT tenant, id, name, channel, sealed FROM alert_receiver WHERE tenant = %(tenant)s ORDER BY id;

-- name: number
SELECT nextval(pg_get_serial_sequence('alert_receiver', 'id')) AS id;

-- name: add_receiver
INSERT INTO alert_receiver (tenant, id, name, channel, sealed) OVERRIDING SYSTEM VALUE
VALUES (%(tenant)s, %(id)s, %(name)s, %(channel)s, %(sealed)s);

-- name: remove_receiver
DELETE FROM alert_receiver WHERE tenant = %(tenant)s AND id = %(id)s RETURNING id;

-- name: standings
SELECT rule_id, subject, is_raised, since, told_at, is_told FROM alert_standing WHERE tenant = %(tenant)s;

-- name: stand
INSERT INTO alert_standing (tenant, rule_id, subject, is_raised, since, told_at, is_told)
VALUES (%(tenant)s, %(rule_id)s, %(subject)s, %(is_raised)s, %(since)s, %(told_at)s, %(is_told)s)
ON CONFLICT (tenant, rule_id, subject) DO UPDATE SET is_raised = excluded.is_raised, since = excluded.since,
    told_at = excluded.told_at, is_told = excluded.is_told;

-- name: enqueue
INSERT INTO alert_telling (tenant, event_id, receiver_id, document, created_at, due, state, tries, trouble)
VALUES (%(tenant)s, %(event_id)s, %(receiver_id)s, %(document)s, %(created_at)s, %(due)s, %(state)s, %(tries)s,
        %(trouble)s);

-- name: claim
-- Of one receiver in order: what is newer waits for what is older.
UPDATE alert_telling t SET owner = %(owner)s, lease_until = %(until)s
FROM (
    SELECT id FROM alert_telling w
    WHERE tenant = %(tenant)s AND state = 'waiting' AND due <= %(now)s AND (owner = '' OR lease_until <= %(now)s)
        AND NOT EXISTS (SELECT 1 FROM alert_telling b WHERE b.tenant = w.tenant AND b.state = 'waiting'
                        AND b.receiver_id = w.receiver_id AND b.id < w.id)
    ORDER BY due, id LIMIT %(most)s FOR UPDATE SKIP LOCKED
) due
WHERE t.tenant = %(tenant)s AND t.id = due.id
RETURNING t.id, t.event_id, t.receiver_id, t.document, t.created_at, t.due, t.state, t.tries, t.trouble;

-- name: settle
UPDATE alert_telling SET due = %(due)s, state = %(state)s, tries = %(tries)s, trouble = %(trouble)s, owner = '',
    lease_until = NULL
WHERE tenant = %(tenant)s AND id = %(id)s AND owner = %(owner)s RETURNING id;

-- name: tellings
SELECT id, event_id, receiver_id, document, created_at, due, state, tries, trouble FROM alert_telling
WHERE tenant = %(tenant)s ORDER BY id DESC LIMIT %(limit)s;

-- name: forget
DELETE FROM alert_telling WHERE tenant = %(tenant)s AND state <> 'waiting' AND created_at < %(before)s;
