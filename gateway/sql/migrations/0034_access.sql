-- Further ways in, narrower rights, and what each client has called.
ALTER TABLE client
    ADD COLUMN procedures     text[]  NOT NULL DEFAULT '{}',  -- national codes; none: all of its purposes
    ADD COLUMN operations     text[]  NOT NULL DEFAULT '{}',  -- ids in the OpenAPI document; none: all of its scopes
    ADD COLUMN networks       text[]  NOT NULL DEFAULT '{}',  -- CIDR; none: from anywhere
    ADD COLUMN ways           text[]  NOT NULL DEFAULT '{}',  -- certificates and token subjects; each is one client's
    ADD COLUMN per_minute     integer,                        -- calls; NULL: as the settings say
    ADD COLUMN per_day        integer,
    ADD COLUMN secret_until   timestamptz,                    -- its key ends then
    ADD COLUMN earlier_digest bytea   NOT NULL DEFAULT '',    -- the key before it, while a rotation lasts
    ADD COLUMN earlier_until  timestamptz;

CREATE INDEX client_ways ON client USING gin (ways);

-- Calls of a client in a minute or a day of the clock in Vietnam. A process adds what it counted, some at a time.
CREATE TABLE client_usage (
    tenant    text        NOT NULL,
    client_id text        NOT NULL,
    span      text        NOT NULL,
    began_at  timestamptz NOT NULL,
    n         bigint      NOT NULL,
    PRIMARY KEY (tenant, client_id, span, began_at)
);

CREATE INDEX client_usage_age ON client_usage (tenant, began_at);

-- The last day on which a client used a right: what it has and never uses is taken away in the yearly review.
CREATE TABLE client_right_used (
    tenant    text NOT NULL,
    client_id text NOT NULL,
    scope     text NOT NULL,
    last_on   date NOT NULL,
    PRIMARY KEY (tenant, client_id, scope)
);
