-- name: begin
INSERT INTO money_day (tenant, rail, day, view, began_at) VALUES (%(tenant)s, %(rail)s, %(day)s, %(view)s, %(began_at)s)
ON CONFLICT (tenant, rail, day) DO UPDATE SET view = excluded.view, began_at = excluded.began_at, runs = money_day.runs + 1
RETURNING *;

-- name: conclude
UPDATE money_day SET ended_at = %(ended_at)s, counts = %(counts)s, totals = %(totals)s
WHERE tenant = %(tenant)s AND rail = %(rail)s AND day = %(day)s;

-- name: find
SELECT * FROM money_day WHERE tenant = %(tenant)s AND rail = %(rail)s AND day = %(day)s;

-- name: between
SELECT * FROM money_day WHERE tenant = %(tenant)s AND day BETWEEN %(first)s AND %(last)s ORDER BY day, rail;

-- name: close
UPDATE money_day SET closed_at = %(now)s, closed = %(closed)s
WHERE tenant = %(tenant)s AND rail = %(rail)s AND day = %(day)s AND ended_at IS NOT NULL AND closed_at IS NULL RETURNING *;

-- name: put
INSERT INTO money_finding (tenant, rail, day, key, kind, reference, facts, linked_day, posted, case_id, found_at)
VALUES (%(tenant)s, %(rail)s, %(day)s, %(key)s, %(kind)s, %(reference)s, %(facts)s, %(linked_day)s, %(posted)s,
    %(case_id)s, %(found_at)s)
ON CONFLICT (tenant, rail, day, key) DO UPDATE SET
    kind = excluded.kind, reference = excluded.reference, facts = excluded.facts, linked_day = excluded.linked_day,
    posted = money_finding.posted OR excluded.posted, case_id = COALESCE(excluded.case_id, money_finding.case_id),
    cleared_at = NULL
RETURNING *;

-- name: clear
UPDATE money_finding SET cleared_at = %(now)s
WHERE tenant = %(tenant)s AND rail = %(rail)s AND day = %(day)s AND key = ANY(%(keys)s) AND cleared_at IS NULL;

-- name: findings
SELECT * FROM money_finding
WHERE tenant = %(tenant)s AND rail = %(rail)s AND day BETWEEN %(first)s AND %(last)s ORDER BY day, key;

-- name: file
INSERT INTO statement_file (tenant, account, sha256, lines, first_day, last_day, imported_at, imported_by)
VALUES (%(tenant)s, %(account)s, %(sha256)s, %(lines)s, %(first)s, %(last)s, %(now)s, %(by)s)
ON CONFLICT DO NOTHING;

-- name: lines
INSERT INTO statement_line (tenant, account, key, day, transaction_id, reference, amount, content, file)
SELECT %(tenant)s, %(account)s, key, day, transaction_id, reference, amount, content, %(file)s
FROM unnest(%(key)s::text[], %(day)s::date[], %(transaction_id)s::text[], %(reference)s::text[], %(amount)s::bigint[],
    %(content)s::bytea[]) AS line (key, day, transaction_id, reference, amount, content)
ON CONFLICT DO NOTHING;

-- name: covered
SELECT account, max(last_day) AS last_day FROM statement_file WHERE tenant = %(tenant)s GROUP BY account;

-- name: of_days
SELECT account, key, day, transaction_id, reference, amount FROM statement_line
WHERE tenant = %(tenant)s AND day <= %(last)s AND (day, key) > (%(day)s::date, %(key)s)
ORDER BY day, key LIMIT %(limit)s;
