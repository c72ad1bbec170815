-- Searching transactions, newest first. Each index ends with the order of the list, so that a page is read off it and
-- nothing is sorted. What is looked for by itself (a dossier, a trace, a call) has its own; of what many rows share,
-- faults are the rare and the wanted: rows without fault do not stand in that index.
CREATE INDEX transaction_time ON transaction (tenant, recorded_at, index);
CREATE INDEX transaction_reference ON transaction (tenant, reference, recorded_at, index) WHERE reference <> '';
CREATE INDEX transaction_trace ON transaction (tenant, trace_id, recorded_at, index);
CREATE INDEX transaction_call ON transaction (tenant, call_id, recorded_at, index) WHERE call_id <> '';
CREATE INDEX transaction_fault ON transaction (tenant, fault, recorded_at, index) WHERE fault <> 'none';
CREATE INDEX transaction_system ON transaction (tenant, system, recorded_at, index) WHERE system <> '';
CREATE INDEX transaction_operation ON transaction (tenant, operation, recorded_at, index);
CREATE INDEX transaction_actor ON transaction (tenant, actor, recorded_at, index);

-- The numbers that lead to a transaction: those that rails and national systems gave.
CREATE INDEX payment_by_transaction ON payment (tenant, transaction_id) WHERE transaction_id <> '';
CREATE INDEX payment_by_own_reference ON payment (tenant, reference);
CREATE INDEX book_entry_by_transaction ON book_entry (tenant, transaction_id);
CREATE INDEX refund_by_transaction ON refund (tenant, refund_transaction_id) WHERE refund_transaction_id <> '';
CREATE INDEX stream_told ON stream USING gin (jsonb_path_query_array(known, '$.*')) WHERE known <> '{}';
CREATE INDEX callback_event_id ON callback_event (tenant, event_id);

-- What still happens by itself about a reference.
CREATE INDEX recheck_waits ON recheck (tenant, dossier_code) WHERE due IS NOT NULL;
CREATE INDEX callback_event_not_told ON callback_event (tenant, reference) WHERE state <> 'delivered';
