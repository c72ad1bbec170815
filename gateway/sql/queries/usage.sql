-- name: add
INSERT INTO client_usage AS u (tenant, client_id, span, began_at, n)
SELECT * FROM unnest(%(tenant)s::text[], %(client_id)s::text[], %(span)s::text[], %(began_at)s::timestamptz[],
                     %(n)s::bigint[])
 ORDER BY 1, 2, 3, 4
ON CONFLICT (tenant, client_id, span, began_at) DO UPDATE SET n = u.n + excluded.n
RETURNING tenant, client_id, span, began_at, n;

-- name: use
INSERT INTO client_right_used AS r (tenant, client_id, scope, last_on)
SELECT tenant, client_id, scope, max(last_on)
  FROM unnest(%(tenant)s::text[], %(client_id)s::text[], %(scope)s::text[], %(on)s::date[])
       AS u (tenant, client_id, scope, last_on)
 GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
ON CONFLICT (tenant, client_id, scope) DO UPDATE SET last_on = greatest(r.last_on, excluded.last_on);

-- name: now
SELECT client_id, span, n FROM client_usage
 WHERE tenant = %(tenant)s
   AND (span, began_at) IN (SELECT * FROM unnest(%(spans)s::text[], %(began)s::timestamptz[]));

-- name: last_days
SELECT client_id, max(began_at) AS began_at FROM client_usage
 WHERE tenant = %(tenant)s AND span = 'day' GROUP BY client_id;

-- name: rights
SELECT client_id, scope, last_on FROM client_right_used WHERE tenant = %(tenant)s;

-- name: expire
DELETE FROM client_usage
 WHERE (span = 'minute' AND began_at < %(minutes_before)s) OR (span = 'day' AND began_at < %(days_before)s);
