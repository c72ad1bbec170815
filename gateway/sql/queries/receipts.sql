-- name: add
INSERT INTO receipt (tenant, receipt_id, kind, payment_id, bill_id, dossier_code, unit, amount, currency, paid_at, due_at,
    state, supersedes, refund_id, content, try_at)
VALUES (%(tenant)s, %(receipt_id)s, %(kind)s, %(payment_id)s, %(bill_id)s, %(dossier_code)s, %(unit)s, %(amount)s,
    %(currency)s, %(paid_at)s, %(due_at)s, 'due', %(supersedes)s, %(refund_id)s, %(content)s, %(due_at)s)
ON CONFLICT (tenant, receipt_id) DO NOTHING;

-- name: find
SELECT * FROM receipt WHERE tenant = %(tenant)s AND receipt_id = %(receipt_id)s;

-- name: of_payment
SELECT * FROM receipt WHERE tenant = %(tenant)s AND payment_id = %(payment_id)s ORDER BY due_at, receipt_id;

-- name: by_code
SELECT * FROM receipt WHERE tenant = %(tenant)s AND lookup_code = %(lookup_code)s AND lookup_code <> '';

-- name: file
SELECT content FROM receipt_file WHERE tenant = %(tenant)s AND receipt_id = %(receipt_id)s;

-- name: next_due
SELECT r.* FROM receipt r
WHERE r.tenant = %(tenant)s AND r.state = 'due' AND r.try_at <= %(now)s AND (r.supersedes = '' OR EXISTS (
    SELECT FROM receipt e WHERE e.tenant = r.tenant AND e.receipt_id = r.supersedes AND e.state = 'issued'))
ORDER BY r.due_at, r.receipt_id LIMIT 1 FOR UPDATE OF r SKIP LOCKED;

-- name: issue
UPDATE receipt SET state = 'issued', issuer = %(issuer)s, form = %(form)s, symbol = %(symbol)s, number = %(number)s,
    issued_at = %(issued_at)s, lookup_code = %(lookup_code)s, sha256 = %(sha256)s, content = %(content)s, trouble = ''
WHERE tenant = %(tenant)s AND receipt_id = %(receipt_id)s AND state = 'due';

-- name: keep_file
INSERT INTO receipt_file (tenant, receipt_id, content) VALUES (%(tenant)s, %(receipt_id)s, %(file)s);

-- name: supersede
UPDATE receipt SET state = %(state)s WHERE tenant = %(tenant)s AND receipt_id = %(receipt_id)s AND state = 'issued';

-- name: postpone
UPDATE receipt SET try_at = %(until)s, trouble = %(trouble)s
WHERE tenant = %(tenant)s AND state = 'due' AND (receipt_id = %(receipt_id)s OR unit = %(unit)s);

-- name: hurry
UPDATE receipt SET try_at = %(now)s WHERE tenant = %(tenant)s AND state = 'due' AND try_at > %(now)s;

-- name: listed
SELECT * FROM receipt WHERE tenant = %(tenant)s AND (%(state)s::text IS NULL OR state = %(state)s)
ORDER BY due_at DESC, receipt_id DESC LIMIT %(limit)s;

-- name: turn
SELECT pg_advisory_xact_lock(hashtextextended('receipt numbers ' || %(tenant)s || ' ' || %(unit)s, 0));

-- name: add_range
INSERT INTO receipt_range (tenant, unit, issuer, form, symbol, first, last, used_to, registered_at)
SELECT %(tenant)s, %(unit)s, %(issuer)s, %(form)s, %(symbol)s, %(first)s, %(last)s, %(used_to)s, %(registered_at)s
WHERE NOT EXISTS (
    SELECT FROM receipt_range WHERE tenant = %(tenant)s AND unit = %(unit)s AND issuer = %(issuer)s AND form = %(form)s
        AND symbol = %(symbol)s AND used_to >= first AND first > %(first)s);

-- name: ranges_of
SELECT * FROM receipt_range WHERE tenant = %(tenant)s AND unit = %(unit)s AND issuer = %(issuer)s AND form = %(form)s
    AND symbol = %(symbol)s
ORDER BY first;

-- name: give
UPDATE receipt_range SET used_to = %(number)s
WHERE tenant = %(tenant)s AND issuer = %(issuer)s AND form = %(form)s AND symbol = %(symbol)s AND unit = %(unit)s
    AND first = %(first)s;

-- name: ranges
SELECT * FROM receipt_range WHERE tenant = %(tenant)s ORDER BY unit, symbol, issuer, form, first;

-- name: add_paper
INSERT INTO paper_receipt (tenant, dossier_code, kind, symbol, number, amount, day, recorded_at)
VALUES (%(tenant)s, %(dossier_code)s, %(kind)s, %(symbol)s, %(number)s, %(amount)s, %(day)s, %(recorded_at)s)
ON CONFLICT DO NOTHING;
