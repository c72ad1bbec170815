-- name: add_bills
INSERT INTO bill (tenant, bill_id, dossier_code, amount, currency, state, matter, beneficiary, document, created_at, updated_at)
SELECT * FROM unnest(%(tenant)s::text[], %(bill_id)s::text[], %(dossier_code)s::text[], %(amount)s::bigint[],
    %(currency)s::text[], %(state)s::text[], %(matter)s::text[], %(beneficiary)s::text[], %(document)s::bytea[],
    %(created_at)s::timestamptz[], %(updated_at)s::timestamptz[]);

-- name: find_bill
SELECT * FROM bill WHERE tenant = %(tenant)s AND bill_id = %(bill_id)s;

-- name: lock_bill
SELECT * FROM bill WHERE tenant = %(tenant)s AND bill_id = %(bill_id)s FOR UPDATE;

-- name: save_bill
UPDATE bill SET state = %(state)s, updated_at = %(updated_at)s WHERE tenant = %(tenant)s AND bill_id = %(bill_id)s;

-- name: bills_of_dossier
SELECT * FROM bill WHERE tenant = %(tenant)s AND dossier_code = %(code)s ORDER BY created_at, bill_id;

-- name: lock_dossiers
-- In one order, so that nobody waits in a circle.
SELECT pg_advisory_xact_lock(n.lock) FROM (
    SELECT DISTINCT hashtextextended(%(tenant)s || '/bills of/' || code, 0) AS lock
    FROM unnest(%(codes)s::text[]) AS code ORDER BY lock
) n;

-- name: lock_bills
SELECT * FROM bill
WHERE tenant = %(tenant)s AND bill_id = ANY(%(ids)s::text[] || ARRAY(
    SELECT bill_id FROM bill WHERE tenant = %(tenant)s AND dossier_code = ANY(%(codes)s::text[])))
ORDER BY created_at, bill_id FOR UPDATE;

-- name: add
INSERT INTO payment (tenant, payment_id, bill_id, dossier_code, amount, currency, state, system, reference, pay_url,
                     transaction_id, document, excess, notices, paid_at, created_at, updated_at)
SELECT * FROM unnest(%(tenant)s::text[], %(payment_id)s::text[], %(bill_id)s::text[], %(dossier_code)s::text[],
    %(amount)s::bigint[], %(currency)s::text[], %(state)s::text[], %(system)s::text[], %(reference)s::text[],
    %(pay_url)s::text[], %(transaction_id)s::text[], %(document)s::bytea[], %(excess)s::boolean[], %(notices)s::bigint[],
    %(paid_at)s::timestamptz[], %(created_at)s::timestamptz[], %(updated_at)s::timestamptz[]);

-- name: several
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND payment_id = ANY(%(payment_ids)s::text[]);

-- name: told
-- What INIT told, unless a notice was faster.
UPDATE payment p SET state = CASE p.state WHEN 'created' THEN n.state ELSE p.state END,
    pay_url = CASE n.pay_url WHEN '' THEN p.pay_url ELSE n.pay_url END, updated_at = %(at)s
FROM unnest(%(payment_id)s::text[], %(state)s::text[], %(pay_url)s::text[]) AS n (payment_id, state, pay_url)
WHERE p.tenant = %(tenant)s AND p.payment_id = n.payment_id
RETURNING p.payment_id, p.state, p.pay_url, p.transaction_id, p.excess, p.paid_at, p.notices,
    (SELECT count(*) FROM book_entry b
     WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings;

-- name: find
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s;

-- name: lock
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s FOR UPDATE OF p;

-- name: by_reference
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND system = %(system)s AND reference = %(reference)s;

-- name: by_references
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND system = %(system)s AND reference = ANY(%(references)s);

-- name: open_on
SELECT p.*, 0 AS postings FROM payment p
WHERE tenant = %(tenant)s AND system = %(system)s AND state <> 'paid' AND state IN ('created', 'opened', 'pending', 'unknown')
  AND created_at >= %(since)s AND created_at < %(until)s
ORDER BY created_at, payment_id;

-- name: ended_on
SELECT p.*, 0 AS postings FROM payment p
WHERE tenant = %(tenant)s AND system = %(system)s AND state <> 'paid' AND state IN ('failed', 'expired')
  AND created_at >= %(since)s AND created_at < %(until)s
ORDER BY created_at, payment_id;

-- name: save
UPDATE payment SET state = %(state)s, pay_url = %(pay_url)s, transaction_id = %(transaction_id)s, excess = %(excess)s,
    paid_at = %(paid_at)s, notices = %(notices)s, updated_at = %(updated_at)s
WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s;

-- name: enter
INSERT INTO book_entry (tenant, entry_id, kind, rail, transaction_id, bill_id, payment_id, refund_id, currency, day,
                        occurred_at, posted_at, source)
VALUES (%(tenant)s, %(entry_id)s, %(kind)s, %(rail)s, %(transaction_id)s, %(bill_id)s, %(payment_id)s, %(refund_id)s,
        %(currency)s, %(day)s, %(occurred_at)s, %(posted_at)s, %(source)s)
ON CONFLICT DO NOTHING;

-- name: enter_lines
INSERT INTO book_line (tenant, entry_id, place, account, party, amount)
SELECT %(tenant)s, %(entry_id)s, * FROM unnest(%(place)s::smallint[], %(account)s::text[], %(party)s::text[], %(amount)s::bigint[]);

-- name: of_days
-- A page of a rail's movements, behind the last one of the page before.
SELECT e.entry_id, e.kind, e.rail, p.reference, e.transaction_id, e.payment_id, e.bill_id, p.dossier_code, e.refund_id,
       e.currency, e.day, e.occurred_at, b.beneficiary, l.amount, l.fee, l.charge
FROM book_entry e
JOIN payment p USING (tenant, payment_id)
JOIN bill b ON b.tenant = e.tenant AND b.bill_id = e.bill_id
CROSS JOIN LATERAL (
    SELECT coalesce(sum(amount) FILTER (WHERE account = 'rail'), 0)::bigint AS amount,
           coalesce(-sum(amount) FILTER (WHERE account = 'fee'), 0)::bigint AS fee,
           coalesce(-sum(amount) FILTER (WHERE account = 'charge'), 0)::bigint AS charge
    FROM book_line WHERE tenant = e.tenant AND entry_id = e.entry_id) l
WHERE e.tenant = %(tenant)s AND e.rail = %(rail)s AND e.day BETWEEN %(first)s AND %(last)s
  AND (e.day, e.transaction_id, e.entry_id) > (%(after_day)s::date, %(after)s, %(after_id)s)
ORDER BY e.day, e.transaction_id, e.entry_id LIMIT %(limit)s;

-- name: sums
SELECT e.day, count(*) AS count, sum(l.amount)::bigint AS amount
FROM book_entry e JOIN book_line l USING (tenant, entry_id)
WHERE e.tenant = %(tenant)s AND e.rail = %(rail)s AND e.day BETWEEN %(first)s AND %(last)s AND l.account = 'rail'
GROUP BY e.day;

-- name: balance
SELECT coalesce(sum(amount), 0)::bigint AS balance FROM book_line WHERE tenant = %(tenant)s;

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
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND dossier_code = %(code)s ORDER BY created_at, payment_id;

-- name: of_bill
SELECT p.*, (SELECT count(*) FROM book_entry b
             WHERE b.tenant = p.tenant AND b.payment_id = p.payment_id AND b.kind = 'collection') AS postings
FROM payment p WHERE tenant = %(tenant)s AND bill_id = %(bill_id)s ORDER BY created_at, payment_id;
