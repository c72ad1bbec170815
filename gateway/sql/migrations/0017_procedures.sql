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

-- The version in force when a dossier was first taken in, for good. NULL: none was kept then.
CREATE TABLE dossier_procedure (
    tenant   text        NOT NULL,
    dossier  text        NOT NULL,
    code     text        NOT NULL,
    version  integer,
    taken_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, dossier)
);

-- What was taken in before today was taken in under nobody knows which version; its procedure is in the sealed document.
INSERT INTO dossier_procedure (tenant, dossier, code, version, taken_at)
SELECT tenant, code, '', NULL, created_at FROM dossier;

CREATE INDEX dossier_procedure_code ON dossier_procedure (tenant, code);
