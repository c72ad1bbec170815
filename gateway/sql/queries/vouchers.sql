-- name: add
INSERT INTO voucher (tenant, payment_id, sha256, rail, transaction_id, media_type, size, source, content, fetched_at)
VALUES (%(tenant)s, %(payment_id)s, %(sha256)s, %(rail)s, %(transaction_id)s, %(media_type)s, %(size)s, %(source)s,
    %(content)s, %(fetched_at)s)
ON CONFLICT (tenant, payment_id, sha256) DO NOTHING;

-- name: of_payment
SELECT tenant, payment_id, sha256, rail, transaction_id, media_type, size, source, fetched_at FROM voucher
WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s ORDER BY fetched_at, sha256;

-- name: content
SELECT content FROM voucher WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s AND sha256 = %(sha256)s;
