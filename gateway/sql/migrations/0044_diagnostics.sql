-- Chẩn đoán: the last tries of each partner, step by step. No personal data: names of steps, verdicts, technical facts.
CREATE TABLE diagnosis (
    tenant   text        NOT NULL,
    system   text        NOT NULL,
    id       text        NOT NULL,
    line     text        NOT NULL,                    -- the way that was tried: direct, or a platform
    actor    text        NOT NULL,
    began_at timestamptz NOT NULL,
    ended_at timestamptz,                             -- NULL: under way, or cut off
    steps    jsonb       NOT NULL,                    -- gateway.diagnostics.model.Finding
    PRIMARY KEY (tenant, system, id)
);
CREATE INDEX diagnosis_began ON diagnosis (tenant, system, began_at);

-- Ánh xạ: each text of a mapping that was ever used here, with the code lists that it names. Rules are not personal data.
CREATE TABLE mapping_version (
    tenant        text        NOT NULL,
    system        text        NOT NULL,
    operation     text        NOT NULL,
    version       integer     NOT NULL,
    digest        text        NOT NULL,               -- SHA-256, hex, of the text and the lists
    source        text        NOT NULL,
    codes         jsonb       NOT NULL,               -- name of the list: its text
    first_used_at timestamptz NOT NULL,
    PRIMARY KEY (tenant, system, operation, version, digest)
);
