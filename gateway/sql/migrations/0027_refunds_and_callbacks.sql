-- Money that goes back to the payer. A row says how a refund stands; `document` (reason, decision, split) and `proof`
-- (who paid it back by hand, to which account) are sealed.
CREATE TABLE refund (
    tenant                text        NOT NULL,
    refund_id             text        NOT NULL CHECK (refund_id ~ '^[0-9A-Z]{1,20}$'),
    payment_id            text        NOT NULL,
    bill_id               text        NOT NULL,
    dossier_code          text        NOT NULL,
    rail                  text        NOT NULL,
    kind                  text        NOT NULL CHECK (kind IN ('whole', 'partial', 'excess')),
    way                   text        NOT NULL CHECK (way IN ('rail', 'by_hand')),
    amount                bigint      NOT NULL CHECK (amount > 0),
    currency              text        NOT NULL,
    state                 text        NOT NULL
        CHECK (state IN ('requested', 'approved', 'sent', 'pending', 'done', 'failed', 'cancelled')),
    refund_transaction_id text        NOT NULL DEFAULT '',
    trouble               text        NOT NULL DEFAULT '',
    created_at            timestamptz NOT NULL,
    updated_at            timestamptz NOT NULL,
    sent_at               timestamptz,
    done_at               timestamptz,
    document              bytea       NOT NULL,
    proof                 bytea,
    PRIMARY KEY (tenant, refund_id),
    CHECK ((state = 'done') = (done_at IS NOT NULL))
);

CREATE INDEX refund_by_payment ON refund (tenant, payment_id);
CREATE INDEX refund_by_bill ON refund (tenant, bill_id);
CREATE INDEX refund_under_way ON refund (tenant, rail) WHERE state IN ('sent', 'pending');
CREATE INDEX refund_newest ON refund (tenant, created_at);

-- Every state that a refund was in, and who put it there (PAY-16). Append-only.
CREATE TABLE refund_step (
    tenant    text        NOT NULL,
    refund_id text        NOT NULL,
    number    bigint      GENERATED ALWAYS AS IDENTITY,
    state     text        NOT NULL,
    at        timestamptz NOT NULL,
    actor     text        NOT NULL,
    PRIMARY KEY (tenant, refund_id, number),
    FOREIGN KEY (tenant, refund_id) REFERENCES refund (tenant, refund_id)
);

CREATE TRIGGER refund_step_append_only BEFORE UPDATE OR DELETE ON refund_step
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_refund_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a refund is never deleted, and one that was done never changes' USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER refund_is_kept BEFORE DELETE ON refund FOR EACH ROW EXECUTE FUNCTION refuse_refund_change();
CREATE TRIGGER refund_done_is_final BEFORE UPDATE ON refund
    FOR EACH ROW WHEN (OLD.state = 'done') EXECUTE FUNCTION refuse_refund_change();

-- What clients are told about money; it says nothing of a person. `number` is the order of telling; `owner` holds an
-- event until `lease_until`.
CREATE TABLE callback_event (
    tenant      text        NOT NULL,
    number      bigint      GENERATED ALWAYS AS IDENTITY,
    event_id    text        NOT NULL,
    client_id   text        NOT NULL,
    type        text        NOT NULL,
    subject     text        NOT NULL,
    agency_id   text        NOT NULL,
    reference   text        NOT NULL,
    trace_id    text        NOT NULL,
    body        bytea       NOT NULL,
    created_at  timestamptz NOT NULL,
    due         timestamptz,
    state       text        NOT NULL CHECK (state IN ('waiting', 'delivered', 'given_up')),
    tries       integer     NOT NULL DEFAULT 0,
    trouble     text        NOT NULL DEFAULT '',
    owner       text        NOT NULL DEFAULT '',
    lease_until timestamptz,
    PRIMARY KEY (tenant, number),
    UNIQUE (tenant, client_id, event_id),
    CHECK ((state = 'waiting') = (due IS NOT NULL))
);

CREATE INDEX callback_event_due ON callback_event (tenant, due) WHERE state = 'waiting';
CREATE INDEX callback_event_order ON callback_event (tenant, client_id, subject, number) WHERE state = 'waiting';
CREATE INDEX callback_event_old ON callback_event (tenant, created_at) WHERE state <> 'waiting';
