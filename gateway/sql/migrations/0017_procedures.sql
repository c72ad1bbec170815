-- Procedures as the national database told them: each telling that differs from the one before is a version, for good.
CREATE TABLE procedure_version (
    tenant       text        NOT NULL,
    code         text        NOT NULL,
    version      integer     NOT NULL CHECK (version > 0),
    digest       text        NOT NULL,
    document     jsonb       NOT NULL,
    fetched_at   timestamptz NOT NULL,                -- first told
    confirmed_at timestamptz NOT NULL,                -- last told the same
    PRIMARY KEY (tenant, code, version)
);

-- What was last taken in for a question or for the ratings of a month: the same again is not sent again.
CREATE TABLE feedback_taken (
    tenant   text        NOT NULL,
    key      text        NOT NULL,
    digest   bytea       NOT NULL,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, key)
);
