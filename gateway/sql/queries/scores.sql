-- name: marks
-- What every dossier counts as in every figure: the same as gateway/scores/marks.py says of one. `counts` and `items`
-- go on behind it, so that a list is as long as its number says.
WITH d AS (
    SELECT o.tenant, o.code, o.target, o.agency, o.procedure, o.status, o.channel, o.mirrored, o.received_on, o.received_at, o.due_at,
        o.apologised_at, o.finished_at, o.fee, o.online_payment, o.components, o.digitised, o.reused, o.from_store, o.results,
        o.contacts, COALESCE(o.received_on BETWEEN %(since)s AND %(until)s, false) AS is_received,
        COALESCE(o.finished_at >= %(begins)s AND o.finished_at < %(ends)s AND o.finished_at <= %(cut_off)s, false) AS is_finished,
        o.received_on <= %(until)s AND CASE WHEN o.finished_at IS NULL AND o.status NOT IN (3, 9, 10)
            THEN o.pack || ':' || o.status = ANY(%(running)s::text[])
            ELSE COALESCE(o.finished_at > %(moment)s, false) END AS is_open,
        CASE WHEN o.finished_at IS NULL OR o.due_at IS NULL THEN NULL WHEN o.finished_at > o.due_at THEN 0
            WHEN (o.finished_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date < (o.due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date THEN 2
            ELSE 1 END AS judged
    FROM dossier o
    WHERE o.tenant = %(tenant)s AND o.created_at > '-infinity' AND o.created_at <= %(cut_off)s
        AND (%(agencies)s::text[] IS NULL OR o.agency = ANY(%(agencies)s::text[]))
        AND (o.received_on BETWEEN %(since)s AND %(until)s OR o.finished_at >= %(begins)s OR o.status NOT IN (3, 9, 10))
), known AS MATERIALIZED (  -- what follows looks at each of these many times
    SELECT d.*, CASE WHEN d.target = '' THEN NULL WHEN l.finding = 'not_shown' THEN 'x'
            WHEN l.finding = 'equal' AND l.head = s.head AND s.head = s.tail THEN 'y' ELSE 'n' END AS sync,
        d.is_received AND EXISTS (
            SELECT FROM payment p WHERE p.tenant = d.tenant AND p.dossier_code = d.code AND p.state = 'paid') AS is_paid,
        CASE WHEN d.is_open THEN d.due_at < %(moment)s ELSE d.is_finished AND d.judged = 0 END AS is_late
    FROM d
    LEFT JOIN stream s ON d.is_received AND s.tenant = d.tenant AND s.target = d.target AND s.key = d.code
    LEFT JOIN ledger l ON d.is_received AND l.tenant = d.tenant AND l.target = d.target AND l.key = d.code
), mark AS (
    SELECT k.code, 0::bigint AS seq, k.agency, k.procedure, k.received_on, k.due_at, k.finished_at, k.status, f.figure, f.mark,
        CASE WHEN f.figure = 'handled' AND f.mark = 'y' THEN extract(epoch FROM k.finished_at - k.received_at) ELSE 0 END AS seconds
    FROM known k CROSS JOIN LATERAL unnest(ARRAY[
        'synced', 'mirrored', 'digitised', 'reused', 'reused_national', 'online', 'paid_online', 'on_time', 'early',
        'online_on_time', 'handled', 'online_finished', 'e_result', 'total_time', 'contacts', 'open_in_time', 'apologised'
    ], ARRAY[  -- in the same order; a list of VALUES would be prepared anew for each dossier
        CASE WHEN k.is_received THEN k.sync END,
        CASE WHEN k.is_received AND k.mirrored THEN 'y' END,
        CASE WHEN NOT k.is_received OR k.mirrored THEN NULL WHEN k.components = 0 THEN 'x'
            WHEN k.digitised >= k.components THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_received OR k.mirrored THEN NULL WHEN k.components = 0 THEN 'x'
            WHEN k.reused > 0 THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_received OR k.mirrored THEN NULL WHEN k.components = 0 THEN 'x'
            WHEN k.from_store > 0 THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_received OR k.mirrored THEN NULL WHEN k.channel = 'online' THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_received OR k.mirrored OR (k.fee = 0 AND NOT k.is_paid) THEN NULL
            WHEN k.online_payment OR k.is_paid THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_finished OR k.mirrored THEN NULL WHEN k.judged IS NULL THEN 'x'
            WHEN k.judged > 0 THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_finished OR k.mirrored THEN NULL WHEN k.judged IS NULL THEN 'x'
            WHEN k.judged = 2 THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_finished OR k.mirrored OR k.channel <> 'online' OR k.judged IS NULL THEN NULL
            WHEN k.judged > 0 THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_finished OR k.mirrored THEN NULL WHEN k.received_at <= k.finished_at THEN 'y' ELSE 'x' END,
        CASE WHEN NOT k.is_finished OR k.mirrored THEN NULL WHEN k.channel = 'online' THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_finished OR k.mirrored OR k.status NOT IN (9, 10) THEN NULL
            WHEN k.results > 0 THEN 'y' ELSE 'n' END,
        CASE WHEN NOT k.is_finished OR k.mirrored THEN NULL ELSE COALESCE(k.judged::text, 'x') END,
        CASE WHEN NOT k.is_finished OR k.mirrored THEN NULL ELSE greatest(2 - k.contacts, 0)::text END,
        CASE WHEN k.is_open IS NOT TRUE OR k.mirrored THEN NULL WHEN k.due_at IS NULL THEN 'x'
            WHEN k.is_late THEN 'n' ELSE 'y' END,
        CASE WHEN k.is_late IS NOT TRUE OR k.mirrored THEN NULL WHEN k.apologised_at <= %(moment)s THEN 'y' ELSE 'n' END
    ]) AS f (figure, mark)
    WHERE f.mark IS NOT NULL AND (%(figure)s = '' OR f.figure = %(figure)s)
    UNION ALL
    -- What is not delivered and not due yet is in neither number; what was sent a second time is another promise.
    SELECT m.key, m.seq, o.agency, o.procedure, o.received_on, o.due_at, o.finished_at, o.status, 'sync_in_time',
        CASE WHEN m.acknowledged_at <= m.created_at + make_interval(secs => %(within_s)s) THEN 'y'
            WHEN m.acknowledged_at IS NULL AND m.created_at + make_interval(secs => %(within_s)s) > %(cut_off)s THEN 'x'
            ELSE 'n' END, 0
    FROM message m JOIN dossier o ON o.tenant = m.tenant AND o.code = m.key AND o.target = m.target
    WHERE %(figure)s IN ('', 'sync_in_time') AND m.tenant = %(tenant)s AND m.seq > 0 AND NOT m.again AND m.created_at <= %(cut_off)s
        AND m.created_at >= %(begins)s AND m.created_at < %(ends)s
        AND (%(agencies)s::text[] IS NULL OR o.agency = ANY(%(agencies)s::text[]))
)

-- name: counts
SELECT agency, figure, mark, count(*) AS count, sum(seconds)::float8 AS seconds FROM mark GROUP BY 1, 2, 3
UNION ALL
SELECT r.agency, 'satisfied', f.mark, sum(f.people)::bigint, 0
FROM rating_month r CROSS JOIN LATERAL (VALUES ('y', r.very_satisfied + r.satisfied), ('n', r.dissatisfied)) AS f (mark, people)
WHERE r.tenant = %(tenant)s AND r.month BETWEEN %(since)s AND %(until)s AND r.told_at <= %(cut_off)s
    AND (%(agencies)s::text[] IS NULL OR r.agency = ANY(%(agencies)s::text[]))
GROUP BY 1, 2, 3 HAVING sum(f.people) > 0
ORDER BY 1, 2, 3;

-- name: items
SELECT code, seq, mark, agency, procedure, received_on, due_at, finished_at, status FROM mark
WHERE mark = ANY(%(marks)s::text[]) AND (code, seq) > (%(after_code)s, %(after_seq)s)
ORDER BY code, seq LIMIT %(limit)s;

-- name: ratings
SELECT month, procedure, agency, very_satisfied, satisfied, dissatisfied FROM rating_month
WHERE tenant = %(tenant)s AND month BETWEEN %(since)s AND %(until)s AND told_at <= %(cut_off)s
    AND (%(agencies)s::text[] IS NULL OR agency = ANY(%(agencies)s::text[]))
ORDER BY month, agency, procedure LIMIT %(limit)s;

-- name: busy
SELECT procedure, count(*) FILTER (WHERE is_received) AS received,
    count(*) FILTER (WHERE is_finished AND status IN (9, 10)) AS finished,
    count(*) FILTER (WHERE is_finished AND status IN (9, 10) AND results > 0) AS e_results,
    count(*) FILTER (WHERE is_received AND components > 0) AS with_papers,
    count(*) FILTER (WHERE is_received AND components > 0 AND reused > 0) AS reused
FROM (
    SELECT procedure, status, results, components, reused, received_on BETWEEN %(since)s AND %(until)s AS is_received,
        COALESCE(finished_at >= %(begins)s AND finished_at < %(ends)s, false) AS is_finished
    FROM dossier
    WHERE tenant = %(tenant)s AND NOT mirrored AND procedure <> '' AND created_at > '-infinity' AND created_at <= %(cut_off)s
        AND (%(agencies)s::text[] IS NULL OR agency = ANY(%(agencies)s::text[]))
        AND (received_on BETWEEN %(since)s AND %(until)s OR (finished_at >= %(begins)s AND finished_at < %(ends)s))
) o
GROUP BY procedure HAVING count(*) FILTER (WHERE is_received) >= %(least)s
ORDER BY received DESC, procedure LIMIT %(limit)s;

-- name: agencies
-- One step through the index for each agency, however many dossiers there are.
WITH RECURSIVE a AS (
    (SELECT agency FROM dossier WHERE tenant = %(tenant)s AND created_at > '-infinity' ORDER BY agency LIMIT 1)
    UNION ALL
    SELECT (SELECT d.agency FROM dossier d WHERE d.tenant = %(tenant)s AND d.created_at > '-infinity' AND d.agency > a.agency ORDER BY d.agency LIMIT 1)
    FROM a WHERE a.agency IS NOT NULL
)
SELECT agency FROM a WHERE agency IS NOT NULL
UNION SELECT agency FROM rating_month WHERE tenant = %(tenant)s
ORDER BY agency;

-- name: unread
SELECT count(*) AS unread FROM (SELECT FROM dossier WHERE tenant = %(tenant)s AND facts = 0 LIMIT %(limit)s) o;

-- name: warned
-- Open dossiers and what is near them; the same as gateway.rules.deadlines.alarms says of one. `due` and `due_counts` go on
-- behind it.
WITH w AS (
    SELECT d.code, d.agency, d.procedure, d.status, d.received_on, d.due_at, d.apologised_at IS NOT NULL AS apologised, d.pack,
        ARRAY_REMOVE(ARRAY[
            CASE WHEN r.runs AND d.due_at < %(now)s THEN 'overdue' END,
            CASE WHEN r.runs AND d.apologised_at IS NULL AND r.today >= r.due_on - p.days THEN 'apology_missing' END,
            CASE WHEN r.runs AND d.due_at >= %(now)s AND r.today = r.due_on THEN 'due_today' END,
            CASE WHEN r.runs AND d.due_at >= %(now)s AND r.today <> r.due_on AND d.due_at < %(now)s + interval '24 hours'
                THEN 'due_soon' END,
            CASE WHEN r.runs AND d.due_at >= %(now)s + interval '24 hours' AND d.due_at < %(before)s AND r.today <> r.due_on
                THEN 'due_later' END,
            CASE WHEN d.status = 2 AND d.channel IN ('counter', 'post') AND d.received_at <= %(handed_before)s::timestamptz
                THEN 'hand_on_late' END,
            CASE WHEN d.status = 2 AND d.received_at <= %(returned_before)s::timestamptz THEN 'return_due' END,
            CASE WHEN d.status = 5 THEN 'supplement_pending' END
        ], NULL) AS kinds
    FROM dossier d
    JOIN unnest(%(packs)s::text[], %(days)s::int[]) AS p (id, days) ON p.id = d.pack
    CROSS JOIN LATERAL (SELECT d.pack || ':' || d.status = ANY(%(running)s::text[]) AS runs,
        (%(now)s::timestamptz AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS today,
        (d.due_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date AS due_on) r
    WHERE d.tenant = %(tenant)s AND d.created_at > '-infinity' AND d.status NOT IN (3, 9, 10) AND NOT d.mirrored
        AND (d.due_at < %(before)s OR d.status = 5
            OR (d.status = 2 AND d.received_at <= greatest(%(handed_before)s::timestamptz, %(returned_before)s::timestamptz)))
        AND (%(agencies)s::text[] IS NULL OR d.agency = ANY(%(agencies)s::text[]))
)

-- name: due
SELECT * FROM w WHERE cardinality(kinds) > 0 AND (%(kind)s = '' OR %(kind)s = ANY(kinds))
    AND (COALESCE(due_at, 'infinity'), code) > (%(after_due)s::timestamptz, %(after_code)s)
ORDER BY COALESCE(due_at, 'infinity'), code LIMIT %(limit)s;

-- name: due_counts
SELECT agency, kind, count(*) AS count, min(due_at) AS first_due FROM w CROSS JOIN LATERAL unnest(kinds) AS kind
GROUP BY 1, 2 ORDER BY 1, 2;

-- name: closed
SELECT period, closed_at, closed_by, pack FROM score_period WHERE tenant = %(tenant)s AND period = %(period)s;

-- name: closings
SELECT period, closed_at, closed_by FROM score_period WHERE tenant = %(tenant)s ORDER BY period DESC LIMIT %(limit)s;

-- name: closed_counts
SELECT agency, figure, mark, count, seconds FROM score_count
WHERE tenant = %(tenant)s AND period = %(period)s AND (%(agencies)s::text[] IS NULL OR agency = ANY(%(agencies)s::text[]))
ORDER BY 1, 2, 3;

-- name: close
-- No row comes back when it was closed before.
INSERT INTO score_period (tenant, period, closed_at, closed_by, pack)
VALUES (%(tenant)s, %(period)s, %(closed_at)s, %(closed_by)s, %(pack)s) ON CONFLICT DO NOTHING RETURNING period;

-- name: freeze
INSERT INTO score_count (tenant, period, agency, figure, mark, count, seconds)
SELECT %(tenant)s, %(period)s, n.* FROM unnest(%(agency)s::text[], %(figure)s::text[], %(mark)s::text[], %(count)s::bigint[],
    %(seconds)s::float8[]) AS n;
