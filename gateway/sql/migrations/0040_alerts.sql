-- Báo tin: rules over figures, how each stands, whom to tell, and what is still to be told. Nothing of a citizen.
CREATE TABLE alert_rule (
    tenant    text             NOT NULL,
    id        bigint           GENERATED ALWAYS AS IDENTITY,
    name      text             NOT NULL,
    metric    text             NOT NULL,
    subject   text             NOT NULL,             -- a system, or a kind of alarm; empty: each
    raise_at  double precision NOT NULL,
    clear_at  double precision NOT NULL,             -- another than raise_at: hysteresis
    for_s     integer          NOT NULL CHECK (for_s >= 0),
    quiet_s   integer          NOT NULL CHECK (quiet_s >= 0),
    receivers bigint[]         NOT NULL,             -- empty: every one
    is_on     boolean          NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- E-mail addresses are those of staff: sealed, as secrets are.
CREATE TABLE alert_receiver (
    tenant  text   NOT NULL,
    id      bigint GENERATED ALWAYS AS IDENTITY,
    name    text   NOT NULL,
    channel text   NOT NULL CHECK (channel IN ('email', 'webhook')),
    sealed  bytea  NOT NULL,                          -- address and secret
    PRIMARY KEY (tenant, id)
);

CREATE TABLE alert_standing (
    tenant    text        NOT NULL,
    rule_id   bigint      NOT NULL,
    subject   text        NOT NULL,
    is_raised boolean     NOT NULL,
    since     timestamptz,                            -- of the other side's threshold; NULL: not beyond it
    told_at   timestamptz,
    is_told   boolean     NOT NULL,
    PRIMARY KEY (tenant, rule_id, subject),
    FOREIGN KEY (tenant, rule_id) REFERENCES alert_rule (tenant, id) ON DELETE CASCADE
);

CREATE TABLE alert_telling (
    tenant      text        NOT NULL,
    id          bigint      GENERATED ALWAYS AS IDENTITY,
    event_id    text        NOT NULL,                 -- the same at each try
    receiver_id bigint      NOT NULL,
    document    jsonb       NOT NULL,
    created_at  timestamptz NOT NULL,
    due         timestamptz,
    state       text        NOT NULL CHECK (state IN ('waiting', 'told', 'dropped')),
    tries       integer     NOT NULL,
    trouble     text        NOT NULL,
    owner       text        NOT NULL DEFAULT '',
    lease_until timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK ((state = 'waiting') = (due IS NOT NULL))
);

CREATE INDEX alert_telling_due ON alert_telling (tenant, due) WHERE state = 'waiting';
