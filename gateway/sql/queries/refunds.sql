-- name: add
INSERT INTO refund (tenant, refund_id, payment_id, bill_id, dossier_code, rail, kind, way, amount, currency, state,
    refund_transaction_id, trouble, created_at, updated_at, sent_at, done_at, document, proof)
VALUES (%(tenant)s, %(refund_id)s, %(payment_id)s, %(bill_id)s, %(dossier_code)s, %(rail)s, %(kind)s, %(way)s,
    %(amount)s, %(currency)s, %(state)s, %(refund_transaction_id)s, %(trouble)s, %(created_at)s, %(updated_at)s,
    %(sent_at)s, %(done_at)s, %(document)s, %(proof)s);

-- name: save
UPDATE refund SET way = %(way)s, state = %(state)s, refund_transaction_id = %(refund_transaction_id)s,
    trouble = %(trouble)s, updated_at = %(updated_at)s, sent_at = %(sent_at)s, done_at = %(done_at)s,
    document = %(document)s, proof = %(proof)s
WHERE tenant = %(tenant)s AND refund_id = %(refund_id)s;

-- name: step
INSERT INTO refund_step (tenant, refund_id, state, at, actor)
VALUES (%(tenant)s, %(refund_id)s, %(state)s, %(updated_at)s, %(actor)s);

-- name: find
SELECT * FROM refund WHERE tenant = %(tenant)s AND refund_id = %(refund_id)s;

-- name: of_bill
SELECT * FROM refund WHERE tenant = %(tenant)s AND bill_id = %(bill_id)s ORDER BY created_at, refund_id;

-- name: under_way
SELECT * FROM refund WHERE tenant = %(tenant)s AND rail = %(rail)s AND state IN ('sent', 'pending')
ORDER BY created_at, refund_id;

-- name: steps
SELECT state, at, actor FROM refund_step WHERE tenant = %(tenant)s AND refund_id = %(refund_id)s ORDER BY number;

-- name: latest
SELECT * FROM refund WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY created_at DESC, refund_id DESC LIMIT %(limit)s;
