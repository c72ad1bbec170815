-- Each statement but the last two is a pile: it is counted, added up and paged through by `postgres_piles`, always with the
-- same rows, so that a figure is the length of the list that it opens. Columns: id, at, state, kind, about, rail,
-- amount, note.

-- name: bills
SELECT bill_id AS id, created_at AS at, state, '' AS kind, dossier_code AS about, '' AS rail, amount, beneficiary AS note
FROM bill
WHERE tenant = %(tenant)s AND created_at >= %(since)s AND created_at < %(until)s
    AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s)) AND (%(dossier)s = '' OR dossier_code = %(dossier)s);

-- name: paid
SELECT payment_id AS id, paid_at AS at, state, CASE WHEN excess THEN 'excess' ELSE 'first' END AS kind,
    dossier_code AS about, system AS rail, amount, transaction_id AS note
FROM payment
WHERE tenant = %(tenant)s AND state = 'paid' AND paid_at >= %(since)s AND paid_at < %(until)s
    AND (%(kind)s = '' OR excess = (%(kind)s = 'excess')) AND (%(rail)s = '' OR system = %(rail)s)
    AND (%(dossier)s = '' OR dossier_code = %(dossier)s);

-- name: attempts
SELECT payment_id AS id, created_at AS at, state, CASE WHEN excess THEN 'excess' ELSE 'first' END AS kind,
    dossier_code AS about, system AS rail, amount, transaction_id AS note
FROM payment
WHERE tenant = %(tenant)s AND created_at >= %(since)s AND created_at < %(until)s
    AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s)) AND (%(rail)s = '' OR system = %(rail)s)
    AND (%(dossier)s = '' OR dossier_code = %(dossier)s);

-- name: refunds
-- Sent without a clear answer is `unknown`, as `refunds.service` shows it.
SELECT * FROM (
    SELECT r.refund_id AS id, r.updated_at AS at,
        CASE WHEN r.state = 'sent' AND s.doubt > s.head THEN 'unknown' ELSE r.state END AS state, r.kind,
        r.dossier_code AS about, r.rail, r.amount, r.way AS note
    FROM refund r
    LEFT JOIN stream s ON r.state = 'sent' AND s.tenant = r.tenant AND s.target = r.rail
        AND s.key = 'refund:' || r.refund_id
    WHERE r.tenant = %(tenant)s AND (%(stored)s::text[] IS NULL OR r.state = ANY(%(stored)s))
        AND r.updated_at >= %(since)s AND r.updated_at < %(until)s AND (%(rail)s = '' OR r.rail = %(rail)s)) seen
WHERE %(states)s::text[] IS NULL OR state = ANY(%(states)s);

-- name: cases_open
SELECT id::text AS id, due_at AS at, 'open' AS state, kind, about, rail,
    coalesce((facts ->> CASE 'number' WHEN jsonb_typeof(facts -> 'listed_amount') THEN 'listed_amount'
                                      WHEN jsonb_typeof(facts -> 'amount') THEN 'amount' END)::numeric, 0) AS amount,
    owner AS note
FROM money_case
WHERE tenant = %(tenant)s AND resolved_at IS NULL AND (%(kind)s = '' OR kind = %(kind)s)
    AND (%(rail)s = '' OR rail = %(rail)s) AND (%(owner)s = '' OR owner = %(owner)s)
    AND (NOT %(late)s OR due_at < %(now)s);

-- name: cases_resolved
SELECT id::text AS id, resolved_at AS at, 'resolved' AS state, kind, about, rail,
    coalesce((facts ->> CASE 'number' WHEN jsonb_typeof(facts -> 'listed_amount') THEN 'listed_amount'
                                      WHEN jsonb_typeof(facts -> 'amount') THEN 'amount' END)::numeric, 0) AS amount,
    owner AS note
FROM money_case
WHERE tenant = %(tenant)s AND resolved_at IS NOT NULL AND resolved_at >= %(since)s AND resolved_at < %(until)s
    AND (%(kind)s = '' OR kind = %(kind)s) AND (%(rail)s = '' OR rail = %(rail)s)
    AND (%(owner)s = '' OR owner = %(owner)s);

-- name: findings
-- Unmatched and without a case: a rail may still show them, or the day was never compared to its end.
SELECT rail || '|' || day || '|' || key AS id, found_at AS at, 'open' AS state, kind, reference AS about, rail,
    coalesce((facts ->> CASE 'number' WHEN jsonb_typeof(facts -> 'listed_amount') THEN 'listed_amount'
                                      WHEN jsonb_typeof(facts -> 'amount') THEN 'amount' END)::numeric, 0) AS amount,
    day::text AS note
FROM money_finding
WHERE tenant = %(tenant)s AND cleared_at IS NULL AND case_id IS NULL AND (kind <> 'late' OR linked_day IS NOT NULL);

-- name: day_findings
SELECT f.key AS id, f.found_at AS at,
    CASE WHEN f.cleared_at IS NOT NULL THEN 'cleared' WHEN f.kind = 'late' AND f.linked_day IS NULL THEN 'late'
         WHEN f.case_id IS NULL THEN 'no_case' WHEN c.resolved_at IS NULL THEN 'case_open' ELSE 'case_resolved' END AS state,
    f.kind, f.reference AS about, f.rail,
    coalesce((f.facts ->> CASE 'number' WHEN jsonb_typeof(f.facts -> 'listed_amount') THEN 'listed_amount'
                                        WHEN jsonb_typeof(f.facts -> 'amount') THEN 'amount' END)::numeric, 0) AS amount,
    coalesce(f.case_id::text, '') AS note
FROM money_finding f LEFT JOIN money_case c ON c.tenant = f.tenant AND c.id = f.case_id
WHERE f.tenant = %(tenant)s AND f.rail = %(rail)s AND f.day = %(day)s AND (%(kind)s = '' OR f.kind = %(kind)s);

-- name: receipts
SELECT receipt_id AS id, issued_at AS at, state, kind, dossier_code AS about, unit AS rail, amount,
    symbol || '-' || number AS note
FROM receipt
WHERE tenant = %(tenant)s AND issued_at IS NOT NULL AND issued_at >= %(since)s AND issued_at < %(until)s
    AND (%(states)s::text[] IS NULL OR state = ANY(%(states)s)) AND (%(dossier)s = '' OR dossier_code = %(dossier)s);

-- name: receipts_due
SELECT receipt_id AS id, due_at AS at, state, kind, dossier_code AS about, unit AS rail, amount, trouble AS note
FROM receipt WHERE tenant = %(tenant)s AND state = 'due';

-- name: receipts_waiting
-- Issued, and the tax authority has not taken its message yet. The receipts of one part of a payment are one stream, in
-- order: the newest receipt is its last message. OFFSET 0: what waits leads to its receipts, however many there are.
SELECT r.receipt_id AS id, r.issued_at AS at, CASE WHEN s.held THEN 'held' ELSE 'waiting' END AS state, r.kind,
    r.dossier_code AS about, r.unit AS rail, r.amount, s.trouble_code AS note
FROM stream s
CROSS JOIN LATERAL (
    SELECT *, count(*) OVER (ORDER BY issued_at DESC) - 1 AS later FROM receipt
    WHERE tenant = s.tenant AND payment_id = split_part(substr(s.key, 9), '-', 1) AND issued_at IS NOT NULL
        AND kind = CASE split_part(s.key, '-', 2) WHEN 'F' THEN 'fee' ELSE 'charge' END
    OFFSET 0) r
WHERE s.tenant = %(tenant)s AND s.target = %(target)s AND s.head < s.tail AND (s.due IS NOT NULL OR s.held) AND s.key LIKE 'receipt:%%'
    AND r.issued_at >= %(since)s AND r.issued_at < %(until)s AND s.head < s.tail - r.later;

-- name: receipts_untold
-- Issued while nobody was configured to be told: no message was ever written. OFFSET 0: the receipts of the days lead to
-- their streams, however many there are.
SELECT r.receipt_id AS id, r.issued_at AS at, r.state, r.kind, r.dossier_code AS about, r.unit AS rail, r.amount,
    r.symbol || '-' || r.number AS note
FROM receipt r
LEFT JOIN LATERAL (
    SELECT tail FROM stream
    WHERE tenant = r.tenant AND target = %(target)s
        AND key = 'receipt:' || r.payment_id || '-' || CASE r.kind WHEN 'fee' THEN 'F' ELSE 'C' END
    OFFSET 0) s ON true
WHERE r.tenant = %(tenant)s AND r.issued_at IS NOT NULL AND r.issued_at >= %(since)s AND r.issued_at < %(until)s
    AND (s.tail IS NULL OR (r.state <> 'issued' AND s.tail <= (
        SELECT count(*) FROM receipt l WHERE l.tenant = r.tenant AND l.payment_id = r.payment_id AND l.kind = r.kind
            AND l.issued_at > r.issued_at)));

-- name: papers
SELECT symbol || ':' || number AS id, recorded_at AS at, 'paper' AS state, kind, dossier_code AS about, '' AS rail,
    amount, day::text AS note
FROM paper_receipt
WHERE tenant = %(tenant)s AND recorded_at >= %(since)s AND recorded_at < %(until)s;

-- name: is_told
SELECT coalesce(s.tail > l.later AND s.head >= s.tail - l.later, false) AS told
FROM receipt r
CROSS JOIN LATERAL (
    SELECT count(*) AS later FROM receipt l WHERE l.tenant = r.tenant AND l.payment_id = r.payment_id AND l.kind = r.kind
        AND l.issued_at > r.issued_at) l
LEFT JOIN stream s ON s.tenant = r.tenant AND s.target = %(target)s
    AND s.key = 'receipt:' || r.payment_id || '-' || CASE r.kind WHEN 'fee' THEN 'F' ELSE 'C' END
WHERE r.tenant = %(tenant)s AND r.receipt_id = %(receipt_id)s AND r.issued_at IS NOT NULL;

-- name: entries
SELECT e.*, l.account, l.party, l.amount
FROM book_entry e JOIN book_line l USING (tenant, entry_id)
WHERE e.tenant = %(tenant)s AND e.payment_id = %(payment_id)s ORDER BY e.posted_at, e.entry_id, l.place LIMIT 300;
