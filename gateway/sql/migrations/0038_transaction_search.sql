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
