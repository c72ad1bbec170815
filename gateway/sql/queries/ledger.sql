-- name: line
SELECT * FROM ledger WHERE tenant = %(tenant)s AND target = %(target)s AND key = %(key)s;

-- name: note
INSERT INTO ledger (tenant, target, key, finding, care, head, rounds, detail, detail_vi, checked_at)
VALUES (%(tenant)s, %(target)s, %(key)s, %(finding)s, %(care)s, %(head)s, %(rounds)s, %(detail)s, %(detail_vi)s,
        %(checked_at)s)
ON CONFLICT (tenant, target, key) DO UPDATE SET
    finding = excluded.finding, care = excluded.care, head = excluded.head, rounds = excluded.rounds,
    detail = excluded.detail, detail_vi = excluded.detail_vi, checked_at = excluded.checked_at;

-- name: troubles
SELECT * FROM ledger WHERE tenant = %(tenant)s AND target = %(target)s AND care <> 'none' AND key > %(after)s
ORDER BY key LIMIT %(limit)s;

-- name: record
INSERT INTO reconciliation (tenant, target, began_at, ended_at, counts)
VALUES (%(tenant)s, %(target)s, %(began_at)s, %(ended_at)s, %(counts)s)
ON CONFLICT (tenant, target, began_at) DO UPDATE SET ended_at = excluded.ended_at, counts = excluded.counts;

-- name: last_round
SELECT target, began_at, ended_at, counts FROM reconciliation
WHERE tenant = %(tenant)s AND target = %(target)s AND ended_at IS NOT NULL ORDER BY began_at DESC LIMIT 1;

-- name: completeness
-- Present and equal: the newest comparison covered everything that was told, and found no difference.
-- A dossier of which the target shows nothing is in neither number.
SELECT d.received_on AS day, count(*) FILTER (WHERE l.finding IS DISTINCT FROM 'not_shown') AS denominator,
    count(*) FILTER (WHERE l.finding = 'not_shown') AS excluded,
    count(*) FILTER (WHERE l.finding = 'equal' AND l.head = s.head AND s.head = s.tail) AS numerator
FROM dossier d
LEFT JOIN stream s ON s.tenant = d.tenant AND s.target = %(target)s AND s.key = d.code
LEFT JOIN ledger l ON l.tenant = d.tenant AND l.target = %(target)s AND l.key = d.code
WHERE d.tenant = %(tenant)s AND d.target = %(target)s AND d.created_at <= %(cut_off)s
    AND d.received_on BETWEEN %(since)s AND %(until)s
GROUP BY d.received_on ORDER BY d.received_on;

-- name: unsynced
SELECT d.code, d.received_on AS day, COALESCE(l.detail_vi, '') AS detail_vi, CASE
        WHEN s.held THEN 'held' WHEN s.key IS NULL OR s.head < s.tail THEN 'under_way'
        WHEN l.key IS NULL OR l.head < s.head THEN 'never_checked' ELSE l.finding
    END AS reason
FROM dossier d
LEFT JOIN stream s ON s.tenant = d.tenant AND s.target = %(target)s AND s.key = d.code
LEFT JOIN ledger l ON l.tenant = d.tenant AND l.target = %(target)s AND l.key = d.code
WHERE d.tenant = %(tenant)s AND d.target = %(target)s AND d.created_at <= %(cut_off)s
    AND d.received_on BETWEEN %(since)s AND %(until)s AND l.finding IS DISTINCT FROM 'not_shown'
    AND NOT COALESCE(l.finding = 'equal' AND l.head = s.head AND s.head = s.tail, false)
ORDER BY d.received_on, d.code LIMIT %(limit)s;

-- name: timeliness
-- By the day on which the message was taken in. What is not delivered and not due yet is in neither number; what was
-- sent a second time is another promise than the first and is not counted; nor are questions and ratings, whose keys have
-- a colon.
SELECT (m.created_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS day,
    count(*) FILTER (WHERE m.acknowledged_at <= m.created_at + due.within) AS numerator,
    count(*) FILTER (WHERE m.acknowledged_at IS NOT NULL OR m.created_at + due.within <= %(cut_off)s) AS denominator,
    count(*) FILTER (WHERE m.acknowledged_at IS NULL AND m.created_at + due.within > %(cut_off)s) AS excluded
FROM message m JOIN dossier d ON d.tenant = m.tenant AND d.code = m.key, (SELECT make_interval(secs => %(within_s)s) AS within) due
WHERE m.tenant = %(tenant)s AND m.target = %(target)s AND m.seq > 0 AND NOT m.again AND m.created_at <= %(cut_off)s
    AND m.created_at >= %(since)s::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
    AND m.created_at < (%(until)s::date + 1)::timestamp AT TIME ZONE 'Asia/Ho_Chi_Minh'
GROUP BY 1 ORDER BY 1;
