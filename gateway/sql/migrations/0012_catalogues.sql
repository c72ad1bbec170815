-- Shared code lists as the portal publishes them. A code that vanished keeps its row and its last day.
CREATE TABLE catalogue_entry (
    tenant     text NOT NULL,
    catalogue  text NOT NULL,
    code       text NOT NULL,
    name       text NOT NULL,
    valid_from date NOT NULL,
    valid_to   date,                                  -- the last day; NULL: in force
    PRIMARY KEY (tenant, catalogue, code, valid_from)
);

CREATE TABLE catalogue_sync (
    tenant    text        NOT NULL,
    catalogue text        NOT NULL,
    at        timestamptz NOT NULL,
    applied   boolean     NOT NULL,                   -- false: so much was gone that a person must look first
    added     jsonb       NOT NULL,
    changed   jsonb       NOT NULL,
    vanished  jsonb       NOT NULL,
    PRIMARY KEY (tenant, catalogue, at)
);

-- Dossiers that wait because they name a code that no catalogue knows.
CREATE TABLE quarantine (
    tenant    text        NOT NULL,
    target    text        NOT NULL,
    key       text        NOT NULL,
    catalogue text        NOT NULL,
    code      text        NOT NULL,
    since     timestamptz NOT NULL,
    PRIMARY KEY (tenant, target, key, catalogue, code)
);
