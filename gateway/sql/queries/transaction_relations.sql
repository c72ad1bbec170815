-- name: related
-- A dossier leads to its money; a payment, or a number that the rail gave it, to itself, its bill and its refunds.
WITH paid AS (
    SELECT payment_id, reference, bill_id FROM payment WHERE tenant = %(tenant)s AND payment_id = %(code)s
    UNION SELECT payment_id, reference, bill_id FROM payment WHERE tenant = %(tenant)s AND reference = %(code)s
    UNION SELECT payment_id, reference, bill_id FROM payment WHERE tenant = %(tenant)s AND bill_id = %(code)s
    UNION (SELECT payment_id, reference, bill_id FROM payment WHERE tenant = %(tenant)s AND dossier_code = %(code)s LIMIT 20)
    UNION SELECT payment_id, reference, bill_id FROM payment
        WHERE tenant = %(tenant)s AND transaction_id = %(code)s AND transaction_id <> ''
    UNION SELECT payment_id, payment_id, bill_id FROM book_entry WHERE tenant = %(tenant)s AND transaction_id = %(code)s
), back AS (
    SELECT refund_id FROM refund WHERE tenant = %(tenant)s AND payment_id IN (SELECT payment_id FROM paid)
    UNION SELECT refund_id FROM refund
        WHERE tenant = %(tenant)s AND refund_transaction_id = %(code)s AND refund_transaction_id <> ''
)
SELECT DISTINCT n.reference FROM (
    SELECT payment_id AS reference FROM paid
    UNION ALL SELECT reference FROM paid
    UNION ALL SELECT bill_id FROM paid
    UNION ALL SELECT refund_id FROM back
    UNION ALL SELECT receipt_id FROM receipt WHERE tenant = %(tenant)s AND payment_id IN (SELECT payment_id FROM paid)
    UNION ALL SELECT bill_id FROM bill WHERE tenant = %(tenant)s AND dossier_code = %(code)s
    UNION ALL SELECT dossier_code FROM recheck WHERE tenant = %(tenant)s AND recheck_id = %(code)s
    UNION ALL SELECT reference FROM callback_event WHERE tenant = %(tenant)s AND event_id = %(code)s
) AS n WHERE n.reference NOT IN ('', %(code)s) ORDER BY n.reference LIMIT 40;

-- name: told
-- The streams whose target told this number in an answer (the id that it gave to a dossier).
SELECT key AS reference FROM stream
WHERE jsonb_path_query_array(known, '$.*') @> to_jsonb(%(code)s::text) AND known <> '{}' AND tenant = %(tenant)s LIMIT 10;

-- name: waiting
SELECT * FROM (
    (SELECT 'recheck' AS kind, 'due' AS state, dossier_code AS reference, operation AS to, due AS at, tries, trouble
     FROM recheck WHERE tenant = %(tenant)s AND due IS NOT NULL AND dossier_code = ANY(%(references)s::text[])
     ORDER BY due LIMIT 20)
    UNION ALL
    (SELECT 'callback', CASE state WHEN 'waiting' THEN 'due' ELSE 'given_up' END, reference, client_id, due, tries, trouble
     FROM callback_event
     WHERE tenant = %(tenant)s AND state <> 'delivered' AND reference = ANY(%(references)s::text[])
     ORDER BY number DESC LIMIT 20)
) AS n ORDER BY n.at NULLS LAST;
