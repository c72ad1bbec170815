-- name: add
INSERT INTO payment (tenant, payment_id, dossier_code, amount, currency, state, system, document, created_at, updated_at)
VALUES (%(tenant)s, %(payment_id)s, %(dossier_code)s, %(amount)s, %(currency)s, %(state)s, %(system)s, %(document)s,
        %(created_at)s, %(updated_at)s);

-- name: find
SELECT p.*, (SELECT count(*) FROM posting b WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id) AS postings
FROM payment p WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s;

-- name: lock
SELECT p.*, (SELECT count(*) FROM posting b WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id) AS postings
FROM payment p WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s FOR UPDATE OF p;

-- name: save
UPDATE payment SET state = %(state)s, pay_url = %(pay_url)s, transaction_id = %(transaction_id)s,
    paid_at = %(paid_at)s, notices = %(notices)s, updated_at = %(updated_at)s
WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s;

-- name: post
INSERT INTO posting (tenant, payment_id, system, transaction_id, amount, currency, source, posted_at)
VALUES (%(tenant)s, %(payment_id)s, %(system)s, %(transaction_id)s, %(amount)s, %(currency)s, %(source)s, %(posted_at)s)
ON CONFLICT DO NOTHING;

-- name: take
INSERT INTO inbox (tenant, system, event, key, received_at)
VALUES (%(tenant)s, %(system)s, %(event)s, %(key)s, %(now)s)
ON CONFLICT (tenant, system, event, key) DO UPDATE SET deliveries = inbox.deliveries + 1
RETURNING deliveries, result;

-- name: conclude
UPDATE inbox SET result = %(result)s
WHERE tenant = %(tenant)s AND system = %(system)s AND event = %(event)s AND key = %(key)s;

-- name: state_of
-- Paid once is paid; otherwise the newest attempt counts.
SELECT state FROM payment WHERE tenant = %(tenant)s AND dossier_code = %(code)s
ORDER BY (state = 'paid') DESC, created_at DESC LIMIT 1;

-- name: of_dossier
SELECT p.*, (SELECT count(*) FROM posting b WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id) AS postings
FROM payment p WHERE tenant = %(tenant)s AND dossier_code = %(code)s ORDER BY created_at, payment_id;
