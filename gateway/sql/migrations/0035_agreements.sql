-- Sharing agreements, and requests of others to be connected. What a person wrote as a reason is sealed.

CREATE TABLE agreement (
    tenant        text        NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    number        text        NOT NULL,
    system        text        NOT NULL,
    operations    text[]      NOT NULL,               -- none: every one
    terms         jsonb       NOT NULL,               -- parties, purpose, basis, fields, contact, handling
    since         date        NOT NULL,
    until         date,                               -- the last day
    registered_at timestamptz NOT NULL,
    registered_by text        NOT NULL,
    suspended_at  timestamptz,
    suspended     bytea,                              -- by whom and why
    told          integer,                            -- the last warning, in days ahead of the end
    PRIMARY KEY (tenant, id),
    UNIQUE (tenant, number),
    CHECK (until IS NULL OR until >= since)
);

CREATE INDEX agreement_system ON agreement (tenant, system);

-- The end moves and a person may suspend it; what was signed stays.
CREATE TRIGGER agreement_stays BEFORE DELETE ON agreement FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER agreement_as_signed BEFORE UPDATE ON agreement FOR EACH ROW
    WHEN ((OLD.number, OLD.system, OLD.operations, OLD.terms, OLD.since, OLD.registered_at, OLD.registered_by)
        IS DISTINCT FROM
        (NEW.number, NEW.system, NEW.operations, NEW.terms, NEW.since, NEW.registered_at, NEW.registered_by))
    EXECUTE FUNCTION refuse_change();

CREATE TABLE access_request (
    tenant        text        NOT NULL,
    id            bigint      GENERATED ALWAYS AS IDENTITY,
    wanted        jsonb       NOT NULL,
    received_at   timestamptz NOT NULL,
    due_at        timestamptz NOT NULL,
    registered_by text        NOT NULL,
    state         text        NOT NULL DEFAULT 'received' CHECK (state IN ('received', 'granted', 'refused')),
    decided_at    timestamptz,
    decided       bytea,                              -- by whom and why
    agreement     bigint,
    PRIMARY KEY (tenant, id),
    FOREIGN KEY (tenant, agreement) REFERENCES agreement (tenant, id),
    CHECK ((state = 'received') = (decided_at IS NULL)),
    CHECK (state <> 'granted' OR agreement IS NOT NULL)
);

CREATE INDEX access_request_due ON access_request (tenant, due_at) WHERE state = 'received';

CREATE TRIGGER access_request_stays BEFORE DELETE ON access_request FOR EACH ROW EXECUTE FUNCTION refuse_change();
CREATE TRIGGER access_request_decided_once BEFORE UPDATE ON access_request FOR EACH ROW
    WHEN (OLD.state <> 'received') EXECUTE FUNCTION refuse_change();
