-- name: append
-- More messages for streams. An idle stream becomes due; a waiting, claimed or held one keeps its time. Whoever writes
-- several streams locks them in this order, so that nobody waits in a circle. A message names its stream by its number
-- among those here (`stream`: to compare three texts for each costs as much as to write it), and `behind` is how many of
-- that stream follow it. Rings once, at commit.
WITH bell AS (SELECT pg_notify('lienthong_outbox', '')), named AS MATERIALIZED (
    SELECT * FROM unnest(%(tenant)s, %(target)s, %(key)s, %(count)s, %(due)s)
        WITH ORDINALITY AS n (tenant, target, key, count, due, number)
), longer AS (
    INSERT INTO stream AS s (tenant, target, key, tail, due, created_at)
    SELECT n.tenant, n.target, n.key, n.count, n.due, %(now)s FROM named n ORDER BY n.tenant, n.target, n.key
    ON CONFLICT (tenant, target, key) DO UPDATE SET
        tail = s.tail + excluded.tail,
        due = CASE WHEN s.held THEN NULL WHEN s.owner = '' AND s.head = s.tail THEN excluded.due ELSE s.due END
    RETURNING tenant, target, key, tail
)
INSERT INTO message (tenant, target, key, seq, created_at, operation, call_id, at, mapping_version, trace_id, again, body)
SELECT s.tenant, s.target, s.key, s.tail - m.behind, %(now)s, m.operation, m.call_id, m.at, m.mapping_version, m.trace_id,
    m.again, m.body
FROM longer s JOIN named n USING (tenant, target, key)
JOIN unnest(%(stream)s, %(behind)s, %(operation)s, %(call_id)s, %(at)s, %(mapping_version)s, %(trace_id)s, %(again)s, %(body)s)
    AS m (stream, behind, operation, call_id, at, mapping_version, trace_id, again, body) ON m.stream = n.number, bell;

-- name: ring
SELECT pg_notify('lienthong_outbox', '');

-- name: claim
-- Each lane on its own: what waits in one is never read for another. `lane` finds them by jumping through the index; CASE
-- is taken for half of all streams, so that the first is not looked for by reading and sorting them.
-- A stream that is due and still has an owner was lost by a worker that died: its bytes may have left.
WITH RECURSIVE lane AS (
    (SELECT tenant, target FROM stream
        WHERE due IS NOT NULL AND CASE %(tenant)s WHEN '' THEN true ELSE tenant = %(tenant)s END
        ORDER BY tenant, target LIMIT 1)
    UNION ALL
    SELECT n.tenant, n.target FROM lane l CROSS JOIN LATERAL (
        SELECT s.tenant, s.target FROM stream s
        WHERE s.due IS NOT NULL AND (s.tenant, s.target) > (l.tenant, l.target) AND %(tenant)s IN ('', s.tenant)
        ORDER BY s.tenant, s.target LIMIT 1
    ) n
), open AS (
    SELECT l.tenant, l.target, r.room, b.rate FROM lane l
    JOIN unnest(%(targets)s::text[], %(rooms)s::int[]) AS r (target, room) ON r.target = l.target AND r.room > 0
    LEFT JOIN brake b ON b.tenant = l.tenant AND b.target = l.target
    WHERE b.paused IS NOT TRUE
), paced AS (
    -- One second's worth at most, or one message's: a lane that was idle has saved nothing up. The row lock makes workers take turns.
    UPDATE brake b SET paced_at = GREATEST(b.paced_at, %(now)s - make_interval(secs => GREATEST(1, 1 / b.rate))) + make_interval(secs => p.n / b.rate)
    FROM (
        SELECT q.tenant, q.target, LEAST(o.room, floor(
            EXTRACT(epoch FROM %(now)s - GREATEST(q.paced_at, %(now)s - make_interval(secs => GREATEST(1, 1 / q.rate)))) * q.rate
        ))::int AS n
        FROM (SELECT * FROM brake WHERE rate IS NOT NULL FOR UPDATE) q JOIN open o USING (tenant, target)
    ) p
    WHERE b.tenant = p.tenant AND b.target = p.target AND p.n > 0
    RETURNING b.tenant, b.target, p.n
), ready AS (
    SELECT d.tenant, d.target, d.key, o.rate IS NOT NULL AS slow FROM open o
    LEFT JOIN paced p USING (tenant, target)
    CROSS JOIN LATERAL (
        SELECT s.tenant, s.target, s.key FROM stream s
        WHERE s.tenant = o.tenant AND s.target = o.target AND s.due <= %(now)s
        ORDER BY s.due LIMIT CASE WHEN o.rate IS NULL THEN o.room ELSE COALESCE(p.n, 0) END
        FOR UPDATE SKIP LOCKED
    ) d
    LIMIT %(most)s -- as many as there is room for: said so that the planner knows, too
)
UPDATE stream s SET owner = %(owner)s, due = %(until)s, doubt = GREATEST(s.doubt, CASE WHEN s.owner <> '' THEN s.head + 1 ELSE 0 END)
FROM ready r WHERE (s.tenant, s.target, s.key) = (r.tenant, r.target, r.key)
RETURNING s.*, r.slow;

-- name: messages
SELECT m.* FROM unnest(%(tenant)s::text[], %(target)s::text[], %(key)s::text[], %(head)s::bigint[], %(most)s::int[])
    AS s (tenant, target, key, head, most)
CROSS JOIN LATERAL (
    SELECT * FROM message m WHERE m.tenant = s.tenant AND m.target = s.target AND m.key = s.key AND m.seq > s.head
    ORDER BY m.seq LIMIT s.most
) m
ORDER BY m.tenant, m.target, m.key, m.seq;

-- name: intend
UPDATE stream SET doubt = %(seq)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s AND %(seq)s <= tail;

-- name: acknowledge
-- Of each stream everything up to `seq`; one statement, so that neither the streams nor the messages (whose own time is
-- for the sync figures) are without the other. `last`: it is given back at once. Locked in the order of `append`.
WITH told AS (
    SELECT * FROM unnest(%(tenant)s::text[], %(target)s::text[], %(key)s::text[], %(owner)s::text[], %(seq)s::bigint[],
        %(after)s::bigint[], %(now)s::timestamptz[], %(last)s::boolean[], %(learned)s::text[])
        AS t (tenant, target, key, owner, seq, after, now, last, learned)
), locked AS (
    SELECT t.* FROM told t JOIN stream s ON (s.tenant, s.target, s.key, s.owner) = (t.tenant, t.target, t.key, t.owner)
    ORDER BY s.tenant, s.target, s.key FOR UPDATE OF s
), kept AS (
    UPDATE stream s SET head = t.seq, attempts = 0, trouble_code = '', trouble = '', trouble_vi = '',
        acknowledged_at = CASE WHEN s.head < t.seq THEN t.now ELSE s.acknowledged_at END, known = s.known || t.learned::jsonb,
        owner = CASE WHEN t.last THEN '' ELSE s.owner END,
        due = CASE WHEN NOT t.last THEN s.due WHEN t.seq < s.tail THEN t.now END
    FROM locked t
    WHERE (s.tenant, s.target, s.key, s.owner) = (t.tenant, t.target, t.key, t.owner) AND t.seq <= s.tail
    RETURNING t.*
), marked AS (
    UPDATE message m SET acknowledged_at = k.now FROM kept k
    WHERE (m.tenant, m.target, m.key) = (k.tenant, k.target, k.key) AND m.seq > k.after AND m.seq <= k.seq
        AND m.created_at BETWEEN %(since)s AND %(until)s
)
SELECT tenant, target, key, owner FROM kept;

-- name: give_back
UPDATE stream SET owner = '', due = CASE WHEN head < tail THEN %(now)s::timestamptz END
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s;

-- name: retry
UPDATE stream SET owner = '', due = %(due)s, attempts = attempts + %(counted)s, doubt = CASE WHEN %(unsettled)s THEN GREATEST(doubt, head + 1) ELSE head END,
    trouble_code = %(code)s, trouble = %(detail)s, trouble_vi = %(detail_vi)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s;

-- name: hold
UPDATE stream SET owner = '', due = NULL, held = true, attempts = attempts + 1, doubt = GREATEST(doubt, head + 1),
    trouble_code = %(code)s, trouble = %(detail)s, trouble_vi = %(detail_vi)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = %(owner)s;

-- name: release
-- A message that is passed over is behind us, and with it the trouble; a stream whose last message it was is idle.
WITH told AS (
    SELECT *, CASE %(verdict)s
            WHEN 'arrived' THEN COALESCE(%(count)s, GREATEST(doubt - head, 1)) WHEN 'dropped' THEN 1 ELSE 0
        END AS passed
    FROM stream WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND held FOR UPDATE
)
UPDATE stream s SET held = false, attempts = 0, head = t.head + t.passed, known = t.known || %(learned)s::jsonb,
    doubt = CASE %(verdict)s
        WHEN 'missing' THEN t.head WHEN 'arrived' THEN t.doubt ELSE GREATEST(t.doubt, t.head + t.passed + 1) END,
    due = CASE WHEN t.head + t.passed < t.tail THEN %(now)s::timestamptz END,
    acknowledged_at = CASE WHEN %(verdict)s = 'arrived' THEN %(now)s::timestamptz ELSE t.acknowledged_at END,
    trouble_code = CASE WHEN t.passed = 0 THEN t.trouble_code ELSE '' END,
    trouble = CASE WHEN t.passed = 0 THEN t.trouble ELSE '' END,
    trouble_vi = CASE WHEN t.passed = 0 THEN t.trouble_vi ELSE '' END
FROM told t
WHERE s.tenant = t.tenant AND s.target = t.target AND s.key = t.key
    AND NOT (%(verdict)s = 'arrived' AND t.passed > GREATEST(t.doubt - t.head, 1))
RETURNING s.head, t.head AS before, t.doubt;

-- name: arrived
-- `SELECT` around the first number, here and in `missing`: else it says that `seq > 0`, which is for the index of the days.
UPDATE message SET acknowledged_at = %(now)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND seq > (SELECT %(before)s::bigint) AND seq <= %(head)s;

-- name: supersede
UPDATE message m SET call_id = n.call_id, at = n.at, mapping_version = n.mapping_version, trace_id = n.trace_id, body = n.body
FROM stream s, LATERAL (
    SELECT * FROM message l WHERE l.tenant = s.tenant AND l.target = s.target AND l.key = s.key
        AND l.operation = %(operation)s AND l.seq > s.head ORDER BY l.seq DESC LIMIT 1
) n
WHERE s.tenant = %(tenant)s AND s.target = %(target)s AND s.key = %(key)s
    AND m.tenant = s.tenant AND m.target = s.target AND m.key = s.key
    AND m.operation = %(operation)s AND m.seq > s.head AND m.seq < n.seq;

-- name: stuck
-- Of the first message of a held stream, which stays so until we are done.
SELECT s.head + 1 AS seq, coalesce(m.operation, '') AS operation FROM stream s
LEFT JOIN message m ON (m.tenant, m.target, m.key, m.seq) = (s.tenant, s.target, s.key, s.head + 1)
WHERE s.tenant = %(tenant)s AND s.target = %(target)s AND s.key = %(key)s AND s.held FOR UPDATE OF s;

-- name: lift
-- Uploads go before everything that waits and may name their files by now; what is in doubt stays so. Nothing moves under
-- the hands of a worker.
WITH here AS (
    SELECT * FROM stream WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = '' FOR UPDATE
), lifted AS (
    SELECT m.*, h.doubt, h.head + row_number() OVER (ORDER BY m.operation <> %(files)s, m.seq) AS place
    FROM here h JOIN message m USING (tenant, target, key) WHERE m.seq > h.head
), moved AS (
    UPDATE message m SET operation = l.operation, call_id = l.call_id, at = l.at, mapping_version = l.mapping_version,
        trace_id = l.trace_id, again = l.again, body = l.body
    FROM lifted l WHERE (m.tenant, m.target, m.key, m.seq) = (l.tenant, l.target, l.key, l.place) AND l.seq <> l.place
)
UPDATE stream s SET doubt = l.place
FROM (SELECT tenant, target, key, max(place) AS place FROM lifted WHERE seq <= doubt GROUP BY tenant, target, key) l
WHERE (s.tenant, s.target, s.key) = (l.tenant, l.target, l.key);

-- name: missing
-- A person has looked: these messages are missing there, so nobody is asked about them any more.
UPDATE message SET again = false
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND again
    AND seq BETWEEN (SELECT %(head)s::bigint + 1) AND GREATEST(%(doubt)s, %(head)s + 1);

-- name: delivered
SELECT m.tenant, m.target, m.key, m.seq, m.operation, m.at, m.mapping_version, s.tail, EXISTS (
    SELECT FROM message n WHERE n.tenant = m.tenant AND n.target = m.target AND n.key = m.key AND n.seq > m.seq
        AND n.operation = m.operation
) AS superseded
FROM message m JOIN stream s USING (tenant, target, key)
WHERE m.tenant = %(tenant)s AND m.target = %(target)s AND m.seq > 0 AND m.seq <= s.head
    AND m.created_at >= %(since)s AND m.created_at < %(until)s
    AND (%(operation)s = '' OR m.operation = %(operation)s) AND (%(key)s = '' OR m.key = %(key)s)
ORDER BY m.created_at, m.key, m.seq LIMIT %(limit)s;

-- name: tally
SELECT count(*) AS count FROM message m JOIN stream s USING (tenant, target, key)
WHERE m.tenant = %(tenant)s AND m.target = %(target)s AND m.seq > 0 AND m.seq <= s.head
    AND m.created_at >= %(since)s AND m.created_at < %(until)s;

-- name: walk
SELECT * FROM stream WHERE tenant = %(tenant)s AND target = %(target)s AND key > %(after)s ORDER BY key LIMIT %(limit)s;

-- name: first
SELECT m.* FROM message m JOIN stream s USING (tenant, target, key)
WHERE m.tenant = %(tenant)s AND m.target = %(target)s AND m.key = %(key)s AND m.seq = s.head + 1;

-- name: history
SELECT m.* FROM message m JOIN stream s USING (tenant, target, key)
WHERE m.tenant = %(tenant)s AND m.target = %(target)s AND m.key = %(key)s AND m.seq <= s.head ORDER BY m.seq;

-- name: past
-- Nothing is put behind it before our transaction ends. `SELECT` around the number as in `arrived`.
SELECT m.* FROM message m JOIN stream s USING (tenant, target, key)
WHERE m.tenant = %(tenant)s AND m.target = %(target)s AND m.key = %(key)s AND m.seq = (SELECT %(seq)s::bigint) AND m.seq <= s.head
    AND s.tail = coalesce(%(tail)s::bigint, s.tail)
FOR UPDATE OF s;

-- name: stop
-- A worker that has the stream right now loses it, and its message may be on the way.
UPDATE stream SET held = true, due = NULL, doubt = GREATEST(doubt, CASE WHEN owner <> '' THEN head + 1 ELSE 0 END), owner = '',
    trouble_code = %(code)s, trouble = %(detail)s, trouble_vi = %(detail_vi)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND NOT held AND head < tail;

-- name: doubt
UPDATE stream SET doubt = tail WHERE tenant = %(tenant)s AND head < tail AND doubt < tail;

-- name: held
SELECT * FROM stream
WHERE tenant = %(tenant)s AND target = %(target)s AND held AND key > %(after)s AND (%(code)s = '' OR trouble_code = %(code)s)
ORDER BY key LIMIT %(limit)s;

-- name: groups
SELECT target, trouble_code AS code, count(*) AS streams, max(trouble) AS detail, max(trouble_vi) AS detail_vi
FROM stream WHERE tenant = %(tenant)s AND held
GROUP BY target, trouble_code ORDER BY streams DESC, target, trouble_code LIMIT %(limit)s;

-- name: brakes
SELECT target, paused, rate, set_at FROM brake WHERE tenant = %(tenant)s ORDER BY target;

-- name: seen
SELECT seq, operation, call_id, at, mapping_version, trace_id, again, created_at AS taken_at, acknowledged_at FROM message
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND seq < coalesce(%(before)s::bigint, 9223372036854775807)
ORDER BY seq DESC LIMIT %(limit)s;

-- name: count
SELECT count(*) AS count FROM stream WHERE tenant = %(tenant)s AND target = %(target)s;

-- name: brake
INSERT INTO brake (tenant, target, paused, rate, paced_at, set_at)
VALUES (%(tenant)s, %(target)s, %(paused)s, %(rate)s, %(now)s, %(now)s)
ON CONFLICT (tenant, target) DO UPDATE SET
    paused = excluded.paused, rate = excluded.rate, paced_at = excluded.paced_at, set_at = excluded.set_at;

-- name: unbrake
DELETE FROM brake WHERE tenant = %(tenant)s AND target = %(target)s;

-- name: paused
SELECT target FROM brake WHERE tenant = %(tenant)s AND paused;

-- name: lanes
SELECT s.target, count(*) FILTER (WHERE s.held) AS held, count(*) FILTER (WHERE s.owner <> '') AS claimed,
    count(*) FILTER (WHERE s.owner = '' AND s.due IS NOT NULL) AS waiting, sum(s.tail - s.head)::bigint AS messages,
    min(m.created_at) AS oldest, coalesce(bool_or(b.paused), false) AS paused, max(b.rate) AS rate
FROM stream s
LEFT JOIN brake b USING (tenant, target)
LEFT JOIN LATERAL (
    SELECT created_at FROM message m
    WHERE m.tenant = s.tenant AND m.target = s.target AND m.key = s.key AND m.seq = s.head + 1
) m ON true
WHERE s.tenant = %(tenant)s AND s.head < s.tail AND (s.due IS NOT NULL OR s.held)
GROUP BY s.target ORDER BY s.target;

-- name: hurry
UPDATE stream SET due = %(now)s
WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s AND owner = '' AND due > %(now)s;

-- name: views
-- OFFSET 0: found by the key, and then put in order; not the other way round.
SELECT * FROM (SELECT * FROM stream WHERE tenant = %(tenant)s AND key = %(key)s OFFSET 0) s ORDER BY target;
