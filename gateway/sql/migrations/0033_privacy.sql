-- What persons ask for about their data, and breaches. Who asked and what people wrote are sealed; a person is
-- recognised by a keyed digest of the number.

CREATE TABLE data_request (
    tenant        text        NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    kind          text        NOT NULL,
    subject       bytea       NOT NULL CHECK (octet_length(subject) = 32),
    person        bytea       NOT NULL,               -- number, name, contact and words
    third_party   boolean     NOT NULL,
    received_at   timestamptz NOT NULL,
    answer_due    timestamptz NOT NULL,
    done_due      timestamptz NOT NULL,
    registered_by text        NOT NULL,
    state         text        NOT NULL DEFAULT 'received'
        CHECK (state IN ('received', 'answered', 'done', 'refused')),
    answered_at   timestamptz,
    extended_at   timestamptz,
    ended_at      timestamptz,
    handled_by    text        NOT NULL DEFAULT '',
    reason        bytea,                              -- of the newest step
    erased        integer     NOT NULL DEFAULT 0,
    held          integer     NOT NULL DEFAULT 0,
    kept          integer     NOT NULL DEFAULT 0,
    PRIMARY KEY (tenant, id),
    CHECK ((state IN ('done', 'refused')) = (ended_at IS NOT NULL))
);

CREATE INDEX data_request_due ON data_request (tenant, done_due) WHERE ended_at IS NULL;
CREATE INDEX data_request_subject ON data_request (tenant, subject);

CREATE TRIGGER data_request_stays BEFORE DELETE ON data_request FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER data_request_ended BEFORE UPDATE ON data_request FOR EACH ROW
    WHEN (OLD.ended_at IS NOT NULL OR (OLD.kind, OLD.subject, OLD.received_at, OLD.answer_due, OLD.registered_by)
        IS DISTINCT FROM (NEW.kind, NEW.subject, NEW.received_at, NEW.answer_due, NEW.registered_by))
    EXECUTE FUNCTION refuse_change();

CREATE TABLE breach (
    tenant        text        NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    from_at       timestamptz NOT NULL,
    to_at         timestamptz NOT NULL CHECK (to_at >= from_at),
    discovered_at timestamptz NOT NULL,
    counts_from   text        NOT NULL CHECK (counts_from IN ('happened', 'discovered')),
    words         bytea       NOT NULL,
    due_at        timestamptz NOT NULL,
    registered_at timestamptz NOT NULL,
    registered_by text        NOT NULL,
    notified_at   timestamptz,
    closed_at     timestamptz,
    handled_by    text        NOT NULL DEFAULT '',
    late_reason   bytea,
    measures      bytea,
    PRIMARY KEY (tenant, id)
);

CREATE INDEX breach_due ON breach (tenant, due_at) WHERE closed_at IS NULL;

CREATE TRIGGER breach_stays BEFORE DELETE ON breach FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER breach_closed BEFORE UPDATE ON breach FOR EACH ROW
    WHEN (OLD.closed_at IS NOT NULL OR (OLD.from_at, OLD.to_at, OLD.discovered_at, OLD.counts_from, OLD.due_at)
        IS DISTINCT FROM (NEW.from_at, NEW.to_at, NEW.discovered_at, NEW.counts_from, NEW.due_at))
    EXECUTE FUNCTION refuse_change();
