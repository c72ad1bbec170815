-- Verifications that are asked again. `request` and `result` are sealed, and NULL once erased; the rest of a row speaks
-- of no person and stays. `due`: when a worker next has something to do; `owner` holds it until `lease_until`.
CREATE TABLE recheck (
    tenant           text        NOT NULL,
    recheck_id       text        NOT NULL,
    client_id        text        NOT NULL,
    operation        text        NOT NULL,
    dossier_code     text        NOT NULL,
    reference        text        NOT NULL,
    trace_id         text        NOT NULL,
    created_at       timestamptz NOT NULL,
    due              timestamptz,
    state            text        NOT NULL CHECK (state IN ('waiting', 'answered', 'given_up', 'withdrawn')),
    tries            integer     NOT NULL DEFAULT 0,
    trouble          text        NOT NULL DEFAULT '',
    ended_at         timestamptz,
    callback         text        NOT NULL CHECK (callback IN ('none', 'waiting', 'delivered', 'given_up')),
    callback_tries   integer     NOT NULL DEFAULT 0,
    callback_trouble text        NOT NULL DEFAULT '',
    erased_at        timestamptz,
    request          bytea,
    result           bytea,
    owner            text        NOT NULL DEFAULT '',
    lease_until      timestamptz,
    PRIMARY KEY (tenant, recheck_id),
    CHECK ((state = 'waiting') = (ended_at IS NULL)),
    CHECK (state <> 'waiting' OR (due IS NOT NULL AND request IS NOT NULL))
);

CREATE INDEX recheck_due ON recheck (tenant, due) WHERE due IS NOT NULL;
CREATE INDEX recheck_newest ON recheck (tenant, created_at);
CREATE INDEX recheck_erasure ON recheck (tenant, ended_at) WHERE erased_at IS NULL AND ended_at IS NOT NULL;

-- Where a client is called. The secret signs what is sent, so it must be read again: it is sealed, not digested.
CREATE TABLE receiver (
    tenant    text  NOT NULL,
    client_id text  NOT NULL,
    url       text  NOT NULL,
    secret    bytea NOT NULL,
    PRIMARY KEY (tenant, client_id)
);
