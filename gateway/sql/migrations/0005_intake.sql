-- What the gateway took in: dossiers and their events, payments, and messages from national systems.
-- Documents hold personal data and are sealed; what a person searches by stands beside them.

CREATE TABLE dossier (
    tenant        text        NOT NULL,
    code          text        NOT NULL,
    version       bigint      NOT NULL,
    status        smallint    NOT NULL CHECK (status BETWEEN 1 AND 10),
    document      bytea       NOT NULL,
    last_event_at timestamptz,
    created_at    timestamptz NOT NULL,
    updated_at    timestamptz NOT NULL,
    PRIMARY KEY (tenant, code)
);

-- Append-only history (DOS-16). The dossier row is locked while an event is added, which keeps event_id unique.
CREATE TABLE dossier_event (
    tenant      text        NOT NULL,
    code        text        NOT NULL,
    version     bigint      NOT NULL,
    recorded_at timestamptz NOT NULL,
    event_id    text        NOT NULL,
    status      smallint    NOT NULL CHECK (status BETWEEN 1 AND 10),
    occurred_at timestamptz NOT NULL,
    document    bytea       NOT NULL,
    PRIMARY KEY (tenant, code, version, recorded_at)
) PARTITION BY RANGE (recorded_at);

CREATE INDEX dossier_event_id ON dossier_event (tenant, code, event_id);

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'history is append-only: % on % is refused', TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END
$$;

CREATE TRIGGER dossier_event_append_only BEFORE UPDATE OR DELETE ON dossier_event
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE payment (
    tenant         text        NOT NULL,
    payment_id     text        NOT NULL CHECK (payment_id ~ '^[0-9A-Z]{1,20}$'),
    dossier_code   text        NOT NULL,
    amount         bigint      NOT NULL CHECK (amount > 0),
    currency       text        NOT NULL,
    state          text        NOT NULL,
    system         text        NOT NULL,
    pay_url        text        NOT NULL DEFAULT '',
    transaction_id text        NOT NULL DEFAULT '',
    paid_at        timestamptz,
    notices        integer     NOT NULL DEFAULT 0,
    document       bytea       NOT NULL,
    created_at     timestamptz NOT NULL,
    updated_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, payment_id)
);

CREATE INDEX payment_by_dossier ON payment (tenant, dossier_code);

-- Each đồng is posted once: one row per payment, and the platform's own transaction number is never posted twice.
CREATE TABLE posting (
    tenant         text        NOT NULL,
    payment_id     text        NOT NULL,
    system         text        NOT NULL,
    transaction_id text        NOT NULL,
    amount         bigint      NOT NULL CHECK (amount > 0),
    currency       text        NOT NULL,
    source         text        NOT NULL,
    posted_at      timestamptz NOT NULL,
    PRIMARY KEY (tenant, payment_id),
    UNIQUE (tenant, system, transaction_id),
    FOREIGN KEY (tenant, payment_id) REFERENCES payment (tenant, payment_id)
);

-- Not partitioned: a notice of last month must still be known as a duplicate.
CREATE TABLE inbox (
    tenant      text        NOT NULL,
    system      text        NOT NULL,
    event       text        NOT NULL,
    key         text        NOT NULL,
    received_at timestamptz NOT NULL,
    deliveries  integer     NOT NULL DEFAULT 1,
    result      text        NOT NULL DEFAULT '',
    PRIMARY KEY (tenant, system, event, key)
);
