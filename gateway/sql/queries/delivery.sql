-- name: append
-- One more message for a stream. An idle stream becomes due; a waiting, claimed or held one keeps its time.
INSERT INTO stream AS s (tenant, target, key, tail, due, created_at)
VALUES (%(tenant)s, %(target)s, %(key)s, 1, %(due)s, %(now)s)
ON CONFLICT (tenant, target, key) DO UPDATE SET
    tail = s.tail + 1,
    due = CASE WHEN s.held THEN NULL WHEN s.owner = '' AND s.head = s.tail THEN excluded.due ELSE s.due END
RETURNING tail;

-- name: insert
INSERT INTO message (tenant, target, key, seq, created_at, operation, call_id, at, mapping_version, trace_id, body)
VALUES (%(tenant)s, %(target)s, %(key)s, %(seq)s, %(now)s, %(operation)s, %(call_id)s, %(at)s, %(mapping_version)s,
        %(trace_id)s, %(body)s);

-- name: ring
SELECT pg_notify('lienthong_outbox', '');

-- name: claim
-- A stream that is due and still has an owner was lost by a worker that died: its bytes may have left.
WITH ready AS (
    SELECT tenant, target, key FROM stream WHERE due <= %(now)s
    ORDER BY due LIMIT %(limit)s FOR UPDATE SKIP LOCKED
)
UPDATE stream s SET owner = %(owner)s, due = %(until)s, unsettled = s.unsettled OR s.owner <> ''
FROM ready r WHERE (s.tenant, s.target, s.key) = (r.tenant, r.target, r.key)
RETURNING s.*;

-- name: messages
SELECT m.* FROM unnest(%(tenants)s::text[], %(targets)s::text[], %(keys)s::text[], %(heads)s::bigint[])
    AS s (tenant, target, key, head)
CROSS JOIN LATERAL (
    SELECT * FROM message m WHERE m.tenant = s.tenant AND m.target = s.target AND m.key = s.key AND m.seq > s.head
    ORDER BY m.seq LIMIT %(most)s
) m
ORDER BY m.tenant, m.target, m.key, m.seq;

-- name: acknowledge
UPDATE stream SET head = %(seq)s, attempts = 0, unsettled = false, acknowledged_at = %(now)s,
    trouble_code = '', trouble = '', trouble_vi = ''
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s AND %(seq)s <= tail;

-- name: release
UPDATE stream SET owner = '', due = CASE WHEN head < tail THEN %(now)s::timestamptz END
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s;

-- name: retry
UPDATE stream SET owner = '', due = %(due)s, attempts = attempts + %(counted)s, unsettled = %(unsettled)s,
    trouble_code = %(code)s, trouble = %(detail)s, trouble_vi = %(detail_vi)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s;

-- name: hold
UPDATE stream SET owner = '', due = NULL, held = true, attempts = attempts + 1, unsettled = true,
    trouble_code = %(code)s, trouble = %(detail)s, trouble_vi = %(detail_vi)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s;

-- name: resume
-- A message that is passed over is behind us, and with it the trouble; a stream whose last message it was is idle.
UPDATE stream SET held = false, attempts = 0, head = head + %(passed)s, unsettled = %(unsettled)s,
    due = CASE WHEN head + %(passed)s < tail THEN %(now)s::timestamptz END,
    acknowledged_at = CASE WHEN %(arrived)s THEN %(now)s::timestamptz ELSE acknowledged_at END,
    trouble_code = CASE WHEN %(passed)s = 0 THEN trouble_code ELSE '' END,
    trouble = CASE WHEN %(passed)s = 0 THEN trouble ELSE '' END,
    trouble_vi = CASE WHEN %(passed)s = 0 THEN trouble_vi ELSE '' END
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND held
    AND NOT (%(replaced)s AND head + 1 = tail);

-- name: hurry
UPDATE stream SET due = %(now)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = '' AND due > %(now)s;

-- name: views
SELECT * FROM stream WHERE tenant = %(tenant)s AND key = %(key)s ORDER BY target;
