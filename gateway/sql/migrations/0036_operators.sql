-- Who runs the gateway, how they prove it, and what one asks for and another one allows.
-- `password` is an Argon2id hash; `secrets` (title, secret of the second factor) is sealed; of sessions and recovery
-- codes only keyed digests are stored.
CREATE TABLE operator (
    tenant        text        NOT NULL,
    login         text        NOT NULL,
    roles         text[]      NOT NULL,
    password      text        NOT NULL,
    secrets       bytea       NOT NULL,
    recovery      bytea[]     NOT NULL DEFAULT '{}',
    last_step     bigint      NOT NULL DEFAULT 0,      -- of the newest code that was used (RFC 6238 5.2)
    created_at    timestamptz NOT NULL,
    disabled_at   timestamptz,
    last_login_at timestamptz,
    PRIMARY KEY (tenant, login)
);

CREATE TABLE operator_session (
    tenant   text        NOT NULL,
    digest   bytea       NOT NULL,
    login    text        NOT NULL,
    begun_at timestamptz NOT NULL,
    seen_at  timestamptz NOT NULL,
    PRIMARY KEY (tenant, digest)
);

CREATE INDEX operator_session_login ON operator_session (tenant, login);

-- Log-ins that failed, by login and by keyed digest of the address.
CREATE TABLE operator_failure (
    tenant   text        NOT NULL,
    party    text        NOT NULL,
    failures integer     NOT NULL,
    last_at  timestamptz NOT NULL,
    until_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, party)
);

CREATE TABLE approval (
    tenant     text        NOT NULL,
    id         text        NOT NULL,
    act        text        NOT NULL,
    parameters jsonb       NOT NULL,                  -- no personal data
    digest     bytea       NOT NULL,                  -- of act and parameters
    reason     bytea       NOT NULL,                  -- sealed
    asked_by   text        NOT NULL,
    asked_at   timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    state      text        NOT NULL DEFAULT 'asked',
    decided_by text        NOT NULL DEFAULT '',
    decided_at timestamptz,
    used_at    timestamptz,
    PRIMARY KEY (tenant, id),
    CHECK (decided_by <> asked_by)
);

CREATE INDEX approval_usable ON approval (tenant, digest) WHERE state = 'allowed';
