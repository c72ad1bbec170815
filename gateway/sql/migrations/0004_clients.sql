-- Who may call, and which answers were given under which Idempotency-Key.

CREATE TABLE client (
    tenant        text        NOT NULL,
    client_id     text        NOT NULL,
    title         text        NOT NULL,
    scopes        text[]      NOT NULL,
    agencies      text[]      NOT NULL DEFAULT '{}',
    secret_digest bytea       NOT NULL,               -- keyed digest; the secret itself is stored nowhere
    created_at    timestamptz NOT NULL,
    revoked_at    timestamptz,
    PRIMARY KEY (tenant, client_id)
);

-- One row per key. `answer` is sealed and empty while the first request is in progress.
CREATE TABLE idempotency (
    tenant      text        NOT NULL,
    client_id   text        NOT NULL,
    key_digest  bytea       NOT NULL,
    fingerprint bytea       NOT NULL,                 -- of method, path and body
    started_at  timestamptz NOT NULL,
    answer      bytea,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, client_id, key_digest)
);

CREATE INDEX idempotency_expiry ON idempotency (expires_at);
