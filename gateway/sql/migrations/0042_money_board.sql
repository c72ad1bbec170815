-- The payment board (KPI-12) and its lists: what is counted and paged through by time stands in an index, with the figures
-- that are added up, so that a month of payments is read without its sealed documents.
CREATE INDEX bill_newest ON bill (tenant, created_at, bill_id) INCLUDE (state, amount);
CREATE INDEX payment_newest ON payment (tenant, created_at, payment_id) INCLUDE (state, amount);
CREATE INDEX payment_paid ON payment (tenant, paid_at, payment_id) INCLUDE (amount, excess, system) WHERE state = 'paid';
CREATE INDEX refund_state ON refund (tenant, state, updated_at);
CREATE INDEX money_case_resolved ON money_case (tenant, resolved_at) WHERE resolved_at IS NOT NULL;
CREATE INDEX money_finding_open ON money_finding (tenant, day) WHERE cleared_at IS NULL AND case_id IS NULL;
CREATE INDEX receipt_issued ON receipt (tenant, issued_at, receipt_id) INCLUDE (state, amount) WHERE issued_at IS NOT NULL;
CREATE INDEX paper_receipt_newest ON paper_receipt (tenant, recorded_at);

-- What a target has not learnt yet is little beside all that it ever did.
CREATE INDEX stream_behind ON stream (tenant, target, key) WHERE head < tail;
