-- name: add
INSERT INTO shadow_comparison (tenant, at, system, operation, used, tried, call_id, how, fields)
VALUES (%(tenant)s, %(at)s, %(system)s, %(operation)s, %(used)s, %(tried)s, %(call_id)s, %(how)s, %(fields)s);

-- name: counts
WITH found AS (
    SELECT operation, used, tried, how, fields FROM shadow_comparison WHERE tenant = %(tenant)s AND at >= %(since)s
), named AS (
    SELECT operation, used, tried, how, jsonb_object_agg(name, times) AS fields
    FROM (
        SELECT operation, used, tried, how, name, count(*) AS times
        FROM found CROSS JOIN LATERAL unnest(fields) AS name GROUP BY operation, used, tried, how, name
    ) AS each GROUP BY operation, used, tried, how
)
SELECT f.operation, f.used, f.tried, f.how, count(*) AS count, coalesce(n.fields, '{}'::jsonb) AS fields
FROM found f LEFT JOIN named n USING (operation, used, tried, how)
GROUP BY f.operation, f.used, f.tried, f.how, n.fields
ORDER BY f.operation, f.used, f.tried, f.how;

-- name: differing
SELECT tenant, at, system, operation, used, tried, call_id, how, fields FROM shadow_comparison
WHERE tenant = %(tenant)s AND at >= %(since)s AND how <> 'same'
ORDER BY at DESC, id DESC LIMIT %(most)s;
